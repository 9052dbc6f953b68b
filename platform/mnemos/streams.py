"""Subscriptions as streams over HTTP, which end with the credentials or with the program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any

from graphql import GraphQLError
from strawberry.types import ExecutionResult

from mnemos.connections import Connections
from mnemos_graph.errors import MnemosError, Unauthenticated, Unavailable
from mnemos_schema.context import Context


class Stream:
    """One stream, a ``Connection``. Its last result says why it ends, and where it stood."""

    def __init__(self, context: Context, secret: str | None) -> None:
        self.secret = secret
        self._context = context
        self._why: asyncio.Future[MnemosError] = asyncio.get_running_loop().create_future()

    async def until_it_ends(
        self, results: AsyncGenerator[Any, None], among: Connections
    ) -> AsyncGenerator[Any, None]:
        """Yield the results, until there are no more or the stream is closed from outside."""
        among.add(self)
        try:
            async with aclosing(results):
                while await self._comes(coming := asyncio.ensure_future(anext(results))):
                    yield coming.result()
            if self._why.done():
                yield self._goodbye(self._why.result())
        finally:
            among.discard(self)

    async def revoke(self) -> None:
        self._end(Unauthenticated("The API key was revoked. Go on with another."))

    async def drain(self, seconds: float) -> None:
        self._end(Unavailable("Mnemos is stopping. Go on in a moment, behind `position`."))

    def _end(self, why: MnemosError) -> None:
        if not self._why.done():
            self._why.set_result(why)

    async def _comes(self, coming: asyncio.Future[Any]) -> bool:
        """Wait for the next result; return whether there is one."""
        try:
            await asyncio.wait({coming, self._why}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not coming.done():
                coming.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await coming
        return not (coming.cancelled() or isinstance(coming.exception(), StopAsyncIteration))

    def _goodbye(self, why: MnemosError) -> ExecutionResult:
        told: dict[str, object] = {"code": why.code, "retryable": why.retryable}
        if self._context.delivered:
            told["position"] = self._context.delivered.cursor
        return ExecutionResult(data=None, errors=[GraphQLError(str(why), extensions=told)])
