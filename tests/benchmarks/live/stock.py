"""Strawberry as it comes, with both of its caches: what the same delivery costs without groups.

A subscriber has a queue, and every change is put into each: the least that a subscription can do.
``python -m tests.benchmarks.live.stock`` serves it on a free port and says where.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator

import strawberry
import uvicorn
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

_HEARING: set[asyncio.Queue[Page]] = set()


@strawberry.type
class Memory:
    id: strawberry.ID
    text: str
    type: str
    importance: float
    version: int


@strawberry.type
class Change:
    position: str
    kind: str
    subject_type: str
    subject_id: strawberry.ID
    actor: str
    subject: Memory


@strawberry.type
class Page:
    position: str
    changes: list[Change]


@strawberry.type
class Query:
    @strawberry.field
    def listening(self) -> int:
        return len(_HEARING)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def create_memory(self, text: str) -> str:
        position = "AYvWiOgAAAABAAAAAAAAAAGcCfGT"
        id_ = strawberry.ID("01930c5e-7f3a-7c1e-9d52-2f6b8a1c4e90")
        memory = Memory(id=id_, text=text, type="SEMANTIC", importance=0.5, version=1)
        change = Change(
            position=position,
            kind="CREATED",
            subject_type="MEMORY",
            subject_id=id_,
            actor="key:01930c5e-7f3a-7c1e-9d52-2f6b8a1c4e90",
            subject=memory,
        )
        for queue in _HEARING:
            queue.put_nowait(Page(position=position, changes=[change]))
        return position


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def changes(self) -> AsyncGenerator[Page, None]:
        queue: asyncio.Queue[Page] = asyncio.Queue()
        _HEARING.add(queue)
        try:
            yield Page(position="", changes=[])
            while True:
                yield await queue.get()
        finally:
            _HEARING.discard(queue)


def main() -> None:
    schema = strawberry.Schema(
        Query, Mutation, Subscription, extensions=[ParserCache, ValidationCache]
    )
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/graphql", flush=True)  # noqa: T201
    config = uvicorn.Config(
        GraphQL(schema),
        log_level="warning",
        access_log=False,
        ws_ping_interval=60,
        ws_per_message_deflate=False,
    )
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
