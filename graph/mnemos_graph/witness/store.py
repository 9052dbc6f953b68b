"""A graph store that tells the witness of an answer what was read for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

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
    ChangeSet,
    Committed,
    DerivedRef,
    Filter,
    Find,
    GraphStore,
    Page,
    Subgraph,
    VersionRef,
    View,
)
from mnemos_graph.witness.witness import Witness, refuse, rest_on_everything, witnessed

R = TypeVar("R", bound=Record)
Committing = Callable[[OrganizationId, ChangeSet, Position], None]


class WitnessedStore:
    """A ``GraphStore`` over another. Where there is no witness it only passes calls on."""

    def __init__(self, store: GraphStore, committed: Committing) -> None:
        """``committed`` is told of every commit, before its caller is."""
        self._store = store
        self._committed = committed

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        committed = await self._store.commit(access, change_set)
        self._committed(access.organization, change_set, committed.last)
        return committed

    def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Coroutine[Any, Any, Mapping[RecordId, R]]:
        reading = self._store.get(access, kind, ids, known_at=known_at)
        witness = witnessed()
        return reading if witness is None else _got(witness, kind, ids, reading)

    def find(
        self, access: Access, questions: Sequence[Find[R]]
    ) -> Coroutine[Any, Any, Sequence[Page[R]]]:
        reading = self._store.find(access, questions)
        witness = witnessed()
        return reading if witness is None else _found(witness, questions, reading)

    def search(
        self, access: Access, kind: type[R], text: str, *, where: Filter = (), first: int = 100
    ) -> Coroutine[Any, Any, Sequence[tuple[R, float]]]:
        if (witness := witnessed()) is not None:
            witness.searched(kind, where)
        return self._store.search(access, kind, text, where=where, first=first)

    def neighbours(
        self, access: Access, around: Collection[RecordId], *, view: View, hops: int, limit: int
    ) -> Coroutine[Any, Any, Subgraph]:
        if (witness := witnessed()) is not None:
            witness.walked(view)
        return self._store.neighbours(access, around, view=view, hops=hops, limit=limit)

    def versions(
        self, access: Access, kind: type[R], refs: Collection[VersionRef]
    ) -> Coroutine[Any, Any, Mapping[VersionRef, Version[R]]]:
        rest_on_everything()
        return self._store.versions(access, kind, refs)

    def changes(
        self, access: Access, *, after: Position = START, limit: int = 100
    ) -> Coroutine[Any, Any, Sequence[Change]]:
        rest_on_everything()
        return self._store.changes(access, after=after, limit=limit)

    def heads(
        self, accesses: Collection[Access], *, at: datetime | None = None
    ) -> Coroutine[Any, Any, Sequence[Head]]:
        rest_on_everything()
        return self._store.heads(accesses, at=at)

    def derive(
        self,
        access: Access,
        derived: Mapping[DerivedRef, bytes],
        *,
        drop: Collection[DerivedRef] = (),
    ) -> Coroutine[Any, Any, None]:
        return self._store.derive(access, derived, drop=drop)

    def derived(
        self, access: Access, refs: Collection[DerivedRef]
    ) -> Coroutine[Any, Any, Mapping[DerivedRef, bytes]]:
        refuse()
        return self._store.derived(access, refs)


async def _got(
    witness: Witness,
    kind: type[R],
    ids: Collection[RecordId],
    reading: Coroutine[Any, Any, Mapping[RecordId, R]],
) -> Mapping[RecordId, R]:
    found = await reading
    witness.got(kind, ids, found.values())
    return found


async def _found(
    witness: Witness,
    questions: Sequence[Find[R]],
    reading: Coroutine[Any, Any, Sequence[Page[R]]],
) -> Sequence[Page[R]]:
    pages = await reading
    for question, page in zip(questions, pages, strict=True):
        witness.asked(question, page)
    return pages
