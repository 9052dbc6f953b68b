"""A store over which processes with one embedder and another run, one after the other or together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.leases import Leases, LocalLeases
from mnemos_graph.memory.indexing.succession import Made, Succession, Successions
from mnemos_graph.memory.recall.asking import Question, Strategy
from mnemos_graph.memory.recall.recall import Recalled
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.model import Access, Job, Memory, OrganizationId, RecordId
from mnemos_graph.store import ChangeSet, DerivedRef, Find, GraphStore, Order, Put
from mnemos_graph.vectors import VectorStore
from tests.conformance.memory_vectors import MemoryVectors
from tests.conformance.samples import ACME, day, memory
from tests.embedders import WordEmbedder

T = TypeVar("T")
ORG = ACME.organization
COUNT = 25
OLD, NEW = "old model 384d", "new model 768d"


class Sized(WordEmbedder):
    """Of a length of its own, so that comparing its rows with another one's fails; can be held up."""

    def __init__(self, generation: str, dimensions: int) -> None:
        super().__init__(generation)
        self.dimensions = dimensions
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.questions: list[str] = []
        self.stops_after = 10**9
        """Texts after which it is held up."""

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        if urgent:
            self.questions += texts
        elif len(self.texts) >= self.stops_after:
            await asyncio.Event().wait()
        else:
            await self.goes_on.wait()
        return await super().embed(texts, urgent=urgent)


def old() -> Sized:
    return Sized(OLD, 384)


def new() -> Sized:
    return Sized(NEW, 768)


async def acme() -> Collection[OrganizationId]:
    return [ORG]


async def eventually(read: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    """Read until it holds of what was read, and return that."""
    async with asyncio.timeout(15):
        while True:
            if holds(got := await read()):
                return got
            await asyncio.sleep(0.01)


@dataclass
class Program:
    """One process."""

    services: Services
    journal: Journal

    async def write(self, *texts: str, access: Access = ACME) -> list[Memory]:
        memories = [memory(text) for text in texts]
        await self.journal.commit(access, ChangeSet(tuple(map(Put, memories))))
        return memories

    async def recall(self, text: str, **query: Any) -> Recalled:
        question = Question(
            text=text, strategy=Strategy.VECTOR, limit=3, query=MemoryQuery(**query)
        )
        return await self.services.recall.recall(ACME, question)

    async def jobs(self) -> Sequence[Job]:
        (page,) = await self.services.store.find(ACME, [Find(Job, order=Order("id"))])
        return page.records

    async def changed(self) -> Job:
        """Wait until the last job has ended."""
        return (await eventually(self.jobs, lambda jobs: bool(jobs) and jobs[-1].ended))[-1]


@dataclass
class House:
    """What outlives processes."""

    store: GraphStore
    vectors: VectorStore = field(default_factory=MemoryVectors)
    leases: Leases = field(default_factory=LocalLeases)
    bus: LocalBus = field(default_factory=LocalBus)
    others: bool = False
    exact_scan: int = 1_000

    @asynccontextmanager
    async def run(
        self, embedder: WordEmbedder, previous: WordEmbedder | None = None, **more: Any
    ) -> AsyncIterator[Program]:
        @asynccontextmanager
        async def open_vectors() -> AsyncIterator[VectorStore]:
            yield self.vectors

        parts = Parts(
            store=self.store,
            bus=self.bus,
            embedder=embedder,
            previous=previous,
            open_vectors=open_vectors,
            exact_scan=self.exact_scan,
            leases=self.leases,
            others=self.others,
            organizations=acme,
            clock=lambda: day(1_000),
            **more,
        )
        async with open_services(parts) as services:
            yield Program(services, services.journal)

    async def kept(self, memories: Sequence[Memory], generation: str) -> set[tuple[RecordId, int]]:
        refs = [
            DerivedRef(each.id, version, generation)
            for each in memories
            for version in range(1, each.version + 1)
        ]
        found = await self.store.derived(ACME, refs)
        assert all(found.values())
        return {(ref.id, ref.version) for ref in found}


async def filled(house: House, count: int = COUNT) -> list[Memory]:
    async with house.run(old()) as program:
        memories = await program.write("green tea", *(f"note {n}" for n in range(count - 1)))
        await until_settled(house, Made(OLD))
        return memories


async def until_settled(house: House, made: Made, access: Access = ACME) -> None:
    await eventually(
        lambda: Successions(house.store).now(access),
        lambda now: now is not None and now == Succession(made, job=now.job),
    )
