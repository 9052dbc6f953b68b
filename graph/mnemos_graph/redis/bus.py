"""Hints between processes over Redis pub/sub, which may lose any of them.

What is published reaches the listeners of this process at once and never waits for Redis; the
others hear it when Redis is there. After every break in what is heard, listeners are told that they
may have missed something.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as Broken
from redis.exceptions import TimeoutError as TooLate

from mnemos_graph.ending import end
from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.redis.connection import Connection
from mnemos_graph.redis.troubles import Troubles, trouble

Hear = Callable[[OrganizationId, Position], None]
Missed = Callable[[], None]

MOST_WAITING = 1_000
"""Organizations whose newest position waits to be said; beyond, the longest waiting is dropped."""
PING_SECONDS = 1.0
SILENT_SECONDS = 3.0
"""A connection on which nothing was heard for so long, not even an answer to a ping, is dead."""
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 5.0
"""Seconds between attempts to connect; each pause is up to twice the one before."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BusHealth:
    connected: bool
    since: datetime
    error: str = ""
    """What was wrong last, also when it is no longer."""


class RedisBus:
    """One subscription for all listeners of a process. Open it in the loop that uses it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._channel = connection.address.name("hints")
        self._listeners: list[tuple[Hear, Missed]] = []
        self._outbox: dict[OrganizationId, Position] = {}
        self._filled = asyncio.Event()
        self._heard_at = 0.0
        self.health = BusHealth(connected=False, since=datetime.now(UTC))

    @property
    def connected(self) -> bool:
        return self.health.connected

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._forever(self._hear), name="hear hints"),
            asyncio.create_task(self._forever(self._say), name="say hints"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(*self._tasks)

    async def publish(self, organization: OrganizationId, position: Position) -> None:
        """Hint to every listener of every process. Never raises, and waits for nobody."""
        self._tell(organization, position)
        waiting = self._outbox.pop(organization, position)
        if len(self._outbox) >= MOST_WAITING:
            del self._outbox[next(iter(self._outbox))]
        self._outbox[organization] = max(waiting, position)
        self._filled.set()

    def listen(self, hear: Hear, missed: Missed) -> Callable[[], None]:
        """Call ``hear`` with every hint and ``missed`` after a break, until the returned is called."""
        listener = hear, missed
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def _forever(self, work: Callable[[Callable[[], None]], Awaitable[None]]) -> None:
        """Do ``work`` again after each failure; the pauses grow until it calls what it is given."""
        pause = FIRST_PAUSE

        def succeeded() -> None:
            nonlocal pause
            pause = FIRST_PAUSE

        while True:
            try:
                await work(succeeded)
            except Troubles as error:
                self._failed(str(trouble(self._connection.address, error)))
            except Exception:
                log.exception("the bus failed in a way that was not foreseen; it goes on")
                self._failed("Something unforeseen; the log has it.")
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
            pause = min(2 * pause, LONGEST_PAUSE)

    def _failed(self, error: str) -> None:
        if self.health.connected or not self.health.error:
            log.warning("hints between processes are late until Redis is back: %s", error)
            self.health = BusHealth(connected=False, since=datetime.now(UTC), error=error)

    async def _say(self, succeeded: Callable[[], None]) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            hints, self._outbox = self._outbox, {}
            await self._connection.publish(self._channel, _written(hints))
            succeeded()

    async def _hear(self, succeeded: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        async with self._connection.subscription(self._channel) as pubsub:
            self._heard_at = loop.time()
            reading = asyncio.create_task(self._read(pubsub, succeeded), name="read hints")
            try:
                while not (await asyncio.wait([reading], timeout=PING_SECONDS))[0]:
                    if loop.time() - self._heard_at > SILENT_SECONDS:
                        raise TooLate
                    await pubsub.ping()
                await reading
            finally:
                await end(reading)

    async def _read(self, pubsub: PubSub, succeeded: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            message = await pubsub.get_message(timeout=None)
            self._heard_at = loop.time()
            match message and message["type"]:
                case "message" | "smessage":
                    for organization, position in _read(message["data"]):
                        self._tell(organization, position)
                case "subscribe" | "ssubscribe":
                    # It also comes when the library has connected again by itself.
                    succeeded()
                    self._subscribed()
                case "unsubscribe" | "sunsubscribe":
                    raise Broken

    def _subscribed(self) -> None:
        self.health = BusHealth(connected=True, since=datetime.now(UTC), error=self.health.error)
        log.info("hints are heard from other processes")
        for _, missed in tuple(self._listeners):
            missed()

    def _tell(self, organization: OrganizationId, position: Position) -> None:
        for hear, _ in tuple(self._listeners):
            hear(organization, position)


def _written(hints: Mapping[OrganizationId, Position]) -> bytes:
    return "\n".join(f"{each} {position}" for each, position in hints.items()).encode()


def _read(payload: bytes) -> list[tuple[OrganizationId, Position]]:
    """Return the hints of a message; nothing, where it is none of ours."""
    try:
        lines = [line.split(" ") for line in payload.decode().split("\n")]
        return [(OrganizationId(each), Position(int(position))) for each, position in lines]
    except ValueError:
        log.debug("what was said is no hint")
        return []
