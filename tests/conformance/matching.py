"""The filter algebra, said once more in plain Python: what the backends' queries must mean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from mnemos_graph.model import Record
from mnemos_graph.model.words import words
from mnemos_graph.store import (
    Condition,
    Equal,
    Filter,
    Find,
    HasAll,
    HasPairs,
    HasWords,
    In,
    Page,
    Present,
    Range,
)

R = TypeVar("R", bound=Record)


def matches(record: Record, where: Filter) -> bool:
    return all(_holds(record, condition) for condition in where)


def page(question: Find[R], live: Sequence[R]) -> Page[R]:
    found = [record for record in live if matches(record, question.where)]
    order, mark = question.order, question.after

    def place(value: Any, id_: str) -> tuple[bool, Any, str]:
        return (value is not None) == order.descending, value if value is not None else 0, id_

    def key(record: Record) -> tuple[bool, Any, str]:
        return place(_plain(record.field(order.field)), record.id)

    found.sort(key=key, reverse=order.descending)
    rest = found
    if mark is not None:
        border = place(_plain(mark.value), mark.id)
        rest = [
            record
            for record in found
            if (key(record) < border if order.descending else key(record) > border)
        ]
    total = len(found) if question.count_to > 0 and len(found) <= question.count_to else None
    return Page(tuple(rest[: question.first]), len(rest) > question.first, total)


def _holds(record: Record, condition: Condition) -> bool:
    if isinstance(condition, HasWords):
        return set(words(condition.text)) <= set(words(record.searchable()))
    value = _plain(record.field(condition.field))
    match condition:
        case Equal(_, wanted):
            held = value == _plain(wanted)
        case In(_, several):
            held = value in [_plain(each) for each in several]
        case HasAll(_, texts):
            held = set(texts) <= set(value)
        case HasPairs(_, pairs):
            held = all(key in value and _same(value[key], each) for key, each in pairs.items())
        case Present(_, present):
            held = bool(value or value == 0) == present
        case Range():
            held = condition.or_absent if value is None else _within(value, condition)
    return bool(held)


def _within(value: float | datetime, bounds: Range) -> bool:
    return (
        (bounds.at_least is None or value >= bounds.at_least)  # type: ignore[operator]
        and (bounds.above is None or value > bounds.above)  # type: ignore[operator]
        and (bounds.at_most is None or value <= bounds.at_most)  # type: ignore[operator]
        and (bounds.below is None or value < bounds.below)  # type: ignore[operator]
    )


def _same(held: Any, wanted: Any) -> bool:
    """JSON equality: true is not 1."""
    return isinstance(held, bool) == isinstance(wanted, bool) and bool(held == wanted)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value
