"""A graph store over another, which is asked only for what is not known here."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, cast

from mnemos_graph.cache.filling import Filling
from mnemos_graph.cache.flight import Flight
from mnemos_graph.cache.following import Following
from mnemos_graph.cache.known import Known, answered
from mnemos_graph.cache.questions import Asked, ids_of, is_current, is_hashable, is_kept
from mnemos_graph.model import (
    START,
    Access,
    Change,
    Head,
    OrganizationId,
    Position,
    Record,
    RecordId,
    Version,
)
from mnemos_graph.store import (
    LATEST,
    ChangeSet,
    Committed,
    DerivedRef,
    Filter,
    Find,
    GraphStore,
    Page,
    Put,
    Subgraph,
    VersionRef,
    View,
    checked,
)

R = TypeVar("R", bound=Record)


class CachedStore:
    """A ``GraphStore`` for reading.

    What it answers is what the store held at one position, not before the last look at the log that
    it believes, which was at most two seconds ago; what this process committed is always in it. An
    answer from memory costs no task, no lock and no copy. A call that cannot be answered from
    memory as a whole goes to the store as a whole, so that no answer mixes two states. Full text,
    walks, derived bytes, past knowledge and bookkeeping always do.

    Raises:
        Unavailable: the store could not be asked for the log's end for two seconds, or for what is
            not known here.
    """

    def __init__(self, store: GraphStore, following: Following) -> None:
        self._store = store
        self._following = following
        self._filling = Filling(store, following)

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        """Commit to the store; afterwards nothing older is answered here.

        After a failure nothing is believed before the log was looked at again: whoever lost a race
        decides anew on what is there now.
        """
        before = self._following.known(access.organization)
        turn = before.turn if before else 0
        try:
            committed = await self._store.commit(access, change_set)
        except BaseException:
            if known := self._following.known(access.organization):
                self._following.distrust(known)
            raise
        if known := self._following.known(access.organization):
            if known is before and known.turn == turn and committed.first > known.follower.head:
                for operation in change_set.operations:
                    if isinstance(operation, Put) and operation.record.LOGGED:
                        known.own(operation.record)
            known.follower.hint(committed.last)
        return committed

    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        if not ids:
            return {}
        if known_at is not None or not kind.LOGGED:
            return await self._store.get(access, kind, ids, known_at=known_at)
        known = self._known(access.organization)
        if known is None:
            return await self._store.get(access, kind, ids)
        found = known.records(access, ids)
        if found is not None and not self._is_ready(known):
            found = known.records(access, ids) if await self._ready(known) else None
        if found is None:
            return await self._get(known, access, kind, ids)
        return {id_: each for id_, each in found.items() if isinstance(each, kind)}

    async def find(self, access: Access, questions: Sequence[Find[R]]) -> Sequence[Page[R]]:
        asked = [checked(question) for question in questions]
        known = self._known(access.organization)
        if known is None or not all(map(is_current, asked)):
            return await self._store.find(access, asked)
        found = _pages(known, access, asked)
        if found is not None and not self._is_ready(known):
            found = _pages(known, access, asked) if await self._ready(known) else None
        return await self._find(known, access, asked) if found is None else found

    async def search(
        self, access: Access, kind: type[R], text: str, *, where: Filter = (), first: int = 100
    ) -> Sequence[tuple[R, float]]:
        return await self._store.search(access, kind, text, where=where, first=first)

    async def neighbours(
        self, access: Access, around: Collection[RecordId], *, view: View, hops: int, limit: int
    ) -> Subgraph:
        return await self._store.neighbours(access, around, view=view, hops=hops, limit=limit)

    async def versions(
        self, access: Access, kind: type[R], refs: Collection[VersionRef]
    ) -> Mapping[VersionRef, Version[R]]:
        if not refs:
            return {}
        known = self._known(access.organization)
        if known is None or not kind.LOGGED:
            return await self._store.versions(access, kind, refs)
        if known.knows(refs) and (self._is_ready(known) or await self._ready(known)):
            found = {ref: known.past(ref) for ref in refs}
            if None not in found.values():
                seen = cast("Mapping[VersionRef, Version[R]]", found)
                return {ref: each for ref, each in seen.items() if _may_see(access, kind, each)}
        turn = known.turn
        read = await self._store.versions(access, kind, refs)
        if known.turn == turn:
            known.keep_past({ref: each for ref, each in read.items() if ref.version != LATEST})
        return read

    async def changes(
        self, access: Access, *, after: Position = START, limit: int = 100
    ) -> Sequence[Change]:
        known = self._known(access.organization)
        if known is not None and (self._is_ready(known) or await self._ready(known)):
            recent = known.follower.recent(after, limit)
            if recent is not None:
                return [
                    each
                    for each in recent
                    if each.scope is None or access.may_read(each.scope.partition)
                ]
        return await self._store.changes(access, after=after, limit=limit)

    async def heads(
        self, accesses: Collection[Access], *, at: datetime | None = None
    ) -> Sequence[Head]:
        if at is not None:
            return await self._store.heads(accesses, at=at)
        return [await self._head(access) for access in accesses]

    async def derive(
        self,
        access: Access,
        derived: Mapping[DerivedRef, bytes],
        *,
        drop: Collection[DerivedRef] = (),
    ) -> None:
        await self._store.derive(access, derived, drop=drop)

    async def derived(
        self, access: Access, refs: Collection[DerivedRef]
    ) -> Mapping[DerivedRef, bytes]:
        return await self._store.derived(access, refs) if refs else {}

    def _beyond(self, organization: OrganizationId) -> int:
        """Return the number of a check; only what a later one found is believed."""
        return 0

    def _joining(self, known: Known, access: Access, *asked: Hashable) -> Hashable:
        """Return the name of a read, so that whoever asks the same while it runs can share it.

        What became known since it was sent makes it another.
        """
        standing = (known.follower.known, known.doubts, known.turn)
        return ("read", access.organization, access.reads, standing, *asked)

    def _known(self, organization: OrganizationId) -> Known | None:
        known = self._following.known(organization)
        if known is None:
            self._following.open_soon(organization)
        return known

    def _is_ready(self, known: Known) -> bool:
        return self._following.is_ready(known, self._beyond(known.follower.organization))

    async def _ready(self, known: Known) -> bool:
        return await self._following.ready(known, self._beyond(known.follower.organization))

    async def _head(self, access: Access) -> Head:
        known = await self._following.open(access.organization)
        if self._is_ready(known) or await self._ready(known):
            head = self._following.head(known)
            if head is not None:
                return head
        (head,) = await self._store.heads([access])
        return head

    async def _get(
        self, known: Known, access: Access, kind: type[R], ids: Collection[RecordId]
    ) -> Mapping[RecordId, R]:
        async def read() -> Mapping[RecordId, R]:
            flight = Flight()
            known.flights.add(flight)
            try:
                found = await self._store.get(access, kind, ids)
            except BaseException:
                known.flights.discard(flight)
                raise
            flight.records = {id_: each for id_, each in found.items() if each.LOGGED}
            self._following.landed(known, flight)
            return found

        name = self._joining(known, access, "get", kind.__name__, frozenset(ids))
        return await self._following.tasks.join(name, read)

    async def _find(
        self, known: Known, access: Access, asked: Sequence[Find[R]]
    ) -> Sequence[Page[R]]:
        self._filling.prepare(known, asked)
        kinds = {question.kind for question in asked}
        named = [ids_of(question) for question in asked]
        if len(kinds) == 1 and None not in named:
            ids = dict.fromkeys(id_ for each in named for id_ in each or ())
            found = await self._get(known, access, kinds.pop(), ids)
            chosen = [[found[id_] for id_ in each or () if id_ in found] for each in named]
            return [answered(question, each) for question, each in zip(asked, chosen, strict=True)]
        key = tuple(asked)
        if not is_hashable(key):
            return await self._read_pages(known, access, asked)
        name = self._joining(known, access, "find", key)
        read = partial(self._read_pages, known, access, asked)
        return await self._following.tasks.join(name, read)

    async def _read_pages(
        self, known: Known, access: Access, asked: Sequence[Find[R]]
    ) -> Sequence[Page[R]]:
        flight = Flight()
        known.flights.add(flight)
        try:
            pages = await self._store.find(access, asked)
        except BaseException:
            known.flights.discard(flight)
            raise
        for question, page in zip(asked, pages, strict=True):
            flight.records |= {each.id: each for each in page.records}
            if is_kept(question):
                flight.pages.append((Asked(question, access.reads), page))
        self._following.landed(known, flight)
        return pages


class DecidingStore(CachedStore):
    """A ``GraphStore`` for whoever decides what to write, over what the others keep as well.

    ``heads`` asks the store, and everything read after it is at least as new; so is everything that
    is read after bookkeeping, whose changes are in no log. A decision may rest on it: what began
    before it is seen, and what comes later is refused by the commit.
    """

    def __init__(self, store: GraphStore, following: Following) -> None:
        super().__init__(store, following)
        self._floors: dict[OrganizationId, int] = {}

    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        found = await super().get(access, kind, ids, known_at=known_at)
        if not kind.LOGGED:
            self._raise(access)
        return found

    async def find(self, access: Access, questions: Sequence[Find[R]]) -> Sequence[Page[R]]:
        found = await super().find(access, questions)
        if not all(question.kind.LOGGED for question in questions):
            self._raise(access)
        return found

    async def heads(
        self, accesses: Collection[Access], *, at: datetime | None = None
    ) -> Sequence[Head]:
        for access in accesses if at is None else ():
            self._raise(access)
        return await super().heads(accesses, at=at)

    def _beyond(self, organization: OrganizationId) -> int:
        return self._floors.get(organization, 0)

    def _joining(self, known: Known, access: Access, *asked: Hashable) -> Hashable:
        return object()

    def _raise(self, access: Access) -> None:
        self._floors[access.organization] = self._following.checks


def _pages(known: Known, access: Access, asked: Sequence[Find[Any]]) -> list[Page[Any]] | None:
    found: list[Page[Any]] = []
    for question in asked:
        page = known.page(access, question)
        if page is None:
            return None
        found.append(page)
    return found


def _may_see(access: Access, kind: type[Record], version: Version[Any]) -> bool:
    return isinstance(version.record, kind) and access.may_read(version.record.partition)
