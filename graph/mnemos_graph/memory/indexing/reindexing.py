"""Making what searches by vector anew: from the vectors that are kept, and the model for the rest."""

from __future__ import annotations

from mnemos_graph.memory.indexing.collecting import Collecting
from mnemos_graph.memory.indexing.embedding import live_memories
from mnemos_graph.memory.indexing.indexing import Indexer
from mnemos_graph.memory.indexing.settling import Settling
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.outcomes import Written
from mnemos_graph.model import SHARED, Access, Job, Memory
from mnemos_graph.store import Find, GraphStore

REINDEX = "reindex"
_MOST_COUNTED = 10_000_000


class Reindexing:
    def __init__(
        self,
        store: GraphStore,
        jobs: Jobs,
        settling: Settling,
        indexer: Indexer,
        collecting: Collecting | None,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._settling = settling
        self._indexer = indexer
        self._collecting = collecting

    async def reindex(self, access: Access) -> Written[Job]:
        """Have every memory given the vectors it lacks, and wide searches filled again.

        Where memories are just being given those of another embedder, that job is the answer; one
        that failed is begun again.

        Raises:
            Forbidden: the access may not write the shared partition.
        """
        if access.may_write(SHARED):
            changing = await self._settling.go_on(access.organization)
            if changing is not None:
                (head,) = await self._store.heads([access])
                return Written(changing, head.position)
        return await self._jobs.submit(access, NewJob(kind=REINDEX))

    async def handle(self, work: Work) -> None:
        """Do a job of this kind; where every memory has its vectors, no model is asked."""
        count = Find(Memory, first=1, count_to=_MOST_COUNTED)
        (page,) = await work.store.find(work.access, [count])
        await work.expect(work.job.done + (page.total or 0))
        async for memories in live_memories(work.store, work.access):
            await self._indexer.index(work.access, memories)
            await work.done(count=len(memories))
        if self._collecting is not None:
            await self._collecting.refill(work.access.organization)
