"""The driver, with a bound on every wait and one meaning for every failure."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from neo4j import (
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncSession,
    AsyncTransaction,
    NotificationMinimumSeverity,
    Query,
)

from mnemos_graph.errors import Unavailable
from mnemos_graph.neo4j.address import Address
from mnemos_graph.neo4j.failures import outcome, repeatable

T = TypeVar("T")
Parameters = Mapping[str, Any]
Rows = list[list[Any]]

ANSWERS_WITHIN_SECONDS = 8.0
"""All attempts at one question together: less than the 10 that an operation may take, so that who
asks is told that Neo4j is away, and not that the question took too long."""
_TRANSACTION_SECONDS = 15.0
"""After these the server gives up what a lost connection left open, with the locks that it held."""
_PAUSES_SECONDS = (0.02, 0.1, 0.3, 1.0)
_MOST_CONNECTIONS = 32


class Bolt:
    """Questions and transactions over a pool of connections that belong to one event loop.

    All of them go to the server that writes: what one has committed the next one sees, also from
    another process.
    """

    def __init__(self, address: Address) -> None:
        self.place = address.place
        self._database = address.database
        self._driver: AsyncDriver = AsyncGraphDatabase.driver(
            address.uri,
            auth=(address.user, address.password),
            user_agent="mnemos",
            max_connection_pool_size=_MOST_CONNECTIONS,
            connection_timeout=5,
            connection_acquisition_timeout=ANSWERS_WITHIN_SECONDS,
            liveness_check_timeout=30,
            notifications_min_severity=NotificationMinimumSeverity.OFF,
            telemetry_disabled=True,
        )

    async def read(self, statement: str, parameters: Parameters) -> Rows:
        """Return the rows of a question, in one round trip. It may be asked again after a failure.

        Raises:
            Unavailable: there was no answer in time.
        """
        return await self.again(lambda: self._asked(statement, parameters))

    async def write(self, statement: str, parameters: Parameters) -> Rows:
        """Write by a statement that may be repeated without harm, and return its rows.

        Raises:
            Unavailable: there was no answer in time; it may be written.
        """
        return await self.again(lambda: self._asked(statement, parameters))

    async def write_once(self, statement: str, parameters: Parameters) -> Rows:
        """Write by a statement that is sent at most once, and return its rows.

        Raises:
            ConstraintError: somebody else holds what the statement claims.
            Unavailable: there was no answer in time; it may be written.
        """
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_SECONDS):
                return await self._asked(statement, parameters)
        except Exception as failure:
            raise (outcome(failure, self.place) or failure) from failure

    async def again(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Return what ``attempt`` does, which is made anew while that may help and there is time.

        Raises:
            Unavailable: it may help, but the time is over.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + ANSWERS_WITHIN_SECONDS
        failed = 0
        while True:
            try:
                async with asyncio.timeout_at(until):
                    return await attempt()
            except Exception as failure:
                pause = _PAUSES_SECONDS[min(failed, len(_PAUSES_SECONDS) - 1)]
                pause *= random.uniform(0.5, 1.5)  # noqa: S311 - it spreads, it hides nothing
                if not repeatable(failure) or loop.time() + pause > until:
                    raise (outcome(failure, self.place) or failure) from failure
            failed += 1
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncTransaction]:
        """Begin a transaction, which is rolled back where nobody commits it."""
        async with (
            self.session() as session,
            await session.begin_transaction(timeout=_TRANSACTION_SECONDS) as transaction,
        ):
            yield transaction
            if not transaction.closed():
                await transaction.rollback()

    def session(self) -> AsyncSession:
        return self._driver.session(database=self._database)

    async def ping(self) -> None:
        """Ask for nothing, to see that there is an answer.

        The second time is for connections that broke while nobody used them.

        Raises:
            Unavailable: there is none.
        """
        with suppress(Unavailable):
            return await self._pinged()
        return await self._pinged()

    async def _pinged(self) -> None:
        await self.write_once("RETURN 1", {})

    async def close(self) -> None:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_SECONDS):
                await self._driver.close()
        except TimeoutError as away:
            raise Unavailable(f"Neo4j at {self.place} does not answer.") from away

    async def _asked(self, statement: str, parameters: Parameters) -> Rows:
        async with self.session() as session:
            asked = Query(statement, timeout=_TRANSACTION_SECONDS)
            result = await session.run(asked, dict(parameters))
            return await result.values()
