"""Nested reads, gathered into one call to the store for all items of a list.

Loaders batch and never cache: a context may outlive what it read by days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from strawberry.dataloader import DataLoader

from mnemos_graph.feed import Subjects
from mnemos_graph.memory.facts.families import canonical, families
from mnemos_graph.model import Access, Entity, Position, Record, RecordId, Version
from mnemos_graph.store import Find, GraphStore, VersionRef
from mnemos_graph.witness.witness import rest_on_everything

R = TypeVar("R", bound=Record)


class Ref(NamedTuple):
    """One record as it was known at a position; None: as it is known now."""

    id: RecordId
    known_at: Position | None = None


class Loaders:
    def __init__(self, store: GraphStore, subjects: Subjects, access: Access) -> None:
        self._store = store
        self._subjects = subjects
        self._access = access
        self._record: DataLoader[Ref, Record | None] = DataLoader(self._records, cache=False)
        self._page: DataLoader[Find[Any], Sequence[Any]] = DataLoader(self._pages, cache=False)
        self.entity: DataLoader[Ref, Entity | None] = DataLoader(self._entities, cache=False)
        """An entity, or the one that stands for it since they were merged."""
        self.family: DataLoader[Ref, Sequence[RecordId]] = DataLoader(self._families, cache=False)
        """The ids of an entity and of all that were merged into it."""
        self.version: DataLoader[VersionRef, Version[Record] | None] = DataLoader(
            self._versions, cache=False
        )
        self.position: DataLoader[datetime, Position] = DataLoader(self._positions, cache=False)
        """Where the log ended at an instant."""

    async def one(self, kind: type[R], id: str, known_at: Position | None = None) -> R | None:
        """Return a live record of this kind."""
        found = await self._record.load(Ref(RecordId(id), known_at))
        return found if isinstance(found, kind) else None

    async def many(
        self, kind: type[R], ids: Sequence[RecordId], known_at: Position | None = None
    ) -> Sequence[R]:
        """Return those that are live records of this kind, in the order of ``ids``."""
        found = await self._record.load_many([Ref(id_, known_at) for id_ in ids])
        return [each for each in found if isinstance(each, kind)]

    async def page(self, question: Find[R]) -> Sequence[R]:
        """Return the first records that answer ``question``."""
        return await self._page.load(question)

    async def pages(self, questions: Sequence[Find[R]]) -> Sequence[Sequence[R]]:
        """Return the first records that answer each question."""
        return await self._page.load_many(questions)

    async def _records(self, refs: Sequence[Ref]) -> list[Record | None]:
        found: dict[Ref, Record] = {}
        for known_at, ids in _by_moment(refs).items():
            records = await self._store.get(self._access, Record, ids, known_at=known_at)
            found |= {Ref(id_, known_at): each for id_, each in records.items()}
        return [found.get(ref) for ref in refs]

    async def _entities(self, refs: Sequence[Ref]) -> list[Entity | None]:
        found: dict[Ref, Entity] = {}
        for known_at, ids in _by_moment(refs).items():
            entities = await canonical(self._store, self._access, ids, known_at=known_at)
            found |= {Ref(id_, known_at): each for id_, each in entities.items()}
        return [found.get(ref) for ref in refs]

    async def _families(self, refs: Sequence[Ref]) -> list[Sequence[RecordId]]:
        found: dict[Ref, Sequence[RecordId]] = {}
        for known_at, ids in _by_moment(refs).items():
            groups = await families(self._store, self._access, ids, known_at=known_at)
            found |= {Ref(id_, known_at): each for id_, each in groups.items()}
        return [found[ref] for ref in refs]

    async def _pages(self, questions: Sequence[Find[Any]]) -> list[Sequence[Any]]:
        return [page.records for page in await self._store.find(self._access, questions)]

    async def _versions(self, refs: Sequence[VersionRef]) -> list[Version[Record] | None]:
        found = await self._subjects.versions(self._access, refs)
        if any(each not in found for each in refs):
            rest_on_everything()
        return [found.get(each) for each in refs]

    async def _positions(self, instants: Sequence[datetime]) -> list[Position]:
        found: dict[datetime, Position] = {}
        for instant in set(instants):
            (head,) = await self._store.heads([self._access], at=instant)
            found[instant] = head.position
        return [found[instant] for instant in instants]


def _by_moment(refs: Sequence[Ref]) -> Mapping[Position | None, set[RecordId]]:
    ids: defaultdict[Position | None, set[RecordId]] = defaultdict(set)
    for ref in refs:
        ids[ref.known_at].add(ref.id)
    return ids
