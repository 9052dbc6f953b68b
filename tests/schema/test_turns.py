"""What one organization asks at the same time makes no other wait."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.model import OrganizationId
from mnemos_schema.turns import Turns

ACME, GLOBEX = OrganizationId("acme"), OrganizationId("globex")


class Work:
    """Questions that last until they are told to end."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._over = asyncio.Event()
        self.begun: list[OrganizationId] = []
        self.at_once = 0
        self.most = 0

    async def ask(self, organization: OrganizationId) -> None:
        async with self._turns.of(organization):
            self.begun.append(organization)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            try:
                await self._over.wait()
            finally:
                self.at_once -= 1

    def end(self) -> None:
        self._over.set()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_an_organization_that_asks_a_thousand_things_delays_no_other() -> None:
    work = Work(Turns(3))
    async with asyncio.TaskGroup() as tasks:
        for _ in range(1_000):
            tasks.create_task(work.ask(ACME))
        await settled()
        assert work.begun == [ACME] * 3
        tasks.create_task(work.ask(GLOBEX))
        await settled()
        assert work.begun[3:] == [GLOBEX]
        work.end()
    assert work.begun.count(ACME) == 1_000
    assert work.most <= 3 + 1


@given(st.lists(st.booleans(), max_size=20), st.lists(st.integers(0, 19), max_size=20))
def test_who_gives_up_passes_its_turn_on(globex: list[bool], gone: list[int]) -> None:
    async def live() -> None:
        turns = Turns(2)
        work = Work(turns)
        asked = [asyncio.create_task(work.ask(GLOBEX if each else ACME)) for each in globex]
        for number in gone:
            await asyncio.sleep(0)
            if number < len(asked):
                asked[number].cancel()
        await settled()
        work.end()
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert [
            number
            for number, result in enumerate(results)
            if isinstance(result, asyncio.CancelledError)
        ] == sorted({number for number in gone if number < len(asked)})
        assert len(turns) == 0, "somebody kept a turn"

    asyncio.run(live())


async def test_what_fails_passes_its_turn_on() -> None:
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            async with turns.of(ACME):
                raise ValueError("broken")
    assert len(turns) == 0
