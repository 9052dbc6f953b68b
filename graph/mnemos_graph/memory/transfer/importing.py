"""Whole files taken in by a job: what was told, records of another Mnemos, and documents."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import msgspec

from mnemos_graph.errors import BadInput, Conflict, MnemosError, TryLater
from mnemos_graph.feed import Journal
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob, Unit
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.kinds.documents import Document
from mnemos_graph.memory.outcomes import Clock, Written
from mnemos_graph.memory.receipts import Keyed
from mnemos_graph.memory.remember.ahead import Ahead
from mnemos_graph.memory.remember.remember import Rememberer, request_of
from mnemos_graph.memory.remember.telling import Telling, messages_of
from mnemos_graph.memory.transfer.documents import Documents, units_of
from mnemos_graph.memory.transfer.portable import in_order, line_of, record_of, same
from mnemos_graph.model import (
    SHARED,
    Access,
    Job,
    JobInput,
    Partition,
    Position,
    Record,
    RecordId,
    Scope,
)
from mnemos_graph.store import ChangeSet, Put

IMPORT = "import"
TOLD_AT_ONCE = 4
"""Partitions of one job whose tellings are taken in side by side."""
WRITTEN_AT_ONCE = 8
"""The same of whole records, which wait for nothing but the store: what is committed at the same
moment shares a transaction."""
RECORDS_AT_ONCE = 200
"""In one change set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file came to, and whence it came: a digest of the file and how it was read."""

    tellings: Sequence[Telling] = ()
    records: Sequence[Record] = ()
    documents: Sequence[Document] = ()
    digest: str

    @property
    def count(self) -> int:
        turns = sum(1 for telling in self.tellings for _ in messages_of(telling))
        chunks = sum(len(document.chunks) for document in self.documents)
        return turns + len(self.records) + chunks


class Importing:
    def __init__(self, journal: Journal, jobs: Jobs, rememberer: Rememberer, clock: Clock) -> None:
        self._journal = journal
        self._jobs = jobs
        self._rememberer = rememberer
        self._documents = Documents(journal, clock)
        self._clock = clock

    async def submit(self, access: Access, found: Found, key: str | None = None) -> Written[Job]:
        """Have all of it taken in, and return the job; the same key again is the same job.

        Raises:
            BadInput: there is nothing in it.
            Conflict: the key came with another file before.
        """
        if not found.count:
            raise BadInput("There is nothing in the file that can be taken in.")
        now = self._clock()
        dated = [replace(each, occurred_at=each.occurred_at or now) for each in found.tellings]
        units = [_told(telling) for telling in dated]
        units += _written(found.records)
        units += [unit for document in found.documents for unit in units_of(document)]
        users = {unit.scope.user_id for unit in units}
        new = NewJob(
            kind=IMPORT,
            scope=Scope(users.pop()) if len(users) == 1 else Scope(),
            units=units,
            total=found.count,
        )
        return await self._jobs.submit(access, new, Keyed.of(IMPORT, key, found.digest))

    async def handle(self, work: Work) -> None:
        """Take in what is left, each once, also where this is called again.

        Raises:
            TryLater: something is away; what was taken in until then is counted.
        """
        async for page in work.inputs():
            tellings = {each.id: _telling(each) for each in page if "telling" in each.payload}
            async with self._rememberer.reading(work.access, tellings, work.began) as ahead:
                for at_once, groups in _groups(page):
                    await self._take_all(work, groups, at_once, ahead)

    async def _take_all(
        self,
        work: Work,
        groups: Iterable[Sequence[JobInput]],
        at_once: int,
        ahead: Mapping[RecordId, Ahead],
    ) -> None:
        places = asyncio.Semaphore(at_once)

        async def in_turn(inputs: Sequence[JobInput]) -> None:
            async with places:
                for each in inputs:
                    await self._take(work, each, ahead.get(each.id))

        waited = [in_turn(each) for each in groups]
        for outcome in await asyncio.gather(*waited, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _take(self, work: Work, listed: JobInput, ahead: Ahead | None) -> None:
        """Take one unit in, unless it was forgotten since it was listed."""
        held = (await work.store.get(work.access, JobInput, [listed.id])).get(listed.id)
        if held is None:
            await work.done()
        elif "chunks" in held.payload or "kept" in held.payload:
            await self._keep(work, held)
        elif "records" in held.payload:
            await self._put(work, held, work.began)
        else:
            await self._remember(work, held, ahead)

    async def _remember(self, work: Work, held: JobInput, ahead: Ahead | None) -> None:
        telling = _telling(held)
        try:
            request = request_of(IMPORT, held.id)
            await self._rememberer.take_in(work.access, telling, request, work.began, ahead)
        except TryLater:
            raise
        except MnemosError as error:
            await work.failed(error, held)
        else:
            await work.done(held, count=sum(1 for _ in messages_of(telling)))

    async def _keep(self, work: Work, held: JobInput) -> None:
        try:
            if "kept" in held.payload:
                await self._documents.tidy(work, held)
                await work.done(held, count=0)
            else:
                await work.done(held, count=await self._documents.write(work, held))
        except TryLater:
            raise
        except MnemosError as error:
            await work.failed(error, held)

    async def _put(self, work: Work, held: JobInput, began: Position) -> None:
        records = [record_of(line) for line in held.payload["records"]]
        try:
            await self._commit(work, records, began)
        except TryLater:
            raise
        except MnemosError:  # one of them; found by writing them one by one
            for record in records:
                try:
                    await self._put_one(work, record, began)
                except TryLater:
                    raise
                except MnemosError as error:
                    await work.failed(error)
                else:
                    await work.done()
            await work.done(held, count=0)
        else:
            await work.done(held, count=len(records))

    async def _put_one(self, work: Work, record: Record, began: Position) -> None:
        """Write a record, unless it is there already.

        Raises:
            Conflict: another one has its id or its place.
            NotFound: it refers to what is not there.
        """
        try:
            await self._commit(work, [record], began)
        except Conflict:
            there = (await work.store.get(work.access, type(record), [record.id])).get(record.id)
            if there is None or not same(record, there):
                raise

    async def _commit(self, work: Work, records: Sequence[Record], began: Position) -> None:
        puts = tuple(Put(record, "imported") for record in records)
        await self._journal.commit(work.access, ChangeSet(puts, began=began))


def _told(telling: Telling) -> Unit:
    return Unit(scope=telling.scope, payload={"telling": msgspec.to_builtins(telling)})


def _telling(held: JobInput) -> Telling:
    return msgspec.convert(held.payload["telling"], Telling)


def _written(records: Sequence[Record]) -> Iterator[Unit]:
    """Yield the records in the order in which they can be written, some of a partition at once."""
    for partition, some in groupby(in_order(records), key=lambda record: record.partition):
        lines = [line_of(record) for record in some]
        for start in range(0, len(lines), RECORDS_AT_ONCE):
            payload: Mapping[str, Any] = {"records": lines[start : start + RECORDS_AT_ONCE]}
            yield Unit(scope=Scope(partition or None), payload=payload)


def _groups(inputs: Iterable[JobInput]) -> Iterator[tuple[int, list[list[JobInput]]]]:
    """Yield what may be worked on side by side, and how many at once.

    By partition, records behind the shared ones.
    """
    for are_records, some in groupby(inputs, key=lambda each: "records" in each.payload):
        found: defaultdict[Partition, list[JobInput]] = defaultdict(list)
        for each in some:
            found[each.partition].append(each)
        if are_records and SHARED in found:
            yield 1, [found.pop(SHARED)]
        yield WRITTEN_AT_ONCE if are_records else TOLD_AT_ONCE, list(found.values())
