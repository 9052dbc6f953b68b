"""Listeners to something as it is: whoever comes later is told how it is now, and what follows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from mnemos.live.payload import Payload
from mnemos.live.questions import Question, Refused
from mnemos.live.state_group import StateGroup
from mnemos_graph.identity import LOCAL_CALLER
from mnemos_graph.model import START, Head, Position
from mnemos_schema.sharing import Shared, Sharing
from tests.waiting import until

QUESTION = Question.of(LOCAL_CALLER, Shared(Sharing.STATE), "", None, {})
HEAD = Head(0, START)


class Thing:
    """Something that has a state, and executions that tell it: as ``Executions`` do."""

    def __init__(self) -> None:
        self.state = 0
        self.begun = 0
        self.over = False
        self._changed = asyncio.Event()

    def become(self, state: int) -> None:
        self.state = state
        self._changed.set()

    def end(self) -> None:
        self.over = True
        self._changed.set()

    async def answers(self, question: Question, reading: object = None) -> AsyncIterator[Payload]:
        self.begun += 1
        await asyncio.sleep(0)
        if self.state < 0:
            raise Refused(["no"])
        yield Payload(b"%d" % self.state)
        while not self.over:
            self._changed.clear()
            await self._changed.wait()
            if not self.over:
                yield Payload(b"%d" % self.state)

    async def first(self, question: Question, reading: object = None) -> Payload | None:
        async for payload in self.answers(question):
            return payload
        return None


class Ear:
    position = Position(0)
    roomy = True

    def __init__(self) -> None:
        self.gone = False
        self.told: list[int] = []
        self.refused: Sequence[Any] = ()

    def take(self, payload: Payload) -> None:
        self.told.append(json.loads(payload.body))

    def complete(self, last: bytes | None = None) -> None:
        self.gone = True

    def refuse(self, errors: Sequence[Any]) -> None:
        self.gone, self.refused = True, errors

    async def room(self) -> None:
        """There always is."""


@pytest.fixture
async def thing() -> Thing:
    return Thing()


Begin = Callable[[], StateGroup]


@pytest.fixture
async def begin(thing: Thing) -> AsyncIterator[Begin]:
    """Make groups, each of which begins when the test waits for the first time."""
    begun: list[StateGroup] = []

    def one() -> StateGroup:
        begun.append(StateGroup(QUESTION, thing))  # type: ignore[arg-type]
        return begun[-1]

    yield one
    for each in begun:
        await each.close()


async def test_those_who_come_before_it_begins_share_the_first_answer(
    begin: Begin, thing: Thing
) -> None:
    group = begin()
    ears = [Ear() for _ in range(5)]
    for ear in ears:
        await group.serve(ear, HEAD)
    await until(lambda: all(ear.told == [0] for ear in ears))
    assert thing.begun == 1


async def test_who_comes_later_is_told_how_it_is_now_and_what_follows(
    begin: Begin, thing: Thing
) -> None:
    group = begin()
    first, second = Ear(), Ear()
    await group.serve(first, HEAD)
    await until(lambda: first.told == [0])
    thing.state = 1  # nobody was told of it yet
    await group.serve(second, HEAD)
    assert second.told == [1]
    thing.become(2)
    await until(lambda: (first.told[-1], second.told[-1]) == (2, 2))


async def test_those_who_come_together_share_an_answer(begin: Begin, thing: Thing) -> None:
    group = begin()
    await group.serve(Ear(), HEAD)
    await until(lambda: thing.begun == 1)
    ears = [Ear() for _ in range(10)]
    await asyncio.gather(*(group.serve(ear, HEAD) for ear in ears))
    assert [ear.told for ear in ears] == [[0]] * 10
    assert thing.begun == 2


async def test_what_is_over_is_over_for_all(begin: Begin, thing: Thing) -> None:
    group = begin()
    first, second = Ear(), Ear()
    await group.serve(first, HEAD)
    await until(lambda: first.told == [0])
    thing.end()
    await until(lambda: first.gone)
    await group.serve(second, HEAD)
    assert (second.told, second.gone) == ([0], True)


async def test_what_cannot_be_executed_is_refused_to_all(begin: Begin, thing: Thing) -> None:
    group = begin()
    thing.state = -1
    first, second = Ear(), Ear()
    await group.serve(first, HEAD)
    await until(lambda: first.gone)
    with pytest.raises(Refused):
        await group.serve(second, HEAD)
    assert first.refused == ["no"]
