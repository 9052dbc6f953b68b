"""Which memories of a partition fulfil a filter, as far as the index can tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.partition import ABSENT_INSTANT, PartitionIndex
from mnemos_graph.model import RecordId
from mnemos_graph.model.instants import micros
from mnemos_graph.store import Condition, Equal, Filter, In, Present, Range, Sign

Mask = NDArray[np.bool_]

_COMPARE: Mapping[Sign, np.ufunc] = {
    ">=": np.greater_equal,
    ">": np.greater,
    "<=": np.less_equal,
    "<": np.less,
}
_TEXTS = frozenset({"user_id", "agent_id", "session_id", "type", "level"})
_INSTANTS = frozenset({"created_at", "updated_at", "valid_from", "valid_to", "expires_at"})


def decides(condition: Condition) -> bool:
    """Return whether the index keeps what the condition asks for; the store is asked for others."""
    if isinstance(condition, Equal | In | Present):
        return condition.field in _TEXTS
    if isinstance(condition, Range):
        return condition.field in _INSTANTS or condition.field == "importance"
    return False


def sift(index: PartitionIndex, where: Filter) -> Mask:
    """Return for each memory whether it is live and fulfils every condition, all of them decided."""
    found = index.alive.copy()
    for condition in where:
        found &= _fulfils(index, condition)
    return found


def among(index: PartitionIndex, ids: Collection[RecordId]) -> Mask:
    """Return for each memory whether it is one of ``ids``."""
    found = np.zeros(len(index), np.bool_)
    found[[index.numbers[each] for each in ids if each in index.numbers]] = True
    return found


def _fulfils(index: PartitionIndex, condition: Condition) -> Mask:
    match condition:
        case Equal(name, value):
            return index.texts[name].among((_text(value),))
        case In(name, values):
            return index.texts[name].among(tuple(map(_text, values)))
        case Present(name, present):
            absent = index.texts[name].among((None,))
            return ~absent if present else absent
        case Range():
            return _within(index, condition)
        case _:
            raise TypeError(f"The index cannot decide {condition!r}; ask the store.")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _within(index: PartitionIndex, asked: Range) -> Mask:
    held: NDArray[Any]
    if asked.field == "importance":
        held, absent = index.importance.held, np.zeros(len(index), np.bool_)
    else:
        held = index.instants[asked.field].held
        absent = index.instants[asked.field].held == ABSENT_INSTANT
    found = ~absent
    for sign, limit in asked.bounds:
        found &= _COMPARE[sign](held, _number(limit))
    return found | absent if asked.or_absent else found


def _number(limit: float | datetime) -> float:
    return micros(limit) if isinstance(limit, datetime) else limit
