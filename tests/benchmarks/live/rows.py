"""Strawberry as it comes, with both of its caches, over the rows that Mnemos wrote.

What is asked is a page of memories, newest first. There is no key to look at, no instant at which
they hold, and no thread to read on: the least that such a view can do.
``python -m tests.benchmarks.live.rows FOLDER`` serves it on a free port and says where.
"""

from __future__ import annotations

import socket
import sqlite3
import sys
from datetime import datetime
from enum import Enum
from pathlib import Path

import strawberry
import uvicorn
from starlette.types import ASGIApp
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from mnemos_graph import model
from mnemos_graph.sqlite.columns import table_of

_PAGE = "SELECT body FROM memory WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT ?"


@strawberry.enum
class MemoryType(Enum):
    SEMANTIC = "SEMANTIC"
    EPISODIC = "EPISODIC"


@strawberry.type
class Memory:
    id: strawberry.ID
    type: MemoryType
    text: str
    importance: float
    tags: list[str]
    version: int
    created_at: datetime
    valid_from: datetime | None

    @classmethod
    def of(cls, record: model.Memory) -> Memory:
        return cls(
            id=strawberry.ID(record.id),
            type=MemoryType[record.type.name],
            text=record.text,
            importance=record.importance,
            tags=list(record.tags),
            version=record.version,
            created_at=record.created_at,
            valid_from=record.valid_from,
        )


@strawberry.type
class Edge:
    node: Memory


@strawberry.type
class Connection:
    edges: list[Edge]


@strawberry.input
class ScopeInput:
    user_id: str | None = None


def view(folder: Path) -> ASGIApp:
    """Return the view over the file in ``folder``."""
    database = sqlite3.connect(folder / "mnemos.db")
    decode = table_of(model.Memory).decode

    @strawberry.type
    class Query:
        @strawberry.field
        async def memories(self, scope: ScopeInput | None = None, first: int = 20) -> Connection:
            rows = database.execute(_PAGE, (scope.user_id if scope else None, first))
            return Connection(edges=[Edge(node=Memory.of(decode(body))) for (body,) in rows])

    return GraphQL(strawberry.Schema(Query, extensions=[ParserCache, ValidationCache]))


def main(folder: Path) -> None:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/graphql", flush=True)  # noqa: T201
    config = uvicorn.Config(view(folder), log_level="warning", access_log=False)
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
