"""Memories end with the facts that they rest on, and hold again with them.

A memory is one sentence, which is true as long as all that it states is. So it ends when the first
relation with one value at a time that it states has ended ("works at Acme as a nurse" with the
work at Acme), and where it states no such relation, when the last of its facts has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from mnemos_graph.language.relations import single_valued
from mnemos_graph.model import Fact, Memory, RecordId


def followed(
    memory: Memory,
    before: Mapping[RecordId, Fact],
    after: Mapping[RecordId, Fact],
    says: Mapping[RecordId, RecordId],
) -> Memory:
    """Return a memory as the change of its facts leaves it, under the same version.

    One that was ended at another time than its facts, by somebody's own word, is left as it is.
    ``says`` names the memory that says a fact, so that what ended a fact is known to supersede its
    memory. A memory that began with its facts goes on to do so.
    """
    was = _believed(memory, before)
    now = _believed(memory, after)
    if now and memory.valid_from == _begin(was):
        memory = replace(memory, valid_from=_begin(now))
    if not now or memory.valid_to != end_of(was):
        return memory
    end = end_of(now)
    if end is None:
        return replace(memory, valid_to=None, superseded_by=None)
    last = max((fact for fact in now if fact.valid_to == end), key=lambda fact: fact.id)
    by = says.get(last.closed_by) if last.closed_by else None
    kept = memory.superseded_by if end == memory.valid_to else None
    return replace(memory, valid_to=end, superseded_by=by if by and by != memory.id else kept)


def released(memory: Memory, facts: Mapping[RecordId, Fact]) -> Memory:
    """Return a memory whose successor is gone: it holds again, unless its facts have ended."""
    if end_of(_believed(memory, facts)) is None:
        return replace(memory, valid_to=None, superseded_by=None)
    return replace(memory, superseded_by=None)


def lasting(fact: Fact, facts: Mapping[RecordId, Fact], target: Callable[[Fact], str]) -> Fact:
    """Return a fact with the end that what it says has.

    Where entities were merged, what was said of one name ends what was said of the other, also where
    it says the same; nothing stopped being so by that.
    """
    lasts, seen = fact, {fact.id}
    while (
        (closer := facts.get(lasts.closed_by or RecordId("")))
        and closer.id not in seen
        and closer.subject_id != fact.subject_id
        and target(closer) == target(fact)
    ):
        seen.add(closer.id)
        lasts = replace(lasts, valid_to=closer.valid_to, closed_by=closer.closed_by)
    return lasts


def end_of(facts: Collection[Fact]) -> datetime | None:
    """Return when a memory that states these facts ends; None: not yet, as far as is known."""
    stated: dict[tuple[RecordId, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if single_valued(fact.predicate):
            stated[fact.subject_id, fact.predicate].append(fact)
    if not stated:
        return _last(facts)
    return min((end for of_one in stated.values() if (end := _last(of_one))), default=None)


def _believed(memory: Memory, facts: Mapping[RecordId, Fact]) -> list[Fact]:
    held = (facts[id_] for id_ in memory.fact_ids if id_ in facts)
    return [fact for fact in held if fact.invalidated_at is None]


def _begin(facts: Iterable[Fact]) -> datetime | None:
    begins = [fact.valid_from for fact in facts]
    return None if None in begins else min((begin for begin in begins if begin), default=None)


def _last(facts: Iterable[Fact]) -> datetime | None:
    ends = [fact.valid_to for fact in facts]
    return None if None in ends else max((end for end in ends if end), default=None)
