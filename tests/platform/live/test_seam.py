"""However listeners come, go and dawdle: nothing is missing, and nothing comes twice."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemos.live import groups, log_group
from mnemos_graph.model import Scope
from tests.platform.live.hearing import ANN, ORGANIZATION, Ear, Telling, telling
from tests.waiting import until


class Write(NamedTuple):
    together: int
    anns: bool = True


class Come(NamedTuple):
    back: int | None
    """So many positions behind the end; None: from now on."""
    anns: bool
    """Listens only to what is Ann's."""


class Dawdle(NamedTuple):
    who: int


class GoOn(NamedTuple):
    who: int


class Turn(NamedTuple):
    """Others have their turn on the event loop."""

    times: int


class Forget(NamedTuple):
    """What is kept for those who come back is gone, as where something was erased."""


Step = Write | Come | Dawdle | GoOn | Turn | Forget
STEPS = st.lists(
    st.one_of(
        st.builds(Write, st.integers(1, 5), st.booleans()),
        st.builds(Come, st.none() | st.integers(0, 12), st.booleans()),
        st.builds(Dawdle, st.integers(0, 5)),
        st.builds(GoOn, st.integers(0, 5)),
        st.builds(Turn, st.integers(1, 30)),
        st.just(Forget()),
    ),
    max_size=25,
)
BOB = Scope(user_id="bob")


class Listened(NamedTuple):
    ear: Ear
    start: int
    anns: bool


class Scene:
    def __init__(self, told: Telling) -> None:
        self.told = told
        self.listened: list[Listened] = []
        self.anns: set[int] = set()
        """The positions of what is Ann's."""
        self._coming: list[asyncio.Task[None]] = []

    async def carry_out(self, step: Step) -> None:
        match step:
            case Write(together, anns):
                before = self.told.written
                await self.told.write(together, ANN if anns else BOB)
                self.anns |= set(range(before + 1, self.told.written + 1)) if anns else set()
            case Come():
                await self._come(step)
            case Dawdle(who) if who < len(self.listened):
                self.listened[who].ear.stop()
            case GoOn(who) if who < len(self.listened):
                self.listened[who].ear.go_on()
            case Turn(times):
                for _ in range(times):
                    await asyncio.sleep(0)
            case Forget():
                self.told.program.services.feed.erasures[ORGANIZATION] += 1
            case _:
                """Nobody is there to dawdle."""

    async def all_heard(self) -> None:
        """Check that everybody heard all that they asked for, and nothing else."""
        await self.carry_out(Write(2))
        for each in self.listened:
            each.ear.go_on()
        await asyncio.gather(*self._coming)
        for ear, start, anns in self.listened:
            await self.told.settled(ear)
            behind = range(start + 1, self.told.written + 1)
            assert ear.texts == [str(n) for n in behind if not anns or n in self.anns]
            assert not ear.ended

    async def _come(self, come: Come) -> None:
        ear, written = Ear(), self.told.written
        start = written if come.back is None else max(0, written - come.back)
        scope: dict[str, Any] = {"scope": {"userId": "ann"}} if come.anns else {}
        after = None if come.back is None else start
        listening = asyncio.create_task(self.told.listen(ear, after, **scope))
        self.listened.append(Listened(ear, start, come.anns))
        self._coming.append(listening)
        if come.back is None:
            await until(lambda: bool(ear.pages))


@pytest.mark.parametrize(("kept", "reach"), [(1 << 20, 10_000), (1, 10_000), (1 << 20, 0)])
@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_every_listener_hears_all_behind_its_place_in_order(
    kept: int, reach: int, steps: list[Step]
) -> None:
    async def scene() -> None:
        async with telling() as told:
            played = Scene(told)
            for step in (Write(3), *steps):
                await played.carry_out(step)
            await played.all_heard()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "KEPT_BYTES", kept)
        patch.setattr(groups, "LEAST_BYTES", kept)
        patch.setattr(log_group, "REACH", reach)
        patch.setattr("mnemos_schema.changes.PAGE", 3)
        patch.setattr("mnemos_schema.pacing.PAUSE_SECONDS", 0.01)
        asyncio.run(scene())
