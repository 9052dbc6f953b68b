"""A program with a key, for clients that others wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from mnemos_graph.directory import Role
from mnemos_graph.identity import LOCAL
from tests.conformance.memory_store import MemoryStore
from tests.serving import program_on, serving


@dataclass(frozen=True, slots=True)
class Served:
    """Where the program listens, and a key of an admin."""

    address: str
    secret: str

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with program_on(MemoryStore()) as program:
        key = await program.keys.create(LOCAL.id, "clients", Role.ADMIN)
        async with serving(program) as address:
            yield Served(address, key.secret)
