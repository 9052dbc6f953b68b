"""Ready jobs over a Redis stream: each is given to one worker, and to another if that one is gone.

The stream holds what was said and not yet done, up to a bound, and may be emptied at any moment:
the store has the jobs. Saying waits for nobody, so a Redis that hangs holds no write up.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from mnemos_graph.ending import end
from mnemos_graph.model import OrganizationId, RecordId
from mnemos_graph.ready import Ready, Taken
from mnemos_graph.redis.cancelling import unless_cancelled
from mnemos_graph.redis.connection import Connection
from mnemos_graph.redis.troubles import Troubles, trouble

MOST_WAITING = 100_000
"""Jobs in the stream; beyond, the oldest are dropped, and found by whoever watches the store."""
IDLE_SECONDS = 60.0
"""What was taken and not done for so long is given to another worker."""
_WAITS_MS = 1_000
"""Less than a server may take to answer."""
_LAST_WORDS_SECONDS = 1.0
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0
_GROUP = "workers"

_DONE = "redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) return redis.call('XDEL', KEYS[1], ARGV[2])"

log = logging.getLogger(__name__)


class RedisReady:
    """Open it in the loop that uses it."""

    def __init__(
        self, connection: Connection, *, most: int = MOST_WAITING, idle: float = IDLE_SECONDS
    ) -> None:
        self._connection = connection
        self._key = connection.address.name("ready")
        self._most = most
        self._idle_ms = max(1, round(idle * 1_000))
        self._worker = secrets.token_hex(8)
        self._outbox: dict[Ready, None] = {}
        self._filled = asyncio.Event()
        self._said = asyncio.Event()
        self._said.set()
        self._saying: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._saying = asyncio.create_task(self._say(), name="say which jobs are ready")
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._said.wait(), _LAST_WORDS_SECONDS)
        if self._saying is not None:
            await end(self._saying)

    async def put(self, ready: Ready) -> None:
        """Say that a job is ready, as soon as Redis hears. Never raises, and waits for nobody."""
        if len(self._outbox) < self._most:
            self._outbox[ready] = None
            self._filled.set()
            self._said.clear()

    async def take(self) -> AsyncIterator[Taken]:
        """Yield each job that is ready to one of those who take; without end, and never raising."""
        pauses, looked_at = _Pauses(), 0.0
        loop = asyncio.get_running_loop()
        while True:
            try:
                entries: Sequence[_Entry] = ()
                if loop.time() - looked_at >= self._idle_ms / 2_000:
                    entries = await self._left_behind()
                    looked_at = loop.time() if not entries else looked_at
                entries = entries or await self._next()
                pauses.end()
            except Troubles as error:
                if str(error).startswith("NOGROUP") and await self._group_is_made():
                    continue
                log.warning("jobs are heard of later: %s", self._told(error))
                await pauses.wait()
                continue
            for entry in entries:
                yield entry

    async def waiting(self) -> int:
        """Return how many were said and are not done.

        Raises:
            RedisError: Redis cannot be asked now.
        """
        return int(await self._connection.client.xlen(self._key))

    async def done(self, id: bytes) -> None:
        """Forget an entry. Never raises."""
        try:
            await self._connection.evaluate(_DONE, self._key, _GROUP, id)
        except Troubles as error:
            log.info("a job will be heard of again: %s", self._told(error))

    async def _say(self) -> None:
        pauses = _Pauses()
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._outbox:
                ready = next(iter(self._outbox))
                try:
                    await unless_cancelled(
                        self._connection.client.xadd(
                            self._key, dict(zip(_FIELDS, ready, strict=True)), maxlen=self._most
                        )
                    )
                except Troubles as error:
                    log.warning("jobs are said later: %s", self._told(error))
                    await pauses.wait()
                else:
                    pauses.end()
                    self._outbox.pop(ready, None)
            self._said.set()

    async def _next(self) -> Sequence[_Entry]:
        """Wait a moment for one that nobody has taken."""
        found: Any = await unless_cancelled(
            self._connection.client.xreadgroup(
                _GROUP, self._worker, {self._key: ">"}, count=1, block=_WAITS_MS
            )
        )
        return [entry for _, some in found or () for entry in self._read(some)]

    async def _left_behind(self) -> Sequence[_Entry]:
        """Take over one that another worker took and has not done for long."""
        found: Any = await unless_cancelled(
            self._connection.client.xautoclaim(
                self._key, _GROUP, self._worker, self._idle_ms, count=1
            )
        )
        return self._read(found[1])

    def _read(self, some: Sequence[tuple[bytes, Any]]) -> list[_Entry]:
        return [
            _Entry(
                Ready(
                    OrganizationId(fields[b"organization"].decode()),
                    RecordId(fields[b"job"].decode()),
                ),
                id_,
                self,
            )
            for id_, fields in some
            if fields
        ]

    async def _group_is_made(self) -> bool:
        """Make the group that shares the stream, from its beginning: Redis was emptied, or is new."""
        try:
            await unless_cancelled(
                self._connection.client.xgroup_create(self._key, _GROUP, id="0", mkstream=True)
            )
        except Troubles as error:
            return str(error).startswith("BUSYGROUP")
        return True

    def _told(self, error: BaseException) -> str:
        return str(trouble(self._connection.address, error))


_FIELDS = ("organization", "job")


@dataclass(frozen=True, slots=True)
class _Entry:
    ready: Ready
    id: bytes
    stream: RedisReady

    async def done(self) -> None:
        await self.stream.done(self.id)


class _Pauses:
    """Pauses between attempts, each up to twice the one before."""

    def __init__(self) -> None:
        self._next = _FIRST_PAUSE

    def end(self) -> None:
        self._next = _FIRST_PAUSE

    async def wait(self) -> None:
        await asyncio.sleep(self._next * random.uniform(0.5, 1))  # noqa: S311 - no secret
        self._next = min(2 * self._next, _LONGEST_PAUSE)
