"""Neighbourhoods: breadth first over facts, one question for each step and direction.

Only ids are walked, in indexes that hold all that a step asks for; the records are fetched once at
the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from mnemos_graph.model import Access, Entity, Fact, RecordId
from mnemos_graph.sqlite.columns import chunked, table_of
from mnemos_graph.sqlite.conditions import Where
from mnemos_graph.sqlite.reading import number
from mnemos_graph.store import Subgraph, View, facts_holding

R = TypeVar("R", Entity, Fact)
Ends = tuple[RecordId, ...]


def neighbours(
    database: sqlite3.Connection,
    access: Access,
    around: Collection[RecordId],
    *,
    view: View,
    hops: int,
    limit: int,
) -> Subgraph:
    org = number(database, access.organization)
    if org is None:
        return Subgraph((), (), truncated=False)
    walk = _Walk(database, access, org, view, limit)
    walk.start(around)
    for _ in range(hops):
        if not walk.frontier:
            break
        walk.step()
    entities, facts = walk.records(Entity, walk.reached), walk.records(Fact, walk.taken)
    return Subgraph(entities, facts, walk.truncated)


@dataclass(slots=True)
class _Walk:
    database: sqlite3.Connection
    access: Access
    org: int
    view: View
    limit: int
    into: dict[RecordId, RecordId | None] = field(default_factory=dict)
    """The live entities that were met, and what each was merged into."""
    rows: dict[RecordId, int] = field(default_factory=dict)
    """Where the version lies that the view knows, of entities and facts."""
    missing: set[RecordId] = field(default_factory=set)
    reached: list[RecordId] = field(default_factory=list)
    taken: list[RecordId] = field(default_factory=list)
    frontier: set[RecordId] = field(default_factory=set)
    truncated: bool = False

    def start(self, around: Collection[RecordId]) -> None:
        self._meet(around)
        roots = sorted({self._root(id_) for id_ in around if id_ in self.into})
        self.truncated = len(roots) > self.limit
        self.reached = roots[: self.limit]
        self.frontier = set(self.reached)

    def step(self) -> None:
        touching = self._facts(self._members())
        self._meet(end for ends in touching.values() for end in ends)
        taken, reached = set(self.taken), set(self.reached)
        roots = {
            id_: {self._root(end) for end in ends}
            for id_, ends in touching.items()
            if id_ not in taken and all(end in self.into for end in ends)
        }
        new = sorted(id_ for id_, ends in roots.items() if ends & self.frontier)
        self.truncated |= len(taken) + len(new) > self.limit
        new = new[: self.limit - len(taken)]
        led = sorted({end for id_ in new for end in roots[id_]} - reached)
        self.truncated |= len(reached) + len(led) > self.limit
        led = led[: self.limit - len(reached)]
        self.reached += led
        reached.update(led)
        self.taken += [id_ for id_ in new if roots[id_] <= reached]
        self.frontier = set(led)

    def records(self, kind: type[R], ids: Collection[RecordId]) -> tuple[R, ...]:
        """Fetch the versions that were met, in the order of ``ids``."""
        table, bodies = table_of(kind), dict[int, bytes]()
        rows = [self.rows[id_] for id_ in ids]
        for marks, chunk in chunked(rows):
            asked = f"SELECT rowid, body FROM {table.name} WHERE rowid IN ({marks})"
            bodies.update(self.database.execute(asked, chunk))
        return tuple(table.decoded(bodies[row] for row in rows))

    def _root(self, id_: RecordId) -> RecordId:
        """Follow merges to what survived. A circle ends before it closes."""
        seen = {id_}
        while (into := self.into[id_]) and into in self.into and into not in seen:
            id_ = into
            seen.add(id_)
        return id_

    def _meet(self, ids: Iterable[RecordId]) -> None:
        """Look entities up, and all that they were merged into."""
        wanted = set(ids) - self.into.keys() - self.missing
        while wanted:
            found = self._entities("v.id", wanted)
            self.into |= found
            self.missing |= wanted - found.keys()
            wanted = {into for into in found.values() if into} - self.into.keys() - self.missing

    def _members(self) -> set[RecordId]:
        """Return the frontier with everything that was merged into it."""
        members, wanted = set(self.frontier), set(self.frontier)
        while wanted:
            found = self._entities("v.merged_into", wanted)
            self.into |= found
            wanted = found.keys() - members
            members |= wanted
        return members

    def _entities(self, column: str, ids: Collection[RecordId]) -> dict[RecordId, RecordId | None]:
        where = self._visible(Entity)
        asked = f"SELECT v.rowid, v.id, v.merged_into FROM entity AS v WHERE {where.sql} AND {column} IN"
        found: dict[RecordId, RecordId | None] = {}
        for marks, chunk in chunked(ids):
            rows = self.database.execute(f"{asked} ({marks})", (*where.bound, *chunk))
            for row, id_, into in rows:
                found[id_], self.rows[id_] = into, row
        return found

    def _facts(self, ends: Collection[RecordId]) -> dict[RecordId, Ends]:
        """Return the ends of every fact that holds and has one of ``ends``."""
        where = self._visible(Fact)
        where.all(facts_holding(self.view))
        found: dict[RecordId, Ends] = {}
        for column in ("subject_id", "object_id"):
            asked = (
                "SELECT v.rowid, v.id, v.subject_id, v.object_id FROM fact AS v "
                f"WHERE {where.sql} AND v.{column} IN"
            )
            for marks, chunk in chunked(ends):
                rows = self.database.execute(f"{asked} ({marks})", (*where.bound, *chunk))
                for row, id_, subject, object_ in rows:
                    found[id_] = (subject, object_) if object_ else (subject,)
                    self.rows[id_] = row
        return found

    def _visible(self, kind: type[Entity | Fact]) -> Where:
        where = Where(self.org, kind.KIND, self.access, self.view.known_at)
        where.visible()
        return where
