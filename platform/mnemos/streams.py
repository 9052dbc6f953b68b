"""Subscriptions as streams over HTTP, which end with the credentials or with the program."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Any, NamedTuple

from graphql import GraphQLError
from strawberry.types import ExecutionResult

from mnemos.connections import Connections
from mnemos.live.groups import Groups
from mnemos.live.outbox import MOST_BYTES
from mnemos.live.payload import Payload
from mnemos.live.questions import Question, Refused, encoded, without_data
from mnemos_graph.ending import end
from mnemos_graph.errors import MnemosError, Unauthenticated, Unavailable
from mnemos_graph.model import START, Position
from mnemos_schema.context import Context, Delivered
from mnemos_schema.errors import formatted


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
        return _goodbye(why, self._context.delivered)


class Encoded(NamedTuple):
    """A result that is JSON already."""

    body: bytes
    errors: None = None


class SharedStream:
    """One stream that a group tells: a ``Connection``, and the group's ``Listener``."""

    def __init__(self, groups: Groups, secret: str | None, most_bytes: int = MOST_BYTES) -> None:
        self.secret = secret
        self.position: Position = START
        self.gone = False
        self._groups = groups
        self._most_bytes = most_bytes
        self._waiting: deque[Payload] = deque()
        self._bytes = 0
        self._delivered: Delivered | None = None
        self._changed = asyncio.Event()

    async def results(
        self, question: Question, place: str | None, among: Connections
    ) -> AsyncGenerator[Encoded, None]:
        """Yield what the group tells, until it ends or the stream is closed from outside."""
        among.add(self)
        listening = asyncio.create_task(self._listen(question, place), name="listen")
        try:
            while self._waiting or not self.gone:
                if not self._waiting:
                    self._changed.clear()
                    await self._changed.wait()
                    continue
                payload = self._waiting.popleft()
                self._bytes -= len(payload.body)
                self._changed.set()
                yield Encoded(payload.body)
                self._delivered = payload.delivered or self._delivered
        finally:
            self._leave()
            among.discard(self)
            await end(listening)

    async def revoke(self) -> None:
        self._close(Unauthenticated("The API key was revoked. Go on with another."))

    async def drain(self, seconds: float) -> None:
        self._close(Unavailable("Mnemos is stopping. Go on in a moment, behind `position`."))

    @property
    def roomy(self) -> bool:
        return not self._waiting

    def take(self, payload: Payload) -> None:
        if self.gone:
            return
        self._bytes += len(payload.body)
        self._waiting.append(payload)
        self._changed.set()
        if self._bytes > self._most_bytes and len(self._waiting) > 1:
            self._close(Unavailable("This stream is not read fast enough. Go on at `position`."))

    def complete(self, last: bytes | None = None) -> None:
        if last:
            self.take(Payload(last))
        self._leave()

    def refuse(self, errors: Sequence[Any]) -> None:
        self.complete(without_data(errors))

    async def room(self) -> None:
        while self._waiting and not self.gone:
            self._changed.clear()
            await self._changed.wait()

    def _close(self, why: MnemosError) -> None:
        """Leave out what waits, and say why, and behind what to go on."""
        if self.gone:
            return
        self._waiting.clear()
        self._waiting.append(Payload(encoded(_goodbye(why, self._delivered))))
        self._bytes = len(self._waiting[0].body)
        self._leave()

    def _leave(self) -> None:
        self.gone = True
        self._groups.leave(self)
        self._changed.set()

    async def _listen(self, question: Question, place: str | None) -> None:
        try:
            await self._groups.listen(self, question, place)
        except Refused as refused:
            self.refuse(refused.errors)
        except Exception as error:  # noqa: BLE001 - whatever it is ends this stream alone
            self.refuse([formatted(error)])


def _goodbye(why: MnemosError, stood: Delivered | None) -> ExecutionResult:
    told: dict[str, object] = {"code": why.code, "retryable": why.retryable}
    if stood:
        told["position"] = stood.cursor
    return ExecutionResult(data=None, errors=[GraphQLError(str(why), extensions=told)])
