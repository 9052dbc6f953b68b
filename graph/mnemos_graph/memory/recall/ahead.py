"""When an answer can change although nothing is written: something begins, ends or expires."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta

from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.scopes import within
from mnemos_graph.model import Access, Change, Fact, Memory, RecordKind
from mnemos_graph.store import Find, GraphStore, Order, Range

_MEMORIES = ("valid_from", "valid_to", "expires_at")
_FACTS = ("valid_from", "valid_to")


class Ahead:
    """The first instant at which the answer to a question can be another by itself.

    It is looked up among all records once, and again when it has come; from there changes tell of
    earlier ones. It is the next midnight at the latest, for a question can speak of yesterday.
    """

    def __init__(
        self, store: GraphStore, access: Access, question: Question, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._access = access
        self._scopes = [within(each.scope) for each in question.within]
        self._clock = clock
        self._stands_still = question.query.as_of is not None or question.query.known_at is not None
        self._at: datetime | None = None

    def seconds(self) -> float | None:
        """Return how long it is until then; None: it never comes."""
        return None if self._at is None else (self._at - self._clock()).total_seconds()

    async def look(self) -> None:
        """Look it up, unless what is known is still ahead.

        Raises:
            MnemosError: the store cannot be read.
        """
        left = self.seconds()
        if self._stands_still or (left is not None and left > 0):
            return
        now = self._clock()
        found = [datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)]
        memories = [
            Find(Memory, (*where, Range(name, above=now)), Order(name), 1)
            for where in self._scopes
            for name in _MEMORIES
        ]
        facts = [
            Find(Fact, (*where, Range(name, above=now)), Order(name), 1)
            for where in self._scopes
            for name in _FACTS
        ]
        for page in await self._store.find(self._access, memories):
            found += _instants(page.records, _MEMORIES)
        for told in await self._store.find(self._access, facts):
            found += _instants(told.records, _FACTS)
        self._at = min(each for each in found if each > now)

    async def note(self, changes: Sequence[Change]) -> None:
        """Take in what changes brought, in whatever scope it is.

        Raises:
            MnemosError: the store cannot be read.
        """
        if self._stands_still:
            return
        memories = {each.subject_id for each in changes if each.subject_type is RecordKind.MEMORY}
        facts = {each.subject_id for each in changes if each.subject_type is RecordKind.FACT}
        found: list[datetime] = []
        if memories:
            held = await self._store.get(self._access, Memory, memories)
            found += _instants(held.values(), _MEMORIES)
        if facts:
            told = await self._store.get(self._access, Fact, facts)
            found += _instants(told.values(), _FACTS)
        now = self._clock()
        known = [] if self._at is None else [self._at]
        self._at = min([*known, *(each for each in found if each > now)], default=None)


def _instants(records: Iterable[Memory | Fact], names: Sequence[str]) -> list[datetime]:
    return [at for each in records for name in names if (at := each.field(name)) is not None]
