"""Answers that are kept by processes that hear of each other over Redis."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest

from mnemos.answering.layer import Keeping
from tests.conformance.memory_store import MemoryStore
from tests.graph.redis.conftest import opened
from tests.platform.answering.desk import Desk, desk
from tests.platform.answering.test_keeping import ANN, BOB, LIST, again, create, texts
from tests.servers.redis import RedisServer
from tests.servers.relay import Relay, relay
from tests.waiting import until

pytestmark = pytest.mark.server


@pytest.fixture
async def way(shared_redis: RedisServer) -> AsyncGenerator[Relay, None]:
    async with relay(*shared_redis.address) as open_way:
        yield open_way


@pytest.fixture
async def workers(way: Relay) -> AsyncGenerator[list[Desk], None]:
    url = f"redis://127.0.0.1:{way.port}/0?prefix={uuid4().hex}"
    store: Any = MemoryStore()
    async with AsyncExitStack() as stack:
        buses = [(await stack.enter_async_context(opened(url))).bus for _ in range(2)]
        yield [await stack.enter_async_context(desk(store, bus=bus)) for bus in buses]


async def test_a_write_at_one_worker_ends_the_answers_of_its_partition_at_the_other(
    workers: list[Desk],
) -> None:
    here, there = workers
    for scope in (ANN, BOB):
        await here.ask(LIST, **scope)
        assert await again(here, LIST, **scope)
    await create(there, "Ann likes tea")
    head = here.program.services.grounds._of
    await until(lambda: all(ground.follower.head == 1 for ground in head.values()))
    hits = here.counts.hits
    assert texts(await here.ask(LIST, **BOB)) == []
    assert here.counts.hits == hits + 1
    assert texts(await here.ask(LIST, **ANN)) == ["Ann likes tea"]
    assert here.counts.hits == hits + 1


async def test_what_a_worker_wrote_itself_it_never_answers_without(workers: list[Desk]) -> None:
    here, there = workers
    for number in range(5):
        for worker in (here, there):
            await create(worker, f"cup {number}")
            before = len(texts(await worker.ask(LIST, **ANN)))
            assert before == 2 * number + 1 + (worker is there)


async def test_while_redis_is_away_nothing_that_was_kept_is_given(
    workers: list[Desk], way: Relay
) -> None:
    here, there = workers
    assert await again(here, LIST, **ANN)
    await way.refuse()
    way.cut()
    await until(lambda: here.app.keeping is Keeping.BYPASSED)
    await create(there, "Ann likes tea")
    assert texts(await here.ask(LIST, **ANN)) == ["Ann likes tea"]
    health = (await here.http.get("/health")).json()["answers"]
    assert (health["state"], health["bypassed"] > 0) == ("bypassed", True)
