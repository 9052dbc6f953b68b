"""A set that passed gets its numbers, and its ledger is brought up to it.

Nothing of a set that fails its checks reaches the outcome.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol, cast

from mnemos_graph.committing.checks import check, ended
from mnemos_graph.committing.entries import Entry
from mnemos_graph.committing.forms import digests, encoded
from mnemos_graph.committing.ledger import Held, Ledger
from mnemos_graph.committing.wanted import Prepared, Wanted
from mnemos_graph.model import (
    RECORD_TYPES,
    ChangeKind,
    CommitId,
    Partition,
    Position,
    Record,
    RecordId,
    RecordKind,
    Scope,
)
from mnemos_graph.store import Committed, Delete, Erase, Put


class Made(NamedTuple):
    """A version as it is kept."""

    record: Record
    kind: ChangeKind
    reason: str
    actor: str
    at: int
    born: Position
    body: bytes
    put: Prepared | None
    """None: a deletion, which has neither references nor words."""


class Outcome(Protocol):
    """What the sets that passed come to, in the backend's own form. Nothing in here can fail."""

    def add(self, made: Made, before: Held | None) -> int:
        """Keep a version, which ends the one before it; return its place."""
        ...

    def erase(self, id: RecordId, before: Held) -> None:
        """Remove a record's versions and derived bytes, and blank its entries so far."""
        ...

    def hold(self, key: bytes, holder: RecordId | None) -> None:
        """Give a natural key to a record, or, with None, set it free."""
        ...

    def fence(self, partition: Partition, position: Position) -> None: ...

    def commit(self, id: CommitId, committed: Committed, entries: list[Entry]) -> None:
        """Remember a set and log its entries."""
        ...


def admit(ledger: Ledger, outcome: Outcome, wanted: Wanted) -> Committed:
    """Take a set in, or raise what forbids it and leave ledger and outcome as they were.

    Raises:
        Forbidden: a partition that the access may not write.
        Conflict: a fence, a version or a natural key was lost to somebody else.
        NotFound: a reference, or a record to delete, is not there for this partition.
    """
    done = ledger.commits.get(wanted.change_set.commit_id)
    if done is not None:
        return done
    check(ledger, wanted)
    return _Numbering(ledger, outcome, wanted).run()


@dataclass(slots=True)
class _Numbering:
    """One set that passed."""

    ledger: Ledger
    outcome: Outcome
    wanted: Wanted
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    at: int = 0

    def run(self) -> Committed:
        ledger, change_set = self.ledger, self.wanted.change_set
        self.at = max(time.time_ns() // 1_000, ledger.at)
        first = Position(ledger.position + 1)
        for operation in change_set.operations:
            if isinstance(operation, Put):
                self._put(operation)
            elif isinstance(operation, Delete):
                self._delete(operation)
            elif isinstance(operation, Erase):
                self._erase(operation)
            else:
                ledger.fences[operation.partition] = ledger.position
                self.outcome.fence(operation.partition, ledger.position)
        committed = Committed(first, ledger.position)
        if self.entries:
            ledger.at = self.at
        ledger.commits[change_set.commit_id] = committed
        last = committed.last
        entries = [Entry(position, last, *rest) for position, *rest in self.entries]
        self.outcome.commit(change_set.commit_id, committed, entries)
        return committed

    def _put(self, operation: Put) -> None:
        put = self.wanted.puts[operation.record.id]
        held = self.ledger.records.get(put.record.id)
        kind = ChangeKind.UPDATED if held and held.live else ChangeKind.CREATED
        self._release(put.record.id, held)
        self._version(put.record, kind, operation.reason, put.body, put)
        for key in put.keys:
            self._hold(key, put.record.id)

    def _delete(self, operation: Delete) -> None:
        held = self.ledger.records[operation.id]
        live = cast("Record", held.record)
        self._release(operation.id, held)
        record = replace(live, version=live.version + 1)
        self._version(record, ChangeKind.DELETED, operation.reason, encoded(record), None)

    def _erase(self, operation: Erase) -> None:
        held = ended(self.ledger, self.wanted.access, operation)
        if held is None:
            return
        self._release(operation.id, held)
        self.outcome.erase(operation.id, held)
        del self.ledger.records[operation.id]
        if RECORD_TYPES[held.kind].LOGGED:
            self._enter(ChangeKind.ERASED, held.kind, None)

    def _release(self, id_: RecordId, held: Held | None) -> None:
        """Set the keys free that only a live record holds."""
        if held is None or held.record is None or not held.live:
            return
        for key in digests(held.record):
            if self.ledger.keys.get(key, id_) == id_:
                self._hold(key, None)

    def _version(
        self, record: Record, kind: ChangeKind, reason: str, body: bytes, put: Prepared | None
    ) -> None:
        """Add a version and, where its kind is logged, its entry."""
        ledger, actor = self.ledger, self.wanted.access.actor
        if record.LOGGED:
            self._enter(kind, record.KIND, record)
        made = Made(record, kind, reason, actor, self.at, ledger.position, body, put)
        place = self.outcome.add(made, ledger.records.get(record.id))
        ledger.records[record.id] = Held(
            record.KIND, record.partition, record.version, put is not None, place, record
        )

    def _enter(self, change: ChangeKind, kind: RecordKind, subject: Record | None) -> None:
        """Add a log entry; without a subject, a blank one."""
        ledger, owner = self.ledger, subject.scope if subject else Scope()
        ledger.position = Position(ledger.position + 1)
        self.entries.append(
            (
                ledger.position,
                change.value,
                kind.value,
                subject.id if subject else "",
                subject.version if subject else 0,
                owner.user_id,
                owner.agent_id,
                owner.session_id,
                self.wanted.access.actor if subject else "",
                self.at,
            )
        )

    def _hold(self, key: bytes, holder: RecordId | None) -> None:
        self.ledger.keys[key] = holder
        self.outcome.hold(key, holder)
