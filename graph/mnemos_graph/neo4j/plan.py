"""What the change sets of a group come to, as one state for each node that they touch.

A record that several sets of the group change is written once, with a node for each version that
was current in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from mnemos_graph.committing import Entry, Held, Ledger, Made
from mnemos_graph.model import (
    CommitId,
    Fact,
    OrganizationId,
    Partition,
    Position,
    Record,
    RecordId,
    RecordKind,
)
from mnemos_graph.neo4j.names import label, version_label
from mnemos_graph.neo4j.nodes import Edges, Properties, edges, properties, texts
from mnemos_graph.store import Committed

Rows = list[dict[str, Any]]
_BLANK = {
    "id": "",
    "version": 0,
    "user_id": None,
    "agent_id": None,
    "session_id": None,
    "actor": "",
}
_ENTRY = Entry._fields


@dataclass(slots=True)
class Current:
    """The node of one record, as the group leaves it."""

    made: Made
    before: Held | None
    """What the database holds; None: nothing, or what the group erases."""
    properties: Properties
    died: Position | None = None
    """Where what the database holds stopped to be current."""
    between: Rows = field(default_factory=list)
    """Versions that began and ended within the group."""

    @property
    def live(self) -> Record | None:
        return self.made.record if self.made.put else None


class Plan:
    """An ``Outcome`` of one organization, over what its ledger held before."""

    def __init__(
        self, organization: OrganizationId, ledger: Ledger, stubs: Collection[RecordId]
    ) -> None:
        self.organization = organization
        self.current: dict[RecordId, Current] = {}
        self.erased: dict[RecordId, RecordKind] = {}
        self._stubs = stubs
        self._ledger = ledger
        self._known_keys = frozenset(ledger.keys)
        self.keys: dict[bytes, RecordId | None] = {}
        self.fences: dict[Partition, Position] = {}
        self.commits: Rows = []
        self.entries: Rows = []

    def add(self, made: Made, before: Held | None) -> int:
        held = properties(self.organization, made)
        current = self.current.get(made.record.id)
        if current is None:
            known = before if made.record.id not in self.erased else None
            died = made.born if known and known.live else None
            self.current[made.record.id] = Current(made, known, held, died)
        else:
            if made.record.LOGGED:
                born = current.properties["born"]
                died = made.born if current.live else born
                current.between.append(_ended(current.properties, died))
            current.made, current.properties = made, held
        return 0

    def erase(self, id: RecordId, before: Held) -> None:
        current = self.current.pop(id, None)
        if current is None or current.before is not None:
            self.erased[id] = before.kind
        for entry in self.entries:
            if entry["id"] == id:
                entry.update(_BLANK)

    def hold(self, key: bytes, holder: RecordId | None) -> None:
        self.keys[key] = holder

    def fence(self, partition: Partition, position: Position) -> None:
        self.fences[partition] = position

    def commit(self, id: CommitId, committed: Committed, entries: list[Entry]) -> None:
        org = self.organization
        self.commits.append(
            {"org": org, "id": id, "first": committed.first, "last": committed.last}
        )
        self.entries += [dict(zip(_ENTRY, entry, strict=True), org=org) for entry in entries]

    def rows(self) -> dict[str, Rows]:
        """Return the rows of every kind of write, under the names that ``writing`` knows."""
        rows = defaultdict[str, Rows](list)
        rows["changes"], rows["commits"] = self.entries, self.commits
        for id_, kind in self.erased.items():
            rows["erased"].append({"id": id_, "labels": [label(kind), version_label(kind)]})
        rows["fences"] = [{"partition": at, "position": to} for at, to in self.fences.items()]
        for digest, holder in self.keys.items():
            held = {"digest": digest.hex(), "holder": holder}
            known = "free" if holder is None else "take" if digest in self._known_keys else "claim"
            rows[known].append(held)
        for id_, current in self.current.items():
            stub = id_ in self._stubs or id_ in self.erased
            _place(rows, id_, current, stub=stub)
            targets = {target for _, target in edges(current.live)}
            rows["stubs"] += [{"id": id_} for id_ in targets - self._ledger.records.keys()]
        return {name: held for name, held in rows.items() if held}


def _ended(held: Properties, died: Position) -> Properties:
    return {name: value for name, value in held.items() if name != "tokens"} | {"died": died}


_WAYS = {
    (True, True): "replace",
    (True, False): "end",
    (False, True): "restore",
    (False, False): "keep",
}
"""What becomes of a node, by whether it was live and whether it is now."""


def _place(rows: dict[str, Rows], id_: RecordId, current: Current, *, stub: bool) -> None:
    """Add what becomes of one record's node to the rows."""
    before, record = current.before, current.made.record
    kind, past_kind = label(record.KIND), version_label(record.KIND)
    alive = current.live is not None
    if before is not None:
        way = _WAYS[before.live, alive]
    elif alive:
        way = "revive" if stub else "create"
    else:
        way = "bury"
    placed: dict[str, Any] = {"label": kind, "held": current.properties}
    if way != "create":
        copies = [past_kind] if record.LOGGED else []
        placed |= {"id": id_, "past": past_kind, "copies": copies, "died": current.died}
    rows[way].append(placed)
    rows["between"] += [{"past": past_kind, "held": each} for each in current.between]
    past = before.record if before and before.live else None
    _relate(rows, id_, edges(past), edges(current.live))
    if texts(past) != texts(current.live):
        if past is not None:
            rows["untold"].append({"id": id_})
        rows["told"] += [
            {"id": id_, "field": at, "value": text} for at, text in texts(current.live)
        ]
    if _drawn(past) != _drawn(current.live):
        rows["undrawn"] += [{"fact": id_, **each} for each in _drawn(past)]
        rows["drawn"] += [{"fact": id_, **each} for each in _drawn(current.live)]


def _relate(rows: dict[str, Rows], id_: RecordId, before: Edges, now: Edges) -> None:
    for type_, target in before - now:
        rows["unrelate"].append({"type": type_, "from": id_, "to": target})
    for type_, target in now - before:
        rows["relate"].append({"type": type_, "from": id_, "to": target})


def _drawn(record: Record | None) -> Rows:
    """Return the direct relationship between a live fact's entities, if it has two."""
    if not isinstance(record, Fact) or not record.object_id:
        return []
    return [{"from": record.subject_id, "to": record.object_id, "predicate": record.predicate}]
