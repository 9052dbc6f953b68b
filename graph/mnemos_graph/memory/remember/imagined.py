"""What would be there if something were written: for showing decisions without taking them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any, TypeVar

from mnemos_graph.errors import Forbidden
from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.model import (
    START,
    Access,
    Change,
    ChangeKind,
    Head,
    Position,
    Record,
    RecordId,
    Version,
)
from mnemos_graph.model.words import words
from mnemos_graph.store import (
    LATEST,
    ChangeSet,
    Committed,
    Delete,
    DerivedRef,
    Filter,
    Find,
    GraphStore,
    Operation,
    Page,
    Put,
    Subgraph,
    VersionRef,
    View,
    fulfils,
    page_of,
)

R = TypeVar("R", bound=Record)


class Imagined:
    """A store as it would be: the records of one with those that were only imagined over them.

    It answers what a decision about a telling asks, of what is so now; what nobody imagines
    anything about is asked of the store itself. Nothing of it reaches the store. Of the checks of a
    commit only the permission is made: the others are about races, and nobody else imagines. A
    decision erases nothing, so that is not imagined either.
    """

    def __init__(self, store: GraphStore, head: Head, clock: Clock) -> None:
        self._store = store
        self._head = head
        self._clock = clock
        self._versions: dict[RecordId, list[Version[Record]]] = {}

    def knows(self, id_: RecordId) -> bool:
        """Whether anything was imagined about this record."""
        return id_ in self._versions

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        """Imagine the change set at the log's end, which does not move.

        Raises:
            Forbidden: the access may not write one of its records.
        """
        for operation in change_set.operations:
            await self._imagine(access, operation)
        end = self._head.position
        return Committed(Position(end + 1), end)

    async def heads(
        self, accesses: Collection[Access], *, at: datetime | None = None
    ) -> Sequence[Head]:
        return await self._store.heads(accesses, at=at) if at else [self._head for _ in accesses]

    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        if known_at is not None:
            return await self._store.get(access, kind, ids, known_at=known_at)
        stored = await self._store.get(access, kind, [id_ for id_ in ids if not self.knows(id_)])
        return dict(stored) | {each.id: each for each in self._live(kind) if each.id in ids}

    async def find(self, access: Access, questions: Sequence[Find[R]]) -> Sequence[Page[R]]:
        """Return pages of what is so now with what was imagined, and of the past as it was."""
        more = len(self._versions)
        wider = [replace(each, first=each.first + more) for each in questions]
        pages = await self._store.find(access, wider)
        return [self._over(*each) for each in zip(questions, pages, strict=True)]

    async def search(
        self, access: Access, kind: type[R], text: str, *, where: Filter = (), first: int = 100
    ) -> Sequence[tuple[R, float]]:
        """Return hits of both in turn, for scores of the store mean nothing beside others."""
        more = first + len(self._versions)
        hits = await self._store.search(access, kind, text, where=where, first=more)
        stored = [hit for hit in hits if not self.knows(hit[0].id)]
        asked = set(words(text))
        scored = (
            (each, float(len(asked & set(words(each.searchable())))))
            for each in self._live(kind)
            if fulfils(each, where)
        )
        imagined = sorted((hit for hit in scored if hit[1]), key=lambda hit: -hit[1])
        both = chain.from_iterable(zip_longest(imagined, stored))
        return [hit for hit in both if hit is not None][:first]

    async def versions(
        self, access: Access, kind: type[R], refs: Collection[VersionRef]
    ) -> Mapping[VersionRef, Version[R]]:
        found: dict[VersionRef, Any] = {}
        for ref in refs:
            for version in self._versions.get(ref.id, ()):
                if ref.version in (version.record.version, LATEST):
                    found[ref] = version
        left = [ref for ref in refs if ref not in found]
        return found | dict(await self._store.versions(access, kind, left))

    async def neighbours(
        self, access: Access, around: Collection[RecordId], *, view: View, hops: int, limit: int
    ) -> Subgraph:
        return await self._store.neighbours(access, around, view=view, hops=hops, limit=limit)

    async def changes(
        self, access: Access, *, after: Position = START, limit: int = 100
    ) -> Sequence[Change]:
        return await self._store.changes(access, after=after, limit=limit)

    async def derive(
        self,
        access: Access,
        derived: Mapping[DerivedRef, bytes],
        *,
        drop: Collection[DerivedRef] = (),
    ) -> None:
        """Keep nothing: what can be made again need not be imagined."""

    async def derived(
        self, access: Access, refs: Collection[DerivedRef]
    ) -> Mapping[DerivedRef, bytes]:
        return await self._store.derived(access, refs)

    async def _imagine(self, access: Access, operation: Operation) -> None:
        if isinstance(operation, Put):
            record = operation.record
            kind = ChangeKind.CREATED if record.version == 1 else ChangeKind.UPDATED
        elif isinstance(operation, Delete):
            live = await self.get(access, Record, [operation.id])
            record = replace(live[operation.id], version=operation.version + 1)
            kind = ChangeKind.DELETED
        else:
            raise TypeError(f"No decision does this: {operation}")
        if not access.may_write(record.partition):
            raise Forbidden(f"You may not write to {record.partition or 'the shared partition'!r}.")
        self._versions.setdefault(record.id, []).append(
            Version(
                record, kind, operation.reason, access.actor, self._clock(), self._head.position
            )
        )

    def _live(self, kind: type[R]) -> list[R]:
        last = (each[-1] for each in self._versions.values())
        live = (each.record for each in last if each.kind is not ChangeKind.DELETED)
        return [record for record in live if isinstance(record, kind)]

    def _over(self, question: Find[R], page: Page[R]) -> Page[R]:
        """Return a page of the store, with what was imagined in its place in the order."""
        if question.known_at is not None:
            return Page(page.records[: question.first], len(page.records) > question.first)
        stored = [each for each in page.records if not self.knows(each.id)]
        both = page_of(question, [*stored, *self._live(question.kind)])
        return Page(both.records, both.has_more or page.has_more)


class ImaginedJournal(Journal):
    """Writes what is only imagined, and tells nobody."""

    def __init__(self, imagined: Imagined) -> None:
        super().__init__(imagined, LocalBus())

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        return await self.store.commit(access, change_set)
