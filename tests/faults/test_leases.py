"""Holders of a name are cut off from Redis at random: no two of them go on side by side."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import AsyncExitStack, suppress
from itertools import combinations
from pathlib import Path

import pytest

from mnemos_graph.ending import end
from mnemos_graph.leases import Lease
from mnemos_graph.redis import RedisLeases, open_redis
from tests.servers.redis import redis_server
from tests.servers.relay import Relay, relay

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(180)]

SECONDS = 0.6
HOLDERS = 3
TROUBLES = int(os.environ.get("MNEMOS_FAULT_TROUBLES", "8"))

Held = tuple[float, float]
"""From when to when somebody believed that a name was his."""


class NeverGivesUp(RedisLeases):
    """A planted bug: a holder that cannot renew goes on as if it could."""

    async def _keep(self, lease: Lease, key: str, token: str, until: float) -> None:
        while True:
            await asyncio.sleep(self._seconds / 3)
            with suppress(Exception):
                await self._take(key, token)


class Scene:
    """Who holds the name now, and who ever did."""

    troubles = TROUBLES
    stints = 2.0, 6.0
    """For how many times its time a name is held."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.now = 0
        self.held = [list[Held]() for _ in range(HOLDERS)]

    async def work(self, number: int, leases: RedisLeases) -> None:
        loop = asyncio.get_running_loop()
        while True:
            async with leases.hold("name") as lease:
                self.now, began = number, loop.time()
                try:
                    async with asyncio.timeout(self.chance.uniform(*self.stints) * SECONDS):
                        await lease.lost.wait()
                except TimeoutError:
                    pass
                finally:
                    self.held[number].append((began, loop.time()))

    async def trouble(self, doors: list[Relay]) -> None:
        door = self.chance.choice((doors[self.now], *doors))
        self.chance.choice((door.hold, door.hold, door.cut))()
        await asyncio.sleep(self.chance.uniform(1, 4) * SECONDS)
        door.forward()


class Cruel(Scene):
    """Whoever holds the name is cut off for long, and wants it for longer."""

    troubles = 2
    stints = 8.0, 9.0

    async def trouble(self, doors: list[Relay]) -> None:
        door = doors[self.now]
        door.hold()
        await asyncio.sleep(4 * SECONDS)
        door.forward()


async def side_by_side(
    folder: Path, leases: type[RedisLeases], scenes: type[Scene] = Scene
) -> tuple[float, int]:
    """Return for how long at most two held a name at once, and how often it was held."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure
    scene = scenes(random.Random(seed))
    async with redis_server(folder) as server, AsyncExitStack() as stack:
        doors = [await stack.enter_async_context(relay(*server.address)) for _ in scene.held]
        urls = [f"redis://127.0.0.1:{door.port}" for door in doors]
        parts = [await stack.enter_async_context(open_redis(url)) for url in urls]
        working = [
            asyncio.create_task(scene.work(number, leases(each.connection, SECONDS)))
            for number, each in enumerate(parts)
        ]
        for _ in range(scene.troubles):
            await scene.trouble(doors)
        await end(*working)
    overlaps = [
        min(one[1], other[1]) - max(one[0], other[0])
        for mine, others in combinations(scene.held, 2)
        for one in mine
        for other in others
    ]
    return max(overlaps, default=0.0), sum(map(len, scene.held))


async def test_a_name_is_never_held_twice_for_longer_than_its_time(tmp_path: Path) -> None:
    longest, times = await side_by_side(tmp_path, RedisLeases)
    assert longest < SECONDS
    assert times >= HOLDERS


async def test_a_holder_that_never_gives_up_is_found(tmp_path: Path) -> None:
    longest, _ = await side_by_side(tmp_path, NeverGivesUp, Cruel)
    assert longest > SECONDS
