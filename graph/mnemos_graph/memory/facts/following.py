"""Memories end with the facts that they rest on, and hold again with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from mnemos_graph.model import Fact, Memory, RecordId


def followed(
    memory: Memory,
    before: Mapping[RecordId, Fact],
    after: Mapping[RecordId, Fact],
    says: Mapping[RecordId, RecordId],
) -> Memory:
    """Return a memory as the change of its facts leaves it, under the same version.

    A memory holds as long as any of its facts does. One that was ended at another time than its
    facts, by somebody's own word, is left as it is. ``says`` names the memory that says a fact, so
    that what ended a fact is known to supersede its memory. A memory that began with its facts goes
    on to do so.
    """
    was = _believed(memory, before)
    now = _believed(memory, after)
    if now and memory.valid_from == _begin(was):
        memory = replace(memory, valid_from=_begin(now))
    if not now or memory.valid_to != _end(was):
        return memory
    end = _end(now)
    if end is None:
        return replace(memory, valid_to=None, superseded_by=None)
    last = max(now, key=lambda fact: (fact.valid_to or end, fact.id))
    by = says.get(last.closed_by) if last.closed_by else None
    kept = memory.superseded_by if end == memory.valid_to else None
    return replace(memory, valid_to=end, superseded_by=by if by and by != memory.id else kept)


def released(memory: Memory, facts: Mapping[RecordId, Fact]) -> Memory:
    """Return a memory whose successor is gone: it holds again, unless its facts have ended."""
    if _end(_believed(memory, facts)) is None:
        return replace(memory, valid_to=None, superseded_by=None)
    return replace(memory, superseded_by=None)


def _believed(memory: Memory, facts: Mapping[RecordId, Fact]) -> list[Fact]:
    held = (facts[id_] for id_ in memory.fact_ids if id_ in facts)
    return [fact for fact in held if fact.invalidated_at is None]


def _end(facts: Iterable[Fact]) -> datetime | None:
    ends = [fact.valid_to for fact in facts]
    return None if None in ends else max((end for end in ends if end), default=None)


def _begin(facts: Iterable[Fact]) -> datetime | None:
    begins = [fact.valid_from for fact in facts]
    return None if None in begins else min((begin for begin in begins if begin), default=None)
