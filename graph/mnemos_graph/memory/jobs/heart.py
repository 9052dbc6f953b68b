"""Which jobs are being worked on, so that others see that somebody does.

A sign of life is a mark in the store that changes every few seconds. It needs no clock that two
machines share: a job is left alone for as long as whoever watches it sees its mark change.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Self

from mnemos_graph.ending import end
from mnemos_graph.errors import MnemosError
from mnemos_graph.model import Access, OrganizationId, RecordId
from mnemos_graph.ready import Ready
from mnemos_graph.store import DerivedRef, GraphStore

EVERY = 5.0
"""Seconds between two signs of life."""

log = logging.getLogger(__name__)


class Heart:
    """An async context: within it, what is in hand is marked as such again and again."""

    def __init__(self, store: GraphStore, *, every: float | None = EVERY) -> None:
        """``every``: seconds; None: nobody else could look, so no marks are made."""
        self._store = store
        self._every = every
        self._in_hand: set[Ready] = set()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._every is not None:
            self._task = asyncio.create_task(self._beat(self._every))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            await end(self._task)

    def holds(self, ready: Ready) -> bool:
        """Return whether this process works on the job."""
        return ready in self._in_hand

    @contextmanager
    def holding(self, ready: Ready) -> Iterator[None]:
        """Count the job as worked on for as long as the block runs."""
        self._in_hand.add(ready)
        try:
            yield
        finally:
            self._in_hand.discard(ready)

    async def still(self, ready: Ready) -> None:
        """Take the mark of a job away that is not worked on any more."""
        if self._every is None:
            return
        access = Access(ready.organization, "system")
        try:
            await self._store.derive(access, {}, drop=[_mark(ready.job)])
        except MnemosError as error:
            log.info("the mark of job %s stays: %s", ready.job, error.code)

    async def _beat(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            by_organization = defaultdict[OrganizationId, list[RecordId]](list)
            for ready in self._in_hand:
                by_organization[ready.organization].append(ready.job)
            for organization, jobs in by_organization.items():
                marks = {_mark(job): secrets.token_bytes(8) for job in jobs}
                try:
                    await self._store.derive(Access(organization, "system"), marks)
                except MnemosError as error:
                    log.warning("jobs could not be marked as worked on: %s", error.code)
                except Exception:
                    log.exception("jobs could not be marked as worked on")


async def marks(
    store: GraphStore, access: Access, jobs: Collection[RecordId]
) -> Mapping[RecordId, bytes]:
    """Return the last sign of life of those jobs that have given one."""
    found = await store.derived(access, [_mark(job) for job in jobs]) if jobs else {}
    return {job: found[_mark(job)] for job in jobs if _mark(job) in found}


def _mark(job: RecordId) -> DerivedRef:
    return DerivedRef(RecordId(f"mark:job:{job}"), 1, "heartbeat")
