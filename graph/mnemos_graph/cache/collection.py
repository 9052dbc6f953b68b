"""All records of one kind in one partition, ready to be asked in any way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from mnemos_graph.cache.bounded import Weighed, weight_of
from mnemos_graph.cache.questions import Group
from mnemos_graph.model import Record, RecordId
from mnemos_graph.store import Condition, Equal, Filter, HasAll, In

_INDEXED = 150
"""Bytes for finding a record by its fields."""
_WORTH = frozenset({"folded_name", "folded_names", "merged_into", "label"})
"""Fields by which few of a collection are picked."""

Ids = dict[RecordId, None]


class Whole(Weighed):
    """A collection; ``stale`` are those of it that changed and were not read since."""

    __slots__ = ("_by", "_forget", "group", "nbytes", "records", "stale")

    def __init__(
        self, group: Group, records: Iterable[Record], forget: Callable[[Whole], None]
    ) -> None:
        self.group = group
        self.records: dict[RecordId, Record] = {}
        self.stale: set[RecordId] = set()
        self.nbytes = _INDEXED
        """What it takes by now; ``weight`` is what it took when it was weighed."""
        self._by: defaultdict[tuple[str, Any], Ids] = defaultdict(dict)
        self._forget = forget
        for record in records:
            self.put(record)
        self.weight = self.nbytes

    def forget(self) -> None:
        self._forget(self)

    def put(self, record: Record) -> None:
        """Take a record in as it is now."""
        self.drop(record.id)
        self.records[record.id] = record
        self.nbytes += weight_of(record) + _INDEXED
        for key in _keys(record):
            self._by[key][record.id] = None

    def drop(self, id_: RecordId) -> None:
        """Let go of a record, stale or not."""
        self.stale.discard(id_)
        record = self.records.pop(id_, None)
        if record is None:
            return
        self.nbytes -= weight_of(record) + _INDEXED
        for key in _keys(record):
            ids = self._by[key]
            ids.pop(id_, None)
            if not ids:
                del self._by[key]

    def candidates(self, where: Filter) -> Collection[Record]:
        """Return some of the records, among them all that fulfil ``where``."""
        picked = [found for each in where if (found := self._picked(each)) is not None]
        if not picked:
            return self.records.values()
        return [self.records[id_] for id_ in min(picked, key=len)]

    def _picked(self, condition: Condition) -> Mapping[RecordId, None] | None:
        match condition:
            case Equal(name, value) if name in _WORTH:
                return self._by.get((name, value), {})
            case In(name, values) if name in _WORTH:
                return {id_: None for each in values for id_ in self._by.get((name, each), ())}
            case HasAll(name, texts) if name in _WORTH and texts:
                return min((self._by.get((name, each), {}) for each in texts), key=len)
            case _:
                return None


def _keys(record: Record) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name in _WORTH & record.INDEXED.keys():
        value = record.field(name)
        found += [(name, each) for each in value] if isinstance(value, tuple) else [(name, value)]
    return found
