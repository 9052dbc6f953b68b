"""Jobs in tests: run until they have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from mnemos_graph.feed import Journal
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.jobs.runner import Handler, Runner
from mnemos_graph.model import Access, Job, RecordId
from tests.conformance.samples import ACME
from tests.graph.memory.conftest import Calendar


async def ended(journal: Journal, id_: RecordId, access: Access = ACME) -> Job:
    """Return the job once it has ended."""
    while True:
        job = (await journal.store.get(access, Job, [id_]))[id_]
        if job.ended:
            return job
        await asyncio.sleep(0.005)


def runner(
    journal: Journal, jobs: Jobs, clock: Calendar, handlers: Mapping[str, Handler]
) -> Runner:
    return Runner(journal, jobs, handlers, clock, pause=0.01)
