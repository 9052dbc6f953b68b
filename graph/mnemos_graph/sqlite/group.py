"""One group of change sets: each checked, then numbered, then turned into rows.

Nothing of a set that fails its checks reaches the rows, and nothing reaches the file before
``write``; the transaction around it belongs to the writer.
"""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from mnemos_graph.model import (
    ChangeKind,
    OrganizationId,
    Position,
    Record,
    RecordId,
    RecordKind,
    Scope,
)
from mnemos_graph.sqlite.batch import Batch
from mnemos_graph.sqlite.checks import check, ended
from mnemos_graph.sqlite.columns import TABLES, digests, scope_tokens
from mnemos_graph.sqlite.ledger import Held, Ledger
from mnemos_graph.sqlite.wanted import Wanted
from mnemos_graph.store import Committed, Delete, Erase, Fence, Put


class Group:
    """What the sets of one transaction come to."""

    def __init__(self, database: sqlite3.Connection, wanted: Sequence[Wanted]) -> None:
        self._batch = Batch(database)
        self._ledgers: dict[OrganizationId, Ledger] = {}
        by_organization = defaultdict[OrganizationId, list[Wanted]](list)
        for each in wanted:
            by_organization[each.access.organization].append(each)
        for organization, sets in by_organization.items():
            self._ledgers[organization] = _loaded(database, organization, sets)

    def add(self, wanted: Wanted) -> Committed:
        """Take a set in, or raise what forbids it and leave the group as it was."""
        ledger = self._ledgers[wanted.access.organization]
        done = ledger.commits.get(wanted.change_set.commit_id)
        if done is not None:
            return done
        check(ledger, wanted)
        return _Numbering(ledger, self._batch, wanted).run()

    def write(self) -> None:
        self._batch.write()


def _loaded(
    database: sqlite3.Connection, organization: OrganizationId, sets: Iterable[Wanted]
) -> Ledger:
    ledger = Ledger(database, organization)
    puts = [put for wanted in sets for put in wanted.puts.values()]
    others = [
        operation
        for wanted in sets
        for operation in wanted.change_set.operations
        if not isinstance(operation, Put)
    ]
    touched = {put.record.id for put in puts}
    touched.update(each.id for each in others if not isinstance(each, Fence))
    ledger.load_commits([wanted.change_set.commit_id for wanted in sets])
    ledger.load_records(touched, {each.id for put in puts for each in put.references})
    ledger.load_keys({key for put in puts for key in put.keys})
    if any(wanted.change_set.began is not None for wanted in sets):
        held = {each.partition for each in ledger.records.values()}
        fenced = {each.partition for each in others if isinstance(each, Fence)}
        ledger.load_fences(held.union(fenced, (put.partition for put in puts)))
    return ledger


@dataclass(slots=True)
class _Numbering:
    """One set that passed: its numbers and rows, and the ledger brought up to it."""

    ledger: Ledger
    batch: Batch
    wanted: Wanted
    log: list[tuple[Any, ...]] = field(default_factory=list)
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
                self.batch.fences.append((ledger.org, operation.partition, ledger.position))
        committed = Committed(first, ledger.position)
        if self.log:
            ledger.at = self.at
        self.batch.log += [(org, at, committed.last, *rest) for org, at, *rest in self.log]
        ledger.commits[change_set.commit_id] = committed
        self.batch.commits.append(
            (ledger.org, change_set.commit_id, committed.first, committed.last)
        )
        return committed

    def _put(self, operation: Put) -> None:
        put = self.wanted.puts[operation.record.id]
        record, org = put.record, self.ledger.org
        held = self.ledger.records.get(record.id)
        kind = ChangeKind.UPDATED if held and held.live else ChangeKind.CREATED
        self._end(record.id, held)
        row = self._version(record, kind, operation.reason, put.columns)
        self.batch.links += [(org, *link, row) for link in put.links]
        if put.words:
            tokens = scope_tokens(org, record.KIND, put.partition)
            self.batch.texts.append((row, tokens, put.words))
        for key in put.keys:
            self._hold(key, record.id)

    def _delete(self, operation: Delete) -> None:
        held = self.ledger.records[operation.id]
        live = cast("Record", held.record)
        self._end(operation.id, held)
        record = replace(live, version=live.version + 1)
        columns = TABLES[record.KIND].columns(record)
        self._version(record, ChangeKind.DELETED, operation.reason, columns)

    def _erase(self, operation: Erase) -> None:
        held = ended(self.ledger, self.wanted.access, operation)
        if held is None:
            return
        self._end(operation.id, held)
        self.batch.erase(self.ledger.org, held.kind, operation.id)
        del self.ledger.records[operation.id]
        if TABLES[held.kind].kind.LOGGED:
            self._enter(ChangeKind.ERASED, held.kind, None)

    def _end(self, id_: RecordId, held: Held | None) -> None:
        """Take back what only a live record holds: its keys, its links, its words."""
        if held is None or held.record is None or not held.live:
            return
        table = TABLES[held.kind]
        for key in digests(held.record):
            if self.ledger.keys.get(key, id_) == id_:
                self._hold(key, None)
        org = self.ledger.org
        self.batch.unlinked += [(org, *link, held.row) for link in table.links(held.record)]
        if held.record.searchable():
            self.batch.unindexed.append((held.row,))

    def _version(
        self, record: Record, kind: ChangeKind, reason: str, columns: tuple[Any, ...]
    ) -> int:
        """Add a version and, where the kind is logged, its entry; return its row."""
        ledger, batch, actor = self.ledger, self.batch, self.wanted.access.actor
        held, row = ledger.records.get(record.id), batch.next_row()
        table, partition = TABLES[record.KIND].name, record.partition
        if record.LOGGED:
            self._enter(kind, record.KIND, record)
        born, live = ledger.position, kind is not ChangeKind.DELETED
        batch.versions[record.KIND].append(
            (
                row,
                ledger.org,
                record.id,
                record.version,
                born,
                None if live else born,
                kind.value,
                reason,
                actor,
                self.at,
                *columns,
            )
        )
        if held and not record.LOGGED:
            batch.replaced[record.KIND].append((held.row,))
        elif held and held.live:
            batch.ended[record.KIND].append((born, held.row))
        ledger.records[record.id] = Held(record.KIND, partition, record.version, live, row, record)
        batch.records[ledger.org, record.id] = (table, partition, record.version, int(live), row)
        return row

    def _enter(self, change: ChangeKind, kind: RecordKind, subject: Record | None) -> None:
        """Add a log entry; without a subject, a blank one."""
        ledger, owner = self.ledger, subject.scope if subject else Scope()
        ledger.position = Position(ledger.position + 1)
        self.log.append(
            (
                ledger.org,
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
        self.batch.keys[self.ledger.org, key] = holder
