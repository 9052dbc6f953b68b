"""What a question says about where its answer can be looked up."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from mnemos_graph.model import Partition, Partitions, RecordId, RecordKind
from mnemos_graph.store import Condition, Equal, Find, In, Range

KEPT_WHOLE = frozenset({RecordKind.ENTITY, RecordKind.BLOCK})
"""Kinds of which a partition has few and every question asks others: kept with all that there is."""
LONGEST_KEPT = 100
"""Records on a page that is kept by its question."""


class Group(NamedTuple):
    """The records of one kind in one partition; None: in all of them."""

    kind: RecordKind
    partition: Partition | None


class Asked(NamedTuple):
    """A question as somebody asked it who may read some partitions."""

    question: Find[Any]
    reads: Partitions | frozenset[Partition]


def ids_of(question: Find[Any]) -> tuple[RecordId, ...] | None:
    """Return the ids among which the answer is; None: it names none."""
    for condition in question.where:
        if values := _values(condition, "id"):
            return tuple(RecordId(str(each)) for each in values if each is not None)
    return None


def groups_of(question: Find[Any]) -> tuple[Group, ...]:
    """Return the groups that the answer is taken from."""
    for condition in question.where:
        if values := _values(condition, "user_id"):
            kind = question.kind.KIND
            return tuple(Group(kind, Partition(str(each or ""))) for each in values)
    return (Group(question.kind.KIND, None),)


def is_current(question: Find[Any]) -> bool:
    """Return whether it asks what is known now, of a kind whose changes are logged."""
    return question.known_at is None and question.kind.LOGGED


def is_kept(question: Find[Any]) -> bool:
    """Return whether its answer stays the same until the log has a change of its groups.

    What holds at an instant is asked for another instant the next time.
    """
    small = question.first <= LONGEST_KEPT
    return small and is_hashable(question) and not any(map(_is_of_time, question.where))


def is_hashable(value: object) -> bool:
    """Return whether it can be a key: conditions on JSON objects cannot."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _is_of_time(condition: Condition) -> bool:
    if not isinstance(condition, Range):
        return False
    return any(isinstance(limit, datetime) for _, limit in condition.bounds)


def _values(condition: Condition, field: str) -> tuple[object, ...]:
    match condition:
        case Equal(name, value) if name == field:
            return (value,)
        case In(name, values) if name == field:
            return values
        case _:
            return ()
