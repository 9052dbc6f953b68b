"""Rows of another store, taken in as they are: nothing is checked, and nothing numbered anew."""

from __future__ import annotations

from collections.abc import Sequence

from mnemos_graph.committing.entries import Entry
from mnemos_graph.committing.ledger import Held, Ledger
from mnemos_graph.committing.needed import Needed
from mnemos_graph.committing.numbering import Made, Outcome
from mnemos_graph.committing.wanted import Prepared
from mnemos_graph.model import ChangeKind
from mnemos_graph.model.instants import micros
from mnemos_graph.store.copying import KeptCommit, KeptFence, KeptVersion, Row


def needed_for(rows: Sequence[Row]) -> Needed:
    """Return what must be loaded before ``rows`` can be taken in: the versions before these."""
    touched = {row.record.id for row in rows if isinstance(row, KeptVersion)}
    return Needed([], touched, set(), set(), set(), fences=False)


def restore(ledger: Ledger, outcome: Outcome, rows: Sequence[Row]) -> None:
    """Hand rows of versions, commits and fences to ``outcome``; versions in order of their number."""
    for row in rows:
        if isinstance(row, KeptVersion):
            _version(ledger, outcome, row)
        elif isinstance(row, KeptCommit):
            outcome.commit(row.id, row.at, [Entry.of(each) for each in row.entries])
        elif isinstance(row, KeptFence):
            outcome.fence(row.partition, row.position)


def _version(ledger: Ledger, outcome: Outcome, row: KeptVersion) -> None:
    record, before = row.record, ledger.records.get(row.record.id)
    prepared = Prepared.of(record)
    put = None if row.kind is ChangeKind.DELETED else prepared
    made = Made(
        record, row.kind, row.reason, row.actor, micros(row.at), row.born, prepared.body, put
    )
    place = outcome.add(made, before)
    ledger.records[record.id] = Held(
        record.KIND, record.partition, record.version, put is not None, place, record
    )
    for key in prepared.keys if row.current else ():
        outcome.hold(key, record.id)
