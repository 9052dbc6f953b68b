"""The client for programs with an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from mnemos.client.call import Call
from mnemos.client.calls import telling, upkeep
from mnemos.client.inputs import ChangeFilter, MemoryFilter, ReadWhere, Strategy, WeightedScope
from mnemos.client.listening import PROTOCOL, Listening
from mnemos.client.operations import Operations
from mnemos.client.results import ChangePage, Job, RecallResult, WatchHit
from mnemos.client.transfers import (
    ImportStarted,
    check,
    export_params,
    import_headers,
    import_params,
    import_started,
)
from mnemos.client.wire import DEFAULT_TIMEOUT, LARGEST_MESSAGE, Wire

T = TypeVar("T")


class AsyncClient(Operations):
    """Speaks to one Mnemos server.

    Every operation raises what ``mnemos_graph.errors`` names, by the code of the answer; one that
    cannot be reached is ``Unavailable``. Close it with ``aclose``, or use it as a context manager.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Without a URL or key, those in ``MNEMOS_URL`` and ``MNEMOS_API_KEY`` are used.

        Raises:
            BadInput: the URL is none.
        """
        self.wire = Wire.to(url, api_key)
        self.http = httpx.AsyncClient(
            base_url=self.wire.url, timeout=timeout, transport=transport, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self.http.aclose()

    async def graphql(
        self, document: str, variables: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """Return the data that any document of yours answers."""
        headers = self.wire.headers | {"Content-Type": "application/json"}
        try:
            response = await self.http.post(
                "/graphql", content=self.wire.body(document, variables or {}), headers=headers
            )
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise self.wire.failed(failure) from failure
        return self.wire.data(response)

    async def carry_out(self, call: Call[T]) -> T:
        return self.wire.answer(call, await self.graphql(call.document, call.variables))

    async def changes(
        self,
        after: str | None = None,
        *,
        filter: ChangeFilter | None = None,
        **where: Unpack[ReadWhere],
    ) -> AsyncGenerator[ChangePage, None]:
        """Follow every change behind a position, in order, across lost connections.

        None is missing and none comes twice. Without a position it starts at the present; the
        first page says where that is. Pages may be empty: they only move the position on.
        """
        call = upkeep.changes(after, filter=filter, **where)
        async with aclosing(self._listen(Listening(self.wire, call))) as pages:
            async for page in pages:
                yield page

    async def live_recall(
        self,
        query: str,
        *,
        filter: MemoryFilter | None = None,
        limit: int | None = None,
        strategy: Strategy | None = None,
        hops: int | None = None,
        min_score: float | None = None,
        scopes: Sequence[WeightedScope] | None = None,
        **where: Unpack[ReadWhere],
    ) -> AsyncGenerator[RecallResult, None]:
        """Answer like ``recall``, and again whenever a change alters the answer."""
        call = telling.live_recall(
            query,
            filter=filter,
            limit=limit,
            strategy=strategy,
            hops=hops,
            min_score=min_score,
            scopes=scopes,
            **where,
        )
        async with aclosing(self._listen(Listening(self.wire, call))) as answers:
            async for answer in answers:
                yield answer

    async def watch(
        self,
        after: str | None = None,
        *,
        text: str | None = None,
        min_score: float | None = None,
        entity_id: str | None = None,
        predicates: Sequence[str] | None = None,
        block_id: str | None = None,
        **where: Unpack[ReadWhere],
    ) -> AsyncGenerator[WatchHit, None]:
        """Tell what appears near ``text``, about an entity, or against a block: exactly one of them.

        It goes on across lost connections; nothing that matches is missing and nothing comes twice.
        A hit without memory and fact only moves the position on, behind which ``after`` begins.
        """
        call = telling.watch(
            text=text,
            min_score=min_score,
            entity_id=entity_id,
            predicates=predicates,
            block_id=block_id,
            **where,
        )
        listening = Listening(self.wire, call, behind=after)
        async with aclosing(self._listen(listening)) as hits:
            async for hit in hits:
                yield hit

    async def live_job(self, id: str) -> AsyncGenerator[Job, None]:
        """Follow a job until it has ended."""
        listening = Listening(self.wire, upkeep.live_job(id), ends=True)
        async with aclosing(self._listen(listening)) as states:
            async for state in states:
                yield state
                if state.ended:
                    return

    async def import_file(
        self,
        content: AsyncIterable[bytes] | bytes,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        verbatim: bool = False,
        format: str | None = None,
        name: str | None = None,
        idempotency_key: str | None = None,
    ) -> ImportStarted:
        """Have a whole file taken in by a job; ``user_id`` is for files that name nobody.

        A document takes the place of the one that had its ``name`` before.
        """
        try:
            response = await self.http.post(
                "/import",
                params=import_params(
                    user_id=user_id,
                    agent_id=agent_id,
                    verbatim=verbatim,
                    format=format,
                    name=name,
                ),
                content=content,
                headers=import_headers(self.wire, idempotency_key),
            )
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise self.wire.failed(failure) from failure
        return import_started(self.wire, response)

    async def export(
        self, *, user_id: str | None = None, secrets: bool = False
    ) -> AsyncGenerator[bytes, None]:
        """Give everything that is known, or all of one user, as JSON lines, piece by piece.

        What the knowledge vault keeps is among it only with ``secrets``, in clear.
        """
        params = export_params(user_id=user_id, secrets=secrets)
        try:
            async with self.http.stream(
                "GET", "/export", params=params, headers=self.wire.headers
            ) as response:
                if not response.is_success:
                    await response.aread()
                    check(self.wire, response)
                async for piece in response.aiter_bytes():
                    yield piece
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise self.wire.failed(failure) from failure

    async def _listen(self, listening: Listening[T]) -> AsyncGenerator[T, None]:
        while True:
            try:
                async with aclosing(self._connected(listening)) as items:
                    async for item in items:
                        yield item
            except ConnectionClosed as lost:
                listening.closed(lost.rcvd)
            except InvalidStatus as refused:
                listening.not_let_in(refused.response.status_code)
            except (OSError, InvalidHandshake):
                pass  # nobody is there yet: the next attempt comes after a pause
            if listening.over:
                return
            await asyncio.sleep(listening.pause())

    async def _connected(self, listening: Listening[T]) -> AsyncGenerator[T, None]:
        async with connect(
            self.wire.socket_url,
            subprotocols=[Subprotocol(PROTOCOL)],
            additional_headers=self.wire.credentials,
            max_size=LARGEST_MESSAGE,
            proxy=None,
        ) as connection:
            for message in listening.opening():
                await connection.send(message)
            while not listening.lost:
                heard = listening.take(await connection.recv())
                if heard.reply is not None:
                    await connection.send(heard.reply)
                if heard.item is not None:
                    yield heard.item
