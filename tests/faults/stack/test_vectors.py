"""kill -9 of everything between a commit and its vector: Chroma catches up with the log."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence

import pytest

from mnemos.client.results import Change
from mnemos_graph.identity import LOCAL_CALLER
from mnemos_graph.model import RecordId
from mnemos_graph.store import VersionRef
from mnemos_graph.vectors.chroma_server import open_chroma_server
from tests.faults.length import LONG
from tests.faults.stack.callers import whole_log
from tests.faults.stack.starting import Stack, clients
from tests.servers.chroma import held

LIMIT = 10
"""Memories up to which an organization's are compared without Chroma."""
TIMES = 5 if LONG else 1

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(600 if LONG else 300)]


def replayed(log: Sequence[Change]) -> set[VersionRef]:
    """Return which version of which memory is current, from the log alone."""
    current: dict[str, int] = {}
    for change in log:
        if change.kind == "DELETED":
            current.pop(change.subject_id)
        else:
            current[change.subject_id] = current.get(change.subject_id, 0) + 1
    return {VersionRef(RecordId(id_), version) for id_, version in current.items()}


async def caught_up(stack: Stack, log: Sequence[Change]) -> None:
    """Wait until Chroma has what the log tells, and nothing else."""
    expected = replayed(log)
    while True:
        if await held(stack.chroma.url, LOCAL_CALLER.access) == expected:
            return
        await asyncio.sleep(0.2)


async def test_what_was_committed_and_not_indexed_is_indexed_by_the_next(stack: Stack) -> None:
    stack.settings |= {"MNEMOS_EMBEDDER": "local:", "MNEMOS_EXACT_SCAN": str(LIMIT)}
    async with open_chroma_server(stack.chroma.url) as vectors:
        await vectors.drop(LOCAL_CALLER.access)
    for time in range(TIMES):
        async with stack.serve() as program, clients(program.url, 1) as (client,):
            ids = [(await client.create_memory(f"start {n}")).memory.id for n in range(LIMIT + 1)]
            await caught_up(stack, await whole_log(client))
            stack.chroma.stall()
            await client.create_memory(f"committed, and not in Chroma: {time}")
            await client.update_memory(ids[0], text="changed, and not in Chroma")
            await client.delete_memory(ids[1])
            await program.end(signal.SIGKILL)
            await asyncio.to_thread(stack.chroma.end)  # with what the killed had sent to it
            await asyncio.to_thread(stack.chroma.start)
            before = await held(stack.chroma.url, LOCAL_CALLER.access)
        async with stack.serve() as program, clients(program.url, 1) as (client,):
            log = await whole_log(client)
            assert replayed(log) != before
            await caught_up(stack, log)
            (hit,) = (await client.recall("committed not in Chroma", limit=1)).hits
            assert hit.memory.text == f"committed, and not in Chroma: {time}"
