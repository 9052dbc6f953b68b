"""The client for programs without an event loop."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import connect
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


class Client(Operations):
    """Speaks to one Mnemos server; may be used by several threads.

    Every operation raises what ``mnemos_graph.errors`` names, by the code of the answer; one that
    cannot be reached is ``Unavailable``. Close it with ``close``, or use it as a context manager.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        """Without a URL or key, those in ``MNEMOS_URL`` and ``MNEMOS_API_KEY`` are used.

        Raises:
            BadInput: the URL is none.
        """
        self.wire = Wire.to(url, api_key)
        self.http = httpx.Client(base_url=self.wire.url, timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.http.close()

    def graphql(
        self, document: str, variables: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """Return the data that any document of yours answers."""
        headers = self.wire.headers | {"Content-Type": "application/json"}
        try:
            response = self.http.post(
                "/graphql", content=self.wire.body(document, variables or {}), headers=headers
            )
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise self.wire.failed(failure) from failure
        return self.wire.data(response)

    def carry_out(self, call: Call[T]) -> T:
        return self.wire.answer(call, self.graphql(call.document, call.variables))

    def changes(
        self,
        after: str | None = None,
        *,
        filter: ChangeFilter | None = None,
        **where: Unpack[ReadWhere],
    ) -> Generator[ChangePage, None, None]:
        """Follow every change behind a position, in order, across lost connections.

        None is missing and none comes twice. Without a position it starts at the present; the
        first page says where that is. Pages may be empty: they only move the position on.
        """
        call = upkeep.changes(after, filter=filter, **where)
        return self._listen(Listening(self.wire, call))

    def live_recall(
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
    ) -> Generator[RecallResult, None, None]:
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
        return self._listen(Listening(self.wire, call))

    def watch(
        self,
        after: str | None = None,
        *,
        text: str | None = None,
        min_score: float | None = None,
        entity_id: str | None = None,
        predicates: Sequence[str] | None = None,
        block_id: str | None = None,
        **where: Unpack[ReadWhere],
    ) -> Generator[WatchHit, None, None]:
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
        return self._listen(Listening(self.wire, call, behind=after))

    def live_job(self, id: str) -> Generator[Job, None, None]:
        """Follow a job until it has ended."""
        for state in self._listen(Listening(self.wire, upkeep.live_job(id), ends=True)):
            yield state
            if state.ended:
                return

    def import_file(
        self,
        content: Iterable[bytes] | bytes,
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
            response = self.http.post(
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

    def export(
        self, *, user_id: str | None = None, secrets: bool = False
    ) -> Generator[bytes, None, None]:
        """Give everything that is known, or all of one user, as JSON lines, piece by piece.

        What the knowledge vault keeps is among it only with ``secrets``, in clear.
        """
        params = export_params(user_id=user_id, secrets=secrets)
        try:
            with self.http.stream(
                "GET", "/export", params=params, headers=self.wire.headers
            ) as response:
                if not response.is_success:
                    response.read()
                    check(self.wire, response)
                yield from response.iter_bytes()
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise self.wire.failed(failure) from failure

    def _listen(self, listening: Listening[T]) -> Generator[T, None, None]:
        while True:
            try:
                yield from self._connected(listening)
            except ConnectionClosed as lost:
                listening.closed(lost.rcvd)
            except InvalidStatus as refused:
                listening.not_let_in(refused.response.status_code)
            except (OSError, InvalidHandshake):
                pass  # nobody is there yet: the next attempt comes after a pause
            if listening.over:
                return
            time.sleep(listening.pause())

    def _connected(self, listening: Listening[T]) -> Generator[T, None, None]:
        with connect(
            self.wire.socket_url,
            subprotocols=[Subprotocol(PROTOCOL)],
            additional_headers=self.wire.credentials,
            max_size=LARGEST_MESSAGE,
            proxy=None,
        ) as connection:
            for message in listening.opening():
                connection.send(message)
            while not listening.lost:
                heard = listening.take(connection.recv())
                if heard.reply is not None:
                    connection.send(heard.reply)
                if heard.item is not None:
                    yield heard.item
