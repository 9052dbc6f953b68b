"""Programs over one store, asked without sockets: one that keeps its answers, and one that does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from mnemos.answering.layer import Answering, Counts
from mnemos.app import create_app
from mnemos.door import Reach
from mnemos.program import Program, program_over
from mnemos.settings import Settings
from mnemos.wiring import Opened
from mnemos_graph.directory import Role
from mnemos_graph.feed import Bus, LocalBus
from mnemos_graph.identity import LOCAL
from mnemos_graph.memory.services import Parts
from mnemos_graph.model import OrganizationId
from mnemos_graph.store import GraphStore
from tests.conformance.memory_directory import MemoryDirectory

TURNS = 8
"""How often others have their turn before a request comes in: here no network lets them."""


class Calendar:
    """A clock that goes on when a test says so."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def ahead(self, seconds: float) -> str:
        """Return the instant so far ahead, as a client writes it."""
        return (self.at + timedelta(seconds=seconds)).isoformat()


class Desk:
    """One program's front, as one caller sees it."""

    def __init__(self, program: Program, app: Answering, http: httpx.AsyncClient) -> None:
        self.program = program
        self.app = app
        self.http = http

    @property
    def counts(self) -> Counts:
        return self.app.counts

    async def post(
        self, query: str, variables: Mapping[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        """Send a document; ``mnemos_after="…"`` is a header."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"query": query, "variables": dict(variables or {})}
        return await self.http.post("/graphql", json=body, headers=named)

    async def ask(self, query: str, **variables: Any) -> Any:
        """Return the data that a document answers; fail where it has an error."""
        answer = (await self.post(query, variables)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def key(self, role: Role = Role.MEMBER, organization: str = LOCAL.id) -> str:
        """Make a key; return its secret."""
        return (await self.program.keys.create(OrganizationId(organization), "a", role)).secret

    def holding(self, secret: str) -> Desk:
        """Return the same desk for whoever has this key."""
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://localhost",
            headers={"x-api-key": secret},
        )
        return Desk(self.program, self.app, http)


@asynccontextmanager
async def desk(
    store: GraphStore,
    *,
    clock: Calendar | None = None,
    bus: Bus | None = None,
    settings: Settings | None = None,
    cache_bytes: int = 0,
) -> AsyncGenerator[Desk, None]:
    """Open a program over a store, in local mode until a key is made. It works no jobs off."""
    parts = Parts(
        store=store,
        bus=bus or LocalBus(),
        clock=clock or Calendar(),
        cache_bytes=cache_bytes,
        runs_jobs=False,
    )
    opened = Opened(parts=parts, directory=MemoryDirectory())
    async with program_over(opened, settings or Settings(), Reach.MACHINE) as program:
        app = create_app(program)
        assert isinstance(app, Answering)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield Desk(program, app, http)


FORGETFUL = Settings(answer_bytes=0)
"""Keeps no answers."""
