"""The latches of one decision: what makes it notice another about the same subject."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from mnemos_graph.memory.reading import every
from mnemos_graph.model import Access, Latch, RecordId, Scope, latch_id
from mnemos_graph.store import Find, GraphStore, In, Operation, Put

Owner = tuple[str | None, RecordId]
"""Whose facts (a user's, or with None the shared ones) about which subject."""


class Latches:
    def __init__(self, store: GraphStore, access: Access, now: datetime) -> None:
        self._store = store
        self._access = access
        self._now = now
        self._next: dict[RecordId, Latch] = {}

    async def take(self, owners: Collection[Owner], about: Collection[RecordId] = ()) -> None:
        """Make the next version of each owner's latch, and of all that there are ``about`` some.

        One that was taken stays as it was read first.
        """
        held: list[Latch] = []
        if about:
            question = Find(Latch, (In("subject_id", tuple(about)),))
            held = await every(self._store, self._access, question)
        wanted = {latch_id(Scope(user).partition, id_): (Scope(user), id_) for user, id_ in owners}
        wanted = {id_: made for id_, made in wanted.items() if id_ not in self._next}
        known = dict(await self._store.get(self._access, Latch, wanted)) | {
            each.id: each for each in held
        }
        for id_, latch in known.items():
            again = replace(latch, version=latch.version + 1, updated_at=self._now)
            self._next.setdefault(id_, again)
        for id_, (scope, subject) in wanted.items():
            if id_ not in known:
                self._next[id_] = self._first(id_, scope, subject)

    def operations(self) -> tuple[Operation, ...]:
        return tuple(Put(each) for each in self._next.values())

    def _first(self, id_: RecordId, scope: Scope, subject: RecordId) -> Latch:
        return Latch(
            id=id_, scope=scope, created_at=self._now, updated_at=self._now, subject_id=subject
        )
