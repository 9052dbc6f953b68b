"""A question that nobody asked before: 20 memories × 8 fields, with an API key, on SQLite.

It is asked of Strawberry's own view within this process, so that neither an answer that is kept nor
a socket has a part in it.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from mnemos.door import Reach
from mnemos.graphql_app import GraphQL
from mnemos.program import Program, program_over
from mnemos.settings import Settings
from mnemos.wiring import Opened
from mnemos_graph.feed import LocalBus
from mnemos_graph.memory.services import Parts
from mnemos_graph.model import Access, Memory, OrganizationId, Scope, new_id
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Put
from mnemos_schema.execution import Execution
from mnemos_schema.schema import schema
from tests.benchmarks.figures import Figure, settle
from tests.benchmarks.live import rows

ABOUT = "A question that nobody asked before: 20 memories × 8 fields, with an API key, on SQLite"
MEMORIES, ROUNDS, ASKED, AT_ONCE = 200, 15, 64, 32
PAGE = """
query Page($scope: ScopeInput, $first: Int!) {
  memories(scope: $scope, first: $first) {
    edges { node { id type text importance tags version createdAt validFrom } }
  }
}
"""
CHANGES = """
{
  changes(first: 20) {
    position
    changes {
      position kind subjectType subjectId actor at
      subject { ... on Memory { id text type importance version } }
    }
  }
}
"""
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Way:
    """One request to one view."""

    view: ASGIApp
    body: bytes
    secret: str
    executor: type[StrawberryGraphQLCoreExecutionContext] = Execution

    async def ask(self, at_once: int = 1) -> Sequence[bytes]:
        """Return the answers to so many of it at once."""
        schema.execution_context_class = self.executor
        return await asyncio.gather(*(self._answer() for _ in range(at_once)))

    async def _answer(self) -> bytes:
        said = bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": self.body, "more_body": False}

        async def send(message: Message) -> None:
            said.extend(message.get("body", b""))

        await self.view(_scope(self.secret), receive, send)
        return bytes(said)


def _scope(secret: str) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1:8080"),
            (b"content-type", b"application/json"),
            (b"accept", b"application/json"),
            (b"authorization", f"Bearer {secret}".encode()),
        ],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8_080),
    }


async def filled(store: SqliteStore, organization: OrganizationId) -> None:
    """Keep memories, each committed by itself."""
    for number in range(MEMORIES):
        memory = Memory(
            id=new_id(),
            scope=Scope("ann"),
            created_at=BEGIN + timedelta(minutes=number),
            updated_at=BEGIN + timedelta(minutes=number),
            text=f"Ann drank cup {number} of green tea at the office on a rainy day of spring.",
            tags=("tea", f"day-{number}"),
            valid_from=BEGIN,
        )
        await store.commit(Access(organization, "local"), ChangeSet((Put(memory),)))


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[tuple[Program, str], None]:
    """Open the program over a new file; give a key too. No rate limit: all of it is one client."""
    store = await SqliteStore.open(folder)
    parts = Opened(parts=Parts(store=store, bus=LocalBus()), directory=store.directory)
    async with program_over(parts, Settings(key_rate=0), Reach.ANYWHERE) as program:
        organization = await program.keys.organization("acme")
        await filled(store, organization.id)
        yield program, (await program.keys.create(organization.id, "load")).secret
    await store.close()


async def microseconds(ways: Mapping[str, Way], at_once: int) -> Mapping[str, float]:
    """Return the CPU of one answer in each way, in all threads: the median of interleaved rounds."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.process_time()
            for _ in range(ASKED // at_once):
                await way.ask(at_once)
            taken[name].append((time.process_time() - began) / ASKED * 1e6)
    return {name: statistics.median(each) for name, each in taken.items()}


def _body(query: str, **variables: Any) -> bytes:
    return json.dumps({"query": query, "variables": variables}).encode()


def _ways(folder: Path, program: Program, secret: str) -> Mapping[str, Way]:
    mnemos = GraphQL(schema, program)
    page, changes = _body(PAGE, scope={"userId": "ann"}, first=20), _body(CHANGES)
    stock = StrawberryGraphQLCoreExecutionContext
    return {
        "page": Way(mnemos, page, secret),
        "page, stock executor": Way(mnemos, page, secret, stock),
        "page, stock": Way(rows.view(folder), page, secret),
        "changes": Way(mnemos, changes, secret),
        "changes, stock executor": Way(mnemos, changes, secret, stock),
    }


async def figures(folder: Path) -> list[Figure]:
    async with opened(folder) as (program, secret):
        ways = _ways(folder, program, secret)
        for way in ways.values():
            for _ in range(20):
                answers = await way.ask(AT_ONCE)
            assert {each.count(b'"text"') for each in answers} == {20}, answers[0][:500]
        settle()
        many, single = await microseconds(ways, AT_ONCE), await microseconds(ways, 1)
    return _told(many, single)


def _told(many: Mapping[str, float], single: Mapping[str, float]) -> list[Figure]:
    ours = "the same view with the stock executor"
    stock = "Strawberry with both caches, over the same rows"
    return [
        Figure(
            what=f"CPU of an answer, {AT_ONCE} asked at once",
            value=many["page"],
            unit="µs",
            goal="≤ 650 µs, and 1 / 2.2 of stock",
            baseline=stock,
            baseline_value=many["page, stock"],
        ),
        Figure(
            what="CPU of an answer, one asked after the other",
            value=single["page"],
            unit="µs",
            baseline=stock,
            baseline_value=single["page, stock"],
        ),
        Figure(
            what="CPU of an answer, what is compiled in it",
            value=many["page"],
            unit="µs",
            baseline=ours,
            baseline_value=many["page, stock executor"],
        ),
        Figure(
            what="CPU of a page of 20 changes, each with its memory",
            value=many["changes"],
            unit="µs",
            baseline=ours,
            baseline_value=many["changes, stock executor"],
        ),
    ]
