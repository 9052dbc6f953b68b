"""A day of facts, told out of order: what held when, as it was known when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from mnemos_graph.memory.facts.facts import Facts, NewFact
from mnemos_graph.memory.facts.naming import EntityRef
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.model import RecordId
from tests.conformance.samples import ACME, ANN, day

MOMENTS = [0, 2, 4, 6, 8, 10]
"""The days at which the world is asked about, at every step."""

Told = list[str]
Known = list[Told]


async def state(facts: Facts, place: str, since: float) -> RecordId:
    ann = EntityRef(name="Ann", kind="PERSON")
    new = NewFact(subject=ann, predicate="lives_in", value=place, scope=ANN, valid_from=day(since))
    return (await facts.assert_(ACME, new)).fact.id


async def places(facts: Facts, known_at: datetime | None = None) -> Sequence[str]:
    """Return where Ann lived at each of the moments; - where nobody knew."""
    found: Told = []
    for moment in MOMENTS:
        page = await facts.find(
            ACME, ReadScope(user_id="ann"), as_of=day(moment), known_at=known_at
        )
        found.append("+".join(str(each.value) for each in page.records) or "-")
    return found


async def test_what_held_and_what_was_known_are_right_at_every_step(facts: Facts) -> None:
    steps: list[datetime] = []
    known: Known = []

    async def see(expected: str) -> None:
        assert await places(facts) == expected.split()
        await asyncio.sleep(0.002)  # the log's instants are the store's own
        steps.append(datetime.now(UTC))
        known.append(expected.split())
        await asyncio.sleep(0.002)

    await see("- - - - - -")
    bergen = await state(facts, "Bergen", since=5)
    await see("- - - Bergen Bergen Bergen")
    oslo = await state(facts, "Oslo", since=1)
    await see("- Oslo Oslo Bergen Bergen Bergen")
    rome = await state(facts, "Rome", since=9)
    await see("- Oslo Oslo Bergen Bergen Rome")
    await state(facts, "Kiel", since=3)
    await see("- Oslo Kiel Bergen Bergen Rome")
    await facts.end(ACME, bergen, day(7))
    await see("- Oslo Kiel Bergen - Rome")
    await facts.invalidate(ACME, rome)
    await see("- Oslo Kiel Bergen - -")
    await facts.invalidate(ACME, bergen)
    await see("- Oslo Kiel Kiel Kiel Kiel")
    await facts.invalidate(ACME, oslo)
    await see("- - Kiel Kiel Kiel Kiel")

    for step, expected in zip(steps, known, strict=True):
        assert await places(facts, known_at=step) == expected
