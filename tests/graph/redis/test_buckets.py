from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mnemos_graph.errors import Unavailable
from tests.graph.redis.conftest import Opens, opened
from tests.servers.redis import redis_server

pytestmark = pytest.mark.server


async def test_a_limit_is_that_of_all_processes(opens: Opens) -> None:
    async with opens() as here, opens() as there:
        asked = [each.buckets.take("key", 1, 10) for each in (here, there) for _ in range(10)]
        assert sum(await asyncio.gather(*asked)) == 10
        assert not await here.buckets.take("key", 1, 10)


async def test_a_bucket_fills_again_evenly(opens: Opens) -> None:
    async with opens() as parts:
        loop = asyncio.get_running_loop()
        began, passed = loop.time(), 0
        while loop.time() - began < 1:
            passed += await parts.buckets.take("key", 20, 5)
        took = loop.time() - began
        assert 20 <= passed <= 5 + 20 * took + 1


async def test_one_name_does_not_pay_for_another(opens: Opens) -> None:
    async with opens() as parts:
        assert await parts.buckets.take("one", 1, 1)
        assert not await parts.buckets.take("one", 1, 1)
        assert await parts.buckets.take("another", 1, 1)


async def test_an_amount_is_drawn_whole_or_not_at_all(opens: Opens) -> None:
    async with opens() as here, opens() as there:
        assert await here.buckets.draw("model", 60, 40) == 0
        wait = await there.buckets.draw("model", 60, 30)
        assert 5 < wait <= 10
        await here.buckets.give_back("model", 60, 20)
        assert await there.buckets.draw("model", 60, 30) == 0


async def test_more_than_there_ever_is_leaves_a_debt(opens: Opens) -> None:
    async with opens() as parts:
        assert await parts.buckets.draw("model", 600, 1_200) == 0
        assert 50 < await parts.buckets.draw("model", 600, 1) <= 61
        await parts.buckets.give_back("model", 600, -600)
        assert 110 < await parts.buckets.draw("model", 600, 1) <= 121


async def test_a_bucket_that_is_full_again_is_not_kept(opens: Opens) -> None:
    async with opens() as parts:
        await parts.buckets.take("key", 20, 5)
        await asyncio.sleep(0.2)
        assert not await parts.connection.client.exists(
            parts.connection.address.name("bucket", "key")
        )


async def test_who_asks_a_redis_that_is_away_is_told(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as server, opened(server.url) as parts:
        server.stall()
        asked = [parts.buckets.take("key", 1, 1) for _ in range(3)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(each) for each in answers] == [Unavailable] * 3
        server.go_on()
        assert await parts.buckets.take("other", 1, 1)
