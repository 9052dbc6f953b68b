"""A live answer follows what is written, and only that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemos_graph.index.comparing import Signal
from mnemos_graph.memory.recall.asking import Question, Strategy
from mnemos_graph.memory.recall.live import LiveRecall
from mnemos_graph.memory.recall.recall import Recall, Recalled
from mnemos_graph.memory.recall.turns import Turns
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.model import Access, Memory, Scope
from mnemos_graph.store import Delete, Put
from tests.conformance.samples import ACME, ANN, BOB, day, memory
from tests.graph.recall.conftest import Bench

TEA = Question(text="tea", scope=ReadScope(user_id="ann"), limit=2)


def live(bench: Bench) -> AsyncGenerator[Recalled, None]:
    return LiveRecall(bench.recall, bench.feed, bench.store, lambda: day(1_000)).answers(ACME, TEA)


async def following(answers: AsyncGenerator[Recalled, None]) -> list[str]:
    return [hit.memory.text for hit in (await anext(answers)).hits]


async def test_it_answers_first_and_again_when_a_write_alters_the_answer(bench: Bench) -> None:
    kept = memory("green tea")
    await bench.keep(kept)
    async with aclosing(live(bench)) as answers:
        assert await following(answers) == ["green tea"]
        await bench.keep(memory("black tea"))
        assert sorted(await following(answers)) == ["black tea", "green tea"]
        await bench.keep(replace(kept, version=2, text="white tea"))
        assert sorted(await following(answers)) == ["black tea", "white tea"]
        await bench.commit(Delete(kept.KIND, kept.id, 2))
        assert await following(answers) == ["black tea"]


async def test_what_does_not_alter_the_answer_is_not_told(bench: Bench) -> None:
    await bench.keep(memory("green tea"))
    async with aclosing(live(bench)) as answers:
        await anext(answers)
        await bench.keep(memory("tea of bob", scope=BOB))
        await bench.keep(memory("black tea"))
        assert sorted(await following(answers)) == ["black tea", "green tea"]
        await bench.keep(memory("a bicycle", importance=0.0))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(answers), 0.6)


async def test_many_writes_at_once_end_in_one_last_answer(bench: Bench) -> None:
    async with aclosing(live(bench)) as answers:
        assert await following(answers) == []
        written = [memory(f"rain {n}") for n in range(30)]
        await asyncio.gather(*(bench.keep(each) for each in written))
        await bench.keep(memory("tea"))
        told = 1
        while "tea" not in await following(answers):
            told += 1
        assert told < len(written)


class Heard:
    """Listens by itself, and keeps what it was told."""

    def __init__(self, answers: AsyncGenerator[Recalled, None]) -> None:
        self.told: list[list[tuple[str, int]]] = []
        self.degraded: set[Signal] = set()
        self._task = asyncio.create_task(self._listen(answers))

    async def _listen(self, answers: AsyncGenerator[Recalled, None]) -> None:
        async with aclosing(answers):
            async for each in answers:
                self.told.append(seen(each))
                self.degraded |= {*each.degraded}

    async def until(self, answer: list[tuple[str, int]]) -> None:
        async with asyncio.timeout(10):
            while not self.told or self.told[-1] != answer:
                assert not self._task.done()
                await asyncio.sleep(0.01)

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def seen(answer: Recalled) -> list[tuple[str, int]]:
    return [(hit.memory.id, hit.memory.version) for hit in answer.hits]


async def test_what_expires_leaves_the_answer_when_its_time_has_come(bench: Bench) -> None:
    def clock() -> datetime:
        return datetime.now(UTC)

    stays = memory("green tea")
    await bench.keep(stays, memory("brief tea", expires_at=clock() + timedelta(seconds=0.5)))
    recall = Recall(bench.store, bench.shelf, bench.embedder, clock)
    async with aclosing(
        LiveRecall(recall, bench.feed, bench.store, clock).answers(ACME, TEA)
    ) as on:
        assert sorted(await following(on)) == ["brief tea", "green tea"]
        assert await following(on) == ["green tea"]


async def test_an_expiry_that_is_written_later_is_awaited_too(bench: Bench) -> None:
    def clock() -> datetime:
        return datetime.now(UTC)

    recall = Recall(bench.store, bench.shelf, bench.embedder, clock)
    async with aclosing(
        LiveRecall(recall, bench.feed, bench.store, clock).answers(ACME, TEA)
    ) as on:
        assert await following(on) == []
        await bench.keep(memory("brief tea", expires_at=clock() + timedelta(seconds=1)))
        assert await following(on) == ["brief tea"]
        assert await following(on) == []


async def test_a_vector_that_comes_after_its_memory_alters_the_answer(bench: Bench) -> None:
    late, by_vector = memory("green tea"), replace(TEA, strategy=Strategy.VECTOR)
    lives = LiveRecall(bench.recall, bench.feed, bench.store, lambda: day(1_000))
    async with aclosing(lives.answers(ACME, by_vector)) as answers:
        assert await following(answers) == []
        await bench.commit(Put(late))
        waiting = asyncio.ensure_future(following(answers))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        await bench.embed(late)
        assert await asyncio.wait_for(waiting, 10) == ["green tea"]


async def test_vectors_that_nobody_makes_are_not_waited_for(bench: Bench) -> None:
    asked = Counting(bench.store, bench.shelf, None, lambda: day(1_000))
    lives = LiveRecall(asked, bench.feed, bench.store, lambda: day(1_000), vectors_come=False)
    heard = Heard(lives.answers(ACME, TEA))
    await heard.until([])
    await asyncio.sleep(1)
    await heard.leave()
    assert asked.times == 1


class Counting(Recall):
    times = 0

    async def recall(self, access: Access, question: Question) -> Recalled:
        self.times += 1
        return await super().recall(access, question)


async def test_answers_that_wait_long_for_their_turn_say_that_they_are_behind(bench: Bench) -> None:
    turns = Turns(a_second=2)
    lives = LiveRecall(bench.recall, bench.feed, bench.store, lambda: day(1_000), turns)
    heard = [Heard(lives.answers(ACME, TEA)) for _ in range(3)]
    await asyncio.gather(*(each.until([]) for each in heard))
    new = memory("green tea")
    await bench.keep(new)
    await asyncio.gather(*(each.until([(new.id, 1)]) for each in heard))
    await asyncio.gather(*(each.leave() for each in heard))
    assert sum(Signal.LIVE in each.degraded for each in heard) >= 1
    assert sum(Signal.LIVE not in each.degraded for each in heard) >= 1


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["keep", "reword", "retag", "delete"]),
        st.integers(0, 4),
        st.sampled_from(["tea", "green tea with milk", "rain", "a tea house in the rain"]),
        st.sampled_from([ANN, BOB]),
    ),
    min_size=1,
    max_size=10,
)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=_STEPS)
async def test_the_last_answer_is_what_recall_says_and_none_comes_twice_in_a_row(
    bench: Bench, steps: list[tuple[str, int, str, Scope]]
) -> None:
    heard, kept = Heard(live(bench)), dict[int, Memory]()
    for kind, slot, text, scope in steps:
        held = kept.pop(slot, None)
        if held is None:
            kept[slot] = memory(text, scope=scope)
        elif kind == "delete":
            await bench.commit(Delete(held.KIND, held.id, held.version))
            continue
        elif kind == "retag":
            kept[slot] = replace(held, version=held.version + 1, tags=(*held.tags, "x"))
        else:
            kept[slot] = replace(held, version=held.version + 1, text=text)
        await bench.keep(kept[slot])
    await heard.until(seen(await bench.recall.recall(ACME, TEA)))
    await heard.leave()
    assert all(one != next_ for one, next_ in pairwise(heard.told))
