"""Reading what is to be kept whole, beside those who ask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from mnemos_graph.cache.bounded import weight_of
from mnemos_graph.cache.collection import Whole
from mnemos_graph.cache.flight import Flight
from mnemos_graph.cache.following import Following
from mnemos_graph.cache.known import Known
from mnemos_graph.cache.questions import Group
from mnemos_graph.model import RECORD_TYPES, Access, OrganizationId, Record
from mnemos_graph.store import Equal, Find, GraphStore, Mark

_PAGE = 1_000
_SHARE = 8
"""What is kept whole may take this part of all bytes; else its questions are kept one by one."""


class Filling:
    def __init__(self, store: GraphStore, following: Following) -> None:
        self._store = store
        self._following = following

    def prepare(self, known: Known, questions: Sequence[Find[Any]]) -> None:
        """Have the next questions of these kinds and partitions answered from memory."""
        organization = known.follower.organization
        for question in questions:
            for group in known.lacking(question):
                fill = partial(self._fill, known, group)
                self._following.tasks.start(("fill", organization, group), fill)
            for whole in known.stale(question):
                again = partial(self._read_again, known, whole)
                self._following.tasks.start(("again", organization, whole.group), again)

    async def _fill(self, known: Known, group: Group) -> None:
        flight = Flight(whole=group)
        known.flights.add(flight)
        try:
            fits = await self._read(known, group, flight)
        except BaseException:
            known.flights.discard(flight)
            raise
        if fits:
            self._following.landed(known, flight)
        elif flight in known.flights:
            known.flights.discard(flight)
            known.too_large.add(group)

    async def _read(self, known: Known, group: Group, flight: Flight) -> bool:
        """Read the group page by page; return whether it may be kept whole."""
        kind: type[Record] = RECORD_TYPES[group.kind]
        where = (Equal("user_id", group.partition or None),)
        access, nbytes = _whole(known.follower.organization), 0
        after: Mark | None = None
        while True:
            question = Find(kind, where, first=_PAGE, after=after)
            (page,) = await self._store.find(access, [question])
            flight.records |= {each.id: each for each in page.records}
            nbytes += sum(map(weight_of, page.records))
            if nbytes > self._following.bounded.most // _SHARE:
                return False
            if not page.has_more:
                return True
            after = Mark(page.records[-1].id, page.records[-1].id)

    async def _read_again(self, known: Known, whole: Whole) -> None:
        kind: type[Record] = RECORD_TYPES[whole.group.kind]
        flight = Flight(asked=frozenset(whole.stale))
        known.flights.add(flight)
        try:
            found = await self._store.get(
                _whole(known.follower.organization), kind, list(flight.asked)
            )
        except BaseException:
            known.flights.discard(flight)
            raise
        flight.records = dict(found)
        self._following.landed(known, flight)


def _whole(organization: OrganizationId) -> Access:
    return Access(organization, "system")
