"""Buckets of tokens that all processes take from, refilled evenly."""

from __future__ import annotations

import asyncio

from mnemos_graph.redis.connection import Connection
from mnemos_graph.redis.troubles import Troubles, trouble

WITHIN_SECONDS = 0.25
"""Nobody waits longer for a token."""

_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local every, most, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local given = math.max(math.min(wanted, math.floor((now + most * every - full) / every)), 0)
if given > 0 then
  full = full + given * every
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
end
return given
"""
"""A bucket is kept as the instant at which it will be full again, in microseconds."""


_DRAW = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local every, most, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local short = (full - now) / every + math.min(wanted, most) - most
if short > 0.000001 then
  return math.ceil(short * every)
end
full = full + wanted * every
if full > now then
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
else
  redis.call('DEL', KEYS[1])
end
return 0
"""
"""All of what is wanted or nothing: then the microseconds until it is there."""
_GIVE_BACK = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
full = full - tonumber(ARGV[1]) * tonumber(ARGV[2])
if full > now then
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
else
  redis.call('DEL', KEYS[1])
end
return 0
"""
_MINUTE = 60_000_000


class RedisBuckets:
    """One question to Redis at a time and bucket: those who come meanwhile are asked for together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: dict[str, list[asyncio.Future[bool]]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def take(self, name: str, per_second: int, burst: int) -> bool:
        """Take a token from a bucket that holds ``burst``; return whether there was one.

        Raises:
            Unavailable: Redis cannot be asked now.
        """
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(name, []).append(turn)
        if name not in self._asking:
            asking = self._ask(name, per_second, burst)
            self._asking[name] = asyncio.create_task(asking, name="ask for tokens")
        return await turn

    async def draw(self, name: str, a_minute: float, amount: float) -> float:
        """Take an amount of what there is in a minute; return 0, or the seconds until it is there.

        Raises:
            Unavailable: Redis cannot be asked now.
        """
        every = _MINUTE / a_minute
        wait: int = await self._evaluated(_DRAW, name, every, a_minute, amount)
        return wait / 1_000_000

    async def give_back(self, name: str, a_minute: float, amount: float) -> None:
        """Give back what was not used; or, below 0, use more than was taken.

        Raises:
            Unavailable: Redis cannot be asked now.
        """
        await self._evaluated(_GIVE_BACK, name, _MINUTE / a_minute, amount)

    async def _evaluated(self, script: str, name: str, *arguments: float) -> int:
        key = self._connection.address.name("bucket", name)
        try:
            async with asyncio.timeout(WITHIN_SECONDS):
                return int(await self._connection.evaluate(script, key, *arguments))
        except (*Troubles, TimeoutError) as error:
            raise trouble(self._connection.address, error) from error

    async def _ask(self, name: str, per_second: int, burst: int) -> None:
        key = self._connection.address.name("bucket", name)
        every = 1_000_000 / per_second
        asked: list[asyncio.Future[bool]] = []
        try:
            while asked := self._waiting.pop(name, []):
                async with asyncio.timeout(WITHIN_SECONDS):
                    given = await self._connection.evaluate(_TAKE, key, every, burst, len(asked))
                for place, turn in enumerate(asked):
                    if not turn.done():
                        turn.set_result(place < given)
        except (*Troubles, TimeoutError) as error:
            for turn in asked + self._waiting.pop(name, []):
                if not turn.done():
                    turn.set_exception(trouble(self._connection.address, error))
        finally:
            del self._asking[name]
