"""What is kept one by one: a record, a version."""

from __future__ import annotations

from mnemos_graph.cache.bounded import Weighed, weight_of
from mnemos_graph.model import Record, RecordId, Version
from mnemos_graph.store import VersionRef

UNKNOWN = -1
"""In place of a version number: the log has not told of it yet."""
_ENTRY = 400
"""Bytes for an entry and what leads to it."""


class Single(Weighed):
    """A record under its id, and which version of it is current, as far as that is known."""

    __slots__ = ("_home", "id", "record", "version")

    def __init__(
        self,
        id_: RecordId,
        record: Record | None,
        version: int,
        home: dict[RecordId, Single],
    ) -> None:
        self.id = id_
        self.record = record
        self.version = version
        self.weight = _ENTRY + weight_of(record)
        self._home = home

    @property
    def current(self) -> Record | None:
        """The record as it is now; None: it is gone, or has to be read again."""
        held = self.record
        return held if held is not None and held.version == self.version else None

    @property
    def is_behind(self) -> bool:
        """Whether its record is older than the current one."""
        return self.record is None or self.record.version < self.version

    def forget(self) -> None:
        del self._home[self.id]


class Past(Weighed):
    """A version under its number."""

    __slots__ = ("_home", "ref", "version")

    def __init__(
        self, ref: VersionRef, version: Version[Record], home: dict[VersionRef, Past]
    ) -> None:
        self.ref = ref
        self.version = version
        self.weight = _ENTRY + weight_of(version.record) + weight_of(version.reason)
        self._home = home

    def forget(self) -> None:
        del self._home[self.ref]
