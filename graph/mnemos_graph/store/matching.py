"""What the filter algebra means for records that are at hand, for whoever need not ask a backend."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, TypeVar

from mnemos_graph.model import Record
from mnemos_graph.model.words import words
from mnemos_graph.store.filters import (
    Condition,
    Equal,
    Filter,
    Find,
    HasAll,
    HasPairs,
    HasWords,
    In,
    Mark,
    Order,
    Page,
    Present,
    Range,
)

R = TypeVar("R", bound=Record)
Place = tuple[bool, Any, str]


def fulfils(record: Record, where: Filter) -> bool:
    """Return whether ``record`` fulfils every condition, all of them declared by its kind."""
    return all(_holds(record, condition) for condition in where)


def page_of(question: Find[R], candidates: Iterable[R]) -> Page[R]:
    """Return the page that answers ``question`` where only ``candidates`` are live.

    ``known_at`` is not looked at: the candidates are what was live then.
    """
    found = [each for each in candidates if fulfils(each, question.where)]
    order = question.order

    def place(record: Record) -> Place:
        return _place(order, record.field(order.field), record.id)

    found.sort(key=place, reverse=order.descending)
    total = len(found) if question.count_to > 0 and len(found) <= question.count_to else None
    if question.after is not None:
        found = [each for each in found if _is_behind(place(each), order, question.after)]
    return Page(tuple(found[: question.first]), len(found) > question.first, total)


def _place(order: Order, value: Any, id_: str) -> Place:
    """Return what sorts a record: in either direction, those without a value come last."""
    if value is None:
        return (not order.descending, 0, id_)
    return (order.descending, value, id_)


def _is_behind(place: Place, order: Order, mark: Mark) -> bool:
    border = _place(order, mark.value, mark.id)
    return place < border if order.descending else place > border


def _holds(record: Record, condition: Condition) -> bool:
    if isinstance(condition, HasWords):
        return set(words(condition.text)).issubset(words(record.searchable()))
    value = record.field(condition.field)
    match condition:
        case Equal(_, wanted):
            held = value == wanted
        case In(_, several):
            held = value in several
        case Range():
            held = condition.or_absent if value is None else _is_within(value, condition)
        case Present(_, present):
            held = _is_present(value) is present
        case HasAll(_, texts):
            held = set(texts).issubset(value)
        case HasPairs(_, pairs):
            held = all(key in value and _is_same(value[key], pairs[key]) for key in pairs)
    return bool(held)


def _is_present(value: Any) -> bool:
    """Return whether there is a value; of several, at least one. A text may be empty."""
    if isinstance(value, Collection) and not isinstance(value, str):
        return len(value) > 0
    return value is not None


def _is_within(value: Any, bounds: Range) -> bool:
    lowest: float | datetime | None = bounds.at_least
    highest: float | datetime | None = bounds.at_most
    return (
        (lowest is None or value >= lowest)
        and (highest is None or value <= highest)
        and (bounds.above is None or value > bounds.above)
        and (bounds.below is None or value < bounds.below)
    )


def _is_same(held: Any, wanted: Any) -> bool:
    """JSON equality: true is not 1."""
    return isinstance(held, bool) is isinstance(wanted, bool) and bool(held == wanted)
