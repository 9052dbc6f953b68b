from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mnemos.program import Program
from tests.conformance.memory_store import MemoryStore
from tests.serving import Client, client_of, program_on


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    async with program_on(MemoryStore()) as program:
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[Client]:
    async with client_of(program) as client:
        yield client
