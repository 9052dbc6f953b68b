from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import uuid4

import pytest

from mnemos_graph.redis import RedisParts, open_redis
from tests.servers.redis import RedisServer
from tests.waiting import until

Opens = Callable[[], AbstractAsyncContextManager[RedisParts]]


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[RedisParts, None]:
    """The parts as a process has them, when it hears the others."""
    async with open_redis(url) as parts:
        await until(lambda: parts.bus.health.connected)
        yield parts


@pytest.fixture
def opens(shared_redis: RedisServer) -> Opens:
    """Opens the parts of one more process of an installation of its own."""
    url = f"{shared_redis.url}?prefix={uuid4().hex}"
    return lambda: opened(url)
