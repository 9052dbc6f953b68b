"""Several workers in tests, over one store, of which some die in the middle of their work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from mnemos_graph.errors import Unavailable
from mnemos_graph.feed import Feed, Journal, LocalBus
from mnemos_graph.leases import LocalLeases
from mnemos_graph.memory.consolidating.consolidating import CONSOLIDATE, Consolidating
from mnemos_graph.memory.consolidating.passes import Passes
from mnemos_graph.memory.expiring import EXPIRE, Expiring
from mnemos_graph.memory.forget import FORGET_USER, Forgetting
from mnemos_graph.memory.indexing.indexing import Indexer
from mnemos_graph.memory.indexing.reindexing import REINDEX, Reindexing
from mnemos_graph.memory.indexing.settling import Settling
from mnemos_graph.memory.indexing.succession import Successions
from mnemos_graph.memory.jobs.heart import Heart
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.jobs.runner import Handler, Runner
from mnemos_graph.memory.jobs.watch import Watch
from mnemos_graph.memory.remember.remember import PENDING, Rememberer
from mnemos_graph.memory.remember.remember_many import REMEMBER_MANY, RememberingMany
from mnemos_graph.memory.rounds import Rounds
from mnemos_graph.memory.transfer.importing import IMPORT, Importing
from mnemos_graph.model import Access, OrganizationId
from mnemos_graph.ready import ReadyJobs
from mnemos_graph.store import ChangeSet, Committed, DerivedRef, GraphStore
from tests.conformance.samples import ACME
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.passing import AllAlike
from tests.graph.memory.rules import Rules
from tests.graph.memory.telling import WordCounts

T = TypeVar("T")


class Mortal:
    """A store as a process sees it that is killed around one of its writes.

    From then on nothing that it does reaches the store, and nothing comes back.
    """

    def __init__(self, store: GraphStore, *, dies_at: int | None, unheard: bool = False) -> None:
        """``unheard``: the write at which it dies is still carried out."""
        self._store = store
        self._left = dies_at
        self._unheard = unheard
        self.dead = asyncio.Event()
        self._buried = asyncio.Event()

    def bury(self) -> None:
        """Let go of whoever still waits for it, so that the test can end."""
        self._buried.set()

    async def _silence(self) -> NoReturn:
        await self._buried.wait()
        raise Unavailable("The store cannot be reached.")

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._store, name)

        async def alive(*given: Any, **named: Any) -> Any:
            if self.dead.is_set():
                await self._silence()
            return await call(*given, **named)

        return alive

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        committed: Committed = await self._live_on(self._store.commit(access, change_set))
        return committed

    async def derive(
        self,
        access: Access,
        derived: Mapping[DerivedRef, bytes],
        *,
        drop: Collection[DerivedRef] = (),
    ) -> None:
        await self._live_on(self._store.derive(access, derived, drop=drop))

    async def _live_on(self, write: Coroutine[Any, Any, T]) -> T:
        """Carry the write out, or die before or behind it."""
        if self._left is not None:
            self._left -= 1
        dies = self._left is not None and self._left < 0
        if self.dead.is_set() or (dies and not self._unheard):
            self.dead.set()
            write.close()
            await self._silence()
        answer = await write
        if dies:
            self.dead.set()
            await self._silence()
        return answer


async def acme() -> Sequence[OrganizationId]:
    return [ACME.organization]


@dataclass(frozen=True, slots=True)
class Worker:
    """Everything that hands jobs in and works them off, as one process has it."""

    jobs: Jobs
    rememberer: Rememberer
    many: RememberingMany
    forgetting: Forgetting
    importing: Importing
    reindexing: Reindexing
    expiring: Expiring
    consolidating: Consolidating
    handlers: Mapping[str, Handler]
    journal: Journal


@asynccontextmanager
async def worker(
    store: Any, ready: ReadyJobs, clock: Calendar, *, away: int = 0
) -> AsyncGenerator[Worker, None]:
    """Open what a process has, working nothing off yet."""
    async with AsyncExitStack() as stack:
        journal = Journal(store, LocalBus())
        feed = await stack.enter_async_context(Feed(store, LocalBus()))
        indexer = await stack.enter_async_context(Indexer(store, feed, WordCounts()))
        jobs = Jobs(journal, clock, ready)
        rememberer = Rememberer(journal, jobs, clock, extractor=Rules(away), embedder=WordCounts())
        many, forgetting = RememberingMany(jobs, rememberer, clock), Forgetting(journal, jobs)
        importing = Importing(journal, jobs, rememberer, clock)
        settling = Settling(store, Successions(store), jobs, indexer.made)
        reindexing = Reindexing(store, jobs, settling, indexer, None)
        expiring = Expiring(journal, jobs, clock, acme)
        passes = Passes(journal, clock, AllAlike())
        consolidating = Consolidating(store, jobs, passes, clock, acme)
        handlers: Mapping[str, Handler] = {
            CONSOLIDATE: consolidating.handle,
            REMEMBER_MANY: many.handle,
            PENDING: rememberer.handle,
            FORGET_USER: forgetting.handle,
            IMPORT: importing.handle,
            REINDEX: reindexing.handle,
            EXPIRE: expiring.handle,
        }
        yield Worker(
            jobs=jobs,
            rememberer=rememberer,
            many=many,
            forgetting=forgetting,
            importing=importing,
            reindexing=reindexing,
            expiring=expiring,
            consolidating=consolidating,
            handlers=handlers,
            journal=journal,
        )


@asynccontextmanager
async def working(
    worker: Worker,
    clock: Calendar,
    *,
    beats: float | None = 0.01,
    stale: float = 0.2,
    handlers: Mapping[str, Handler] | None = None,
) -> AsyncGenerator[Runner, None]:
    """Work jobs off, and watch for those that nobody works on."""
    store = worker.journal.store
    heart = Heart(store, every=beats)
    watch = Watch(store, worker.jobs, heart, acme, stale=stale)
    runner = Runner(
        worker.journal, worker.jobs, handlers or worker.handlers, clock, heart=heart, pause=0.01
    )
    async with heart, runner, Rounds("jobs", LocalLeases(), watch.look, every=0.02):
        yield runner
