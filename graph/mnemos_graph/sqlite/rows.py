"""What the change sets of one organization come to, as rows of a batch."""

from __future__ import annotations

from mnemos_graph.committing import Entry, Held, Made
from mnemos_graph.model import CommitId, Partition, Position, RecordId
from mnemos_graph.sqlite.batch import Batch
from mnemos_graph.sqlite.columns import TABLES, scope_tokens
from mnemos_graph.store import Committed


class Rows:
    """An ``Outcome`` for the organization of number ``org``."""

    def __init__(self, org: int, batch: Batch) -> None:
        self._org = org
        self._batch = batch

    def add(self, made: Made, before: Held | None) -> int:
        record, kind, actor, put = made.record, made.kind.value, made.actor, made.put
        batch, org, table = self._batch, self._org, TABLES[record.KIND]
        row = batch.next_row()
        columns, links = table.columns(record, made.body)
        died = made.born if put is None else None
        version = (row, org, record.id, record.version, made.born, died, kind, made.reason)
        batch.versions[record.KIND].append((*version, actor, made.at, *columns))
        if before:
            self._end(made, before)
        partition, live = record.partition, int(put is not None)
        batch.records[org, record.id] = (table.name, partition, record.version, live, row)
        if put is not None:
            batch.links += [(org, field, value, row) for field, value in links]
            if put.words:
                batch.texts.append((row, scope_tokens(org, record.KIND, partition), put.words))
        return row

    def erase(self, id: RecordId, before: Held) -> None:
        self._forget(before)
        self._batch.erase(self._org, before.kind, id)

    def hold(self, key: bytes, holder: RecordId | None) -> None:
        self._batch.keys[self._org, key] = holder

    def fence(self, partition: Partition, position: Position) -> None:
        self._batch.fences.append((self._org, partition, position))

    def commit(self, id: CommitId, committed: Committed, entries: list[Entry]) -> None:
        self._batch.log += [(self._org, *entry) for entry in entries]
        self._batch.commits.append((self._org, id, committed.first, committed.last))

    def _end(self, made: Made, before: Held) -> None:
        self._forget(before)
        if not made.record.LOGGED:
            self._batch.replaced[before.kind].append((before.place,))
        elif before.live:
            self._batch.ended[before.kind].append((made.born, before.place))

    def _forget(self, before: Held) -> None:
        """Take back what only a live record has: its links and its words."""
        if before.record is None or not before.live:
            return
        links = TABLES[before.kind].links(before.record)
        self._batch.unlinked += [(self._org, *link, before.place) for link in links]
        if before.record.searchable():
            self._batch.unindexed.append((before.place,))
