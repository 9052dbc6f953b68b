"""At which instants what a group of records answers changes by itself, without a write."""

from __future__ import annotations

import asyncio
from datetime import datetime

from mnemos_graph.cache.questions import Group
from mnemos_graph.model import RECORD_TYPES, Access, OrganizationId, Record, RecordId
from mnemos_graph.store import Equal, Filter, Find, GraphStore, Order, Range
from mnemos_graph.witness.witness import TEMPORAL

MOST_AHEAD = 100
"""Instants of each field that are read at a time; behind the last one is another reading."""
MOST_TOUCHED = 200
"""Changed records that are read one by one; of more, all is read again."""


class Calendar:
    """The instants ahead of one group: read once, and then only of what has changed."""

    def __init__(self, organization: OrganizationId, group: Group) -> None:
        self.touched: set[RecordId] = set()
        """What has changed since it was read."""
        self._access = Access(organization, "system")
        self._kind: type[Record] = RECORD_TYPES[group.kind]
        self._fields = tuple(each for each in TEMPORAL if each in self._kind.INDEXED)
        self._owner: Filter = ()
        if group.partition is not None:
            self._owner = (Equal("user_id", group.partition or None),)
        self._since: datetime | None = None
        self._horizon: datetime | None = None
        self._ahead: dict[RecordId, tuple[datetime, ...]] = {}
        self._reading = asyncio.Lock()

    def know(self, id_: RecordId, record: Record | None) -> None:
        """Take in a record that has changed as it is now; None: it is gone."""
        if self._since is None or self._reading.locked():
            self.touched.add(id_)
            return
        self.touched.discard(id_)
        self._put(id_, record, self._since)

    async def next(self, store: GraphStore, after: datetime) -> datetime | None:
        """Return the first instant behind ``after``; it may be too early, and is never too late.

        Raises:
            MnemosError: the store could not be read.
        """
        async with self._reading:
            if not self._reaches(after) or len(self.touched) > MOST_TOUCHED:
                await self._read(store, after)
            if self.touched:
                await self._read_touched(store)
        ahead = (each for instants in self._ahead.values() for each in instants if each > after)
        first = min(ahead, default=None)
        if self._horizon is not None and (first is None or self._horizon < first):
            return self._horizon
        return first

    def _reaches(self, after: datetime) -> bool:
        if self._since is None or after < self._since:
            return False
        return self._horizon is None or after < self._horizon

    async def _read(self, store: GraphStore, since: datetime) -> None:
        self.touched.clear()  # before the read: what changes during it is read again
        self._since = None
        questions = [
            Find(
                self._kind,
                (*self._owner, Range(field, above=since)),
                order=Order(field),
                first=MOST_AHEAD,
            )
            for field in self._fields
        ]
        pages = await store.find(self._access, questions)
        last = [
            page.records[-1].field(field)
            for field, page in zip(self._fields, pages, strict=True)
            if page.has_more
        ]
        self._since, self._horizon = since, min(last, default=None)
        self._ahead = {
            each.id: self._instants(each, since) for page in pages for each in page.records
        }

    async def _read_touched(self, store: GraphStore) -> None:
        ids, self.touched = self.touched, set()
        since = self._since
        try:
            found = await store.get(self._access, self._kind, ids)
        except BaseException:
            self._since = None
            raise
        if since is not None:
            for id_ in ids:
                self._put(id_, found.get(id_), since)

    def _put(self, id_: RecordId, record: Record | None, since: datetime) -> None:
        if record is not None and (instants := self._instants(record, since)):
            self._ahead[id_] = instants
        else:
            self._ahead.pop(id_, None)

    def _instants(self, record: Record, since: datetime) -> tuple[datetime, ...]:
        values = (record.field(each) for each in self._fields)
        return tuple(each for each in values if each is not None and each > since)
