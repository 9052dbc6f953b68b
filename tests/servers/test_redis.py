from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.servers.redis import RedisServer, redis_server

pytestmark = pytest.mark.server

STARTS_ONE_AND_DIES = """
import os, sys
from pathlib import Path
from tests.servers.redis import RedisServer
print(RedisServer(Path(sys.argv[1]))._running.pid, flush=True)
os._exit(9)
"""


async def kept(server: RedisServer) -> object:
    async with Redis.from_url(server.url) as redis:
        return await redis.get("word")


async def test_it_comes_back_with_what_it_had_or_empty(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as server:
        async with Redis.from_url(server.url) as redis:
            await redis.set("word", "kept")
        server.restart()
        assert await kept(server) == b"kept"
        server.restart(empty=True)
        assert await kept(server) is None


def test_it_does_not_outlive_a_test_that_dies(tmp_path: Path) -> None:
    run = (sys.executable, "-c", STARTS_ONE_AND_DIES, str(tmp_path))
    pid = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    stopped = Path(f"/proc/{pid}/stat")
    while stopped.exists() and ") Z " not in stopped.read_text():
        time.sleep(0.01)
