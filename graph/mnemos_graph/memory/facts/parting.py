"""What was told again and again, parted where something else turns out to lie in between.

"Rome" told on day 10 and day 30 is one fact with two tellings. Once "Oslo" is told of day 20, the
later telling is a fact of its own, and a memory that rests on both tellings is two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mnemos_graph.memory.facts.supports import Supports
from mnemos_graph.model import Fact, Memory, RecordId, Support, new_id


@dataclass(frozen=True, slots=True)
class Parted:
    fact: RecordId
    later: RecordId
    """The fact that has what was told later than ``at``."""
    at: datetime


class Parting:
    def __init__(self, supports: Supports, now: datetime) -> None:
        self._supports = supports
        self._now = now
        self.parted: list[Parted] = []

    async def part(self, fact: Fact, at: datetime, into: Fact | None) -> tuple[Fact, ...]:
        """Return what a fact comes to without the tellings later than ``at``, and their own fact.

        They support ``into`` where that says the same. Nothing is returned where nothing changes.
        """
        tellings = await self._supports.of(fact.id)
        later = [each for each in tellings if each.told_at > at]
        if not later:
            return ()
        found: tuple[Fact, ...] = (fact,)
        rest, by = later, into
        if by is None:
            first, *rest = later
            self._supports.remove(first)
            direct = any(each.episode_id is None for each in tellings if each.told_at <= at)
            by = _begun_anew(fact, first, rest, self._now)
            left = replace(fact, asserted=fact.asserted and (not fact.sources or direct))
            if by.ended_at is not None:
                left = replace(left, ended_at=None, ended_by=None)
            found = (left, by)
        for each in rest:
            await self._supports.move(each, by.id)
        self.parted.append(Parted(fact.id, by.id, at))
        return found

    async def is_parted_at(self, fact: Fact | None, at: datetime) -> bool:
        """Return whether there is a fact that was told again later than ``at``."""
        return fact is not None and any(
            each.told_at > at for each in await self._supports.of(fact.id)
        )

    def facts_at(self, facts: Sequence[RecordId], at: datetime) -> tuple[RecordId, ...]:
        """Return the facts that something told at that time rests on, where it named ``facts``."""
        return tuple(dict.fromkeys(self._standing(id_, at) for id_ in facts))

    def repointed(self, memory: Memory) -> Memory:
        return replace(memory, fact_ids=self.facts_at(memory.fact_ids, _said_at(memory)))

    async def copies(self, memory: Memory) -> list[tuple[Memory, list[Support]]]:
        """Return a memory for each of a memory's tellings that now rest on other facts than it.

        Each comes with the tellings that it has; the first of them is the source that it names.
        """
        own = self.facts_at(memory.fact_ids, _said_at(memory))
        groups: dict[tuple[RecordId, ...], list[Support]] = defaultdict(list)
        for each in await self._supports.of(memory.id):
            groups[self.facts_at(memory.fact_ids, each.told_at)].append(each)
        groups.pop(own, None)
        return [
            (self._copy(memory, facts, tellings), tellings) for facts, tellings in groups.items()
        ]

    async def hand_over(self, copy: Memory, tellings: Sequence[Support]) -> None:
        """Let tellings support ``copy``, but for those that it names itself."""
        for each in tellings:
            if each.episode_id in copy.sources:
                self._supports.remove(each)
            else:
                await self._supports.move(each, copy.id)

    def _copy(
        self, memory: Memory, facts: tuple[RecordId, ...], tellings: Sequence[Support]
    ) -> Memory:
        first = tellings[0]
        return replace(
            memory,
            id=new_id(),
            version=1,
            created_at=self._now,
            updated_at=self._now,
            sources=(first.episode_id,) if first.episode_id else (),
            occurred_at=first.told_at,
            fact_ids=facts,
            valid_from=None,
            valid_to=None,
            superseded_by=None,
        )

    def _standing(self, id: RecordId, at: datetime) -> RecordId:
        standing = id
        while known := [each for each in self.parted if each.fact == standing and each.at < at]:
            standing = max(known, key=lambda each: each.at).later
        return standing


def _said_at(memory: Memory) -> datetime:
    return memory.occurred_at or memory.created_at


def _begun_anew(fact: Fact, first: Support, rest: Sequence[Support], now: datetime) -> Fact:
    ends = fact.ended_at is not None and fact.ended_at > first.told_at
    return replace(
        fact,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        valid_from=None,
        told_at=first.told_at,
        valid_to=None,
        closed_by=None,
        ended_at=fact.ended_at if ends else None,
        ended_by=fact.ended_by if ends else None,
        sources=(first.episode_id,) if first.episode_id else (),
        asserted=any(each.episode_id is None for each in (first, *rest)),
    )
