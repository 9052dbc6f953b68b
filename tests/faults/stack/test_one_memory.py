"""A crowd at one memory, over two workers: who wins has a version, and the others are told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from mnemos.client import AsyncClient
from mnemos_graph.errors import Conflict
from tests.faults.stack.starting import Stack, clients

WRITERS = 100
ROUNDS = 3
"""Of everybody, each from the version that is there by then."""

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(300)]


async def change(client: AsyncClient, id_: str, version: int, text: str) -> int | None:
    """Return the version that the change became; None: somebody else was first."""
    try:
        written = await client.update_memory(id_, text=text, expected_version=version)
    except Conflict:
        return None
    return written.memory.version


async def contended(opened: Sequence[AsyncClient], id_: str) -> list[int]:
    """Have everybody change one memory, in rounds; return the versions of who won."""
    won: list[int] = []
    for round_ in range(ROUNDS):
        now = await opened[0].memory(id_)
        assert now is not None
        texts = (f"writer {n} in round {round_}" for n in range(len(opened)))
        changes = (
            change(each, id_, now.version, text) for each, text in zip(opened, texts, strict=True)
        )
        won += [version for version in await asyncio.gather(*changes) if version is not None]
    return won


async def test_as_many_win_as_there_are_versions(stack: Stack) -> None:
    async with stack.serve() as program, clients(program.url, WRITERS) as opened:
        id_ = (await opened[0].create_memory("at first")).memory.id
        won = await contended(opened, id_)
        assert won == list(range(2, ROUNDS + 2))
        history = await opened[0].history(id_)
        assert history is not None
        assert [each.version for each in history] == list(range(ROUNDS + 1, 0, -1))


async def test_a_store_that_checks_no_version_is_found(stack: Stack) -> None:
    stack.bug = "checks no version"
    async with stack.serve() as program, clients(program.url, WRITERS) as opened:
        id_ = (await opened[0].create_memory("at first")).memory.id
        won = await contended(opened, id_)
        assert len(won) > len(set(won))
