"""A live answer follows what is written, and only that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import pytest

from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.live import LiveRecall
from mnemos_graph.memory.recall.recall import Recalled
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.store import Delete
from tests.conformance.samples import ACME, BOB, memory
from tests.graph.recall.conftest import Bench

TEA = Question(text="tea", scope=ReadScope(user_id="ann"), limit=2)


def live(bench: Bench) -> AsyncGenerator[Recalled, None]:
    return LiveRecall(bench.recall, bench.feed).answers(ACME, TEA)


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
