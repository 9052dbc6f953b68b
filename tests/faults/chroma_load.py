"""Processes that write and recall on and on, over one Chroma server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mnemos_graph.feed import LocalBus
from mnemos_graph.memory.indexing.indexing import IndexingJournal
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recalled
from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.model import ChangeKind, Memory, RecordId, RecordKind
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Delete, GraphStore, Put, VersionRef
from mnemos_graph.vectors import OpenVectors
from mnemos_graph.vectors.chroma_server import open_chroma_server
from tests.conformance.samples import ACME, memory
from tests.embedders import WordEmbedder
from tests.leasing import SharedLeases

ORG = ACME.organization
LIMIT = 10
WRITERS = 4
PAUSE_SECONDS = 0.03
"""After each write of a writer."""
LONGEST_RECALL_SECONDS = 5
THINGS = ("tea", "milk", "rain", "bicycle", "violin", "lighthouse")


@dataclass
class Process:
    services: Services
    journal: IndexingJournal
    chance: random.Random
    acknowledged: int = 0

    async def write_on(self) -> None:
        """Create, change and delete memories until this is cancelled."""
        own: list[Memory] = []
        while True:
            await self._write(own)
            self.acknowledged += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def _write(self, own: list[Memory]) -> None:
        drawn = self.chance.random()
        if own and drawn < 0.3:
            last = own.pop(self.chance.randrange(len(own)))
            if drawn < 0.15:
                await self._commit(Delete(RecordKind.MEMORY, last.id, last.version))
                return
            kept = replace(last, text=self._text(), version=last.version + 1)
        else:
            kept = memory(self._text())
        await self._commit(Put(kept))
        own.append(kept)

    def _text(self) -> str:
        return f"{self.chance.choice(THINGS)} {self.chance.randrange(10**9)}"

    async def _commit(self, operation: Put | Delete) -> None:
        await self.journal.commit(ACME, ChangeSet((operation,)))

    async def recall(self) -> Recalled:
        async with asyncio.timeout(LONGEST_RECALL_SECONDS):
            return await self.services.recall.recall(ACME, Question(text="violin", limit=5))

    async def caught_up(self) -> None:
        """Wait until wide searches see everything that was acknowledged."""
        assert self.services.collecting is not None
        (head,) = await self.services.store.heads([ACME])
        async with asyncio.timeout(90):
            await self.services.collecting.passed(ORG, head.position)

    async def answers_in_full(self) -> None:
        """Wait until a recall misses nothing: the server may rest before it is tried again."""
        async with asyncio.timeout(30):
            while True:
                if not (await self.recall()).degraded:
                    return
                await asyncio.sleep(0.1)


@dataclass
class Load:
    processes: list[Process]

    @property
    def acknowledged(self) -> int:
        return sum(process.acknowledged for process in self.processes)

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Write from every process while the block runs; a write that fails, fails the test."""
        writing = [
            asyncio.create_task(process.write_on())
            for process in self.processes
            for _ in range(WRITERS)
        ]
        try:
            yield
            assert not any(each.done() for each in writing), "a writer was stopped"
        finally:
            for each in writing:
                each.cancel()
            for each in writing:
                with suppress(asyncio.CancelledError):
                    await each

    async def recalled_for(self, seconds: float) -> list[Recalled]:
        """Recall from every process again and again, and return the answers."""
        loop = asyncio.get_running_loop()
        end, answers = loop.time() + seconds, []
        while loop.time() < end:
            answers += [await process.recall() for process in self.processes]
            await asyncio.sleep(PAUSE_SECONDS)
        return answers


@asynccontextmanager
async def load(
    folder: Path,
    url: str,
    *,
    opens: Callable[[str], OpenVectors] = lambda url: partial(open_chroma_server, url),
) -> AsyncIterator[Load]:
    """Open two processes' services over one store and one server, with a collection that stands."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure
    store, bus, leases = await SqliteStore.open(folder), LocalBus(), SharedLeases()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        processes = []
        for number in range(2):
            parts = Parts(
                store=store,
                bus=bus,
                embedder=WordEmbedder(),
                open_vectors=opens(url),
                exact_scan=LIMIT,
                leases=leases,
                others=True,
            )
            services = await stack.enter_async_context(open_services(parts))
            assert services.indexer is not None
            journal = IndexingJournal(store, bus, services.indexer)
            processes.append(Process(services, journal, random.Random(seed + number)))
        first = processes[0]
        for n in range(LIMIT + 1):
            await first.journal.commit(ACME, ChangeSet((Put(memory(f"start {n}")),)))
        for process in processes:
            await process.caught_up()
        yield Load(processes)


async def replayed(store: GraphStore) -> set[VersionRef]:
    """Return which version of which memory is current, from the log alone."""
    current: dict[RecordId, int] = {}
    (head,) = await store.heads([ACME])
    for change in await store.changes(ACME, limit=head.position):
        if change.kind is ChangeKind.DELETED:
            current.pop(change.subject_id)
        else:
            current[change.subject_id] = change.version
    return {VersionRef(id_, version) for id_, version in current.items()}
