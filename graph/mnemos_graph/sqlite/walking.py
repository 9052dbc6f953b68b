"""Neighbourhoods: breadth first over facts, one question for each step and direction.

Facts are walked in indexes that hold all that a step asks for, and fetched once at the end.
Entities are read whole where they are met: hardly more are met than returned. What is asked for
comes as one JSON list, and CROSS JOIN keeps its order: one text for any number, answered in that
order.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mnemos_graph.model import Access, Entity, Fact, RecordId
from mnemos_graph.sqlite.columns import table_of
from mnemos_graph.sqlite.conditions import Where
from mnemos_graph.sqlite.reading import number
from mnemos_graph.store import Filter, Subgraph, View, facts_holding

_EACH = "FROM json_each(?) AS each CROSS JOIN"
_ENTITIES = f"SELECT v.body {_EACH} entity AS v"
_FACTS = f"SELECT v.id, v.rowid, v.subject_id, v.object_id {_EACH} fact AS v"
_BODIES = f"SELECT v.body {_EACH} fact AS v ON v.rowid = each.value"

_encode = msgspec.json.Encoder().encode

_Touching = dict[RecordId, tuple[int, tuple[RecordId, ...]]]
"""Facts by id: where the version lies that the view knows, and its ends."""


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
    lives = _Question.of(_ENTITIES, Where(org, Entity.KIND, access, view.known_at))
    holds = _Question.of(_FACTS, Where(org, Fact.KIND, access, view.known_at), facts_holding(view))
    walk = _Walk(database, lives, holds, limit)
    walk.start(around)
    for _ in range(hops):
        if not walk.frontier:
            break
        walk.step()
    return Subgraph(walk.entities(), walk.facts(), walk.truncated)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked again and again, each time with other values of one column."""

    text: str
    bound: tuple[Any, ...]

    @classmethod
    def of(cls, select: str, where: Where, conditions: Filter = ()) -> _Question:
        where.visible()
        where.all(conditions)
        return cls(f"{select} WHERE {where.sql} AND v.", tuple(where.bound))

    def rows(
        self, database: sqlite3.Connection, column: str, values: Collection[RecordId]
    ) -> Iterable[Any]:
        asked = f"{self.text}{column} = each.value"
        return database.execute(asked, (_listed(values), *self.bound))


@dataclass(slots=True)
class _Walk:
    database: sqlite3.Connection
    lives: _Question
    holds: _Question
    limit: int
    met: dict[RecordId, Entity] = field(default_factory=dict)
    """The live ones among those that were asked for, and those that were merged into them."""
    asked: set[RecordId] = field(default_factory=set)
    reached: list[RecordId] = field(default_factory=list)
    taken: dict[RecordId, int] = field(default_factory=dict)
    """Where each fact's version lies."""
    frontier: set[RecordId] = field(default_factory=set)
    truncated: bool = False

    def start(self, around: Collection[RecordId]) -> None:
        self._meet(around)
        roots = sorted({self._root(id_) for id_ in around if id_ in self.met})
        self.truncated = len(roots) > self.limit
        self.reached = roots[: self.limit]
        self.frontier = set(self.reached)

    def step(self) -> None:
        touching = self._touching()
        new = self._new(touching)
        room = self.limit - len(self.taken)
        self.truncated |= len(new) > room
        reached = set(self.reached)
        kept = list(new.items())[:room]
        led = sorted({end for _, roots in kept for end in roots} - reached)
        self.truncated |= len(reached) + len(led) > self.limit
        led = led[: self.limit - len(reached)]
        self.reached += led
        reached.update(led)
        self.taken |= {id_: touching[id_][0] for id_, roots in kept if roots <= reached}
        self.frontier = set(led)

    def entities(self) -> tuple[Entity, ...]:
        return tuple(self.met[id_] for id_ in self.reached)

    def facts(self) -> tuple[Fact, ...]:
        bodies = self.database.execute(_BODIES, (_listed(self.taken.values()),))
        return tuple(table_of(Fact).decoded(body for (body,) in bodies))

    def _new(self, touching: _Touching) -> dict[RecordId, set[RecordId]]:
        """Return the new facts, first by id, until they are too many; and what stands at their ends."""
        ids = sorted(touching.keys() - self.taken.keys())
        new: dict[RecordId, set[RecordId]] = {}
        while ids and len(self.taken) + len(new) <= self.limit:
            part, ids = ids[: self.limit + 1], ids[self.limit + 1 :]
            self._meet(end for id_ in part for end in touching[id_][1])
            for id_ in part:
                ends = touching[id_][1]
                if all(end in self.met for end in ends):
                    roots = {self._root(end) for end in ends}
                    if not roots.isdisjoint(self.frontier):
                        new[id_] = roots
        return new

    def _root(self, id_: RecordId) -> RecordId:
        """Follow merges to what survived. A circle ends before it closes."""
        into = self.met[id_].merged_into
        if not into:
            return id_
        seen = {id_}
        while into in self.met and into not in seen:
            id_, into = into, self.met[into].merged_into
            seen.add(id_)
        return id_

    def _meet(self, ids: Iterable[RecordId]) -> None:
        """Look entities up, and all that they were merged into."""
        wanted = set(ids) - self.asked
        while wanted:
            self.asked |= wanted
            found = self._entities("id", wanted)
            wanted = {each.merged_into for each in found if each.merged_into} - self.asked

    def _entities(self, column: str, values: Collection[RecordId]) -> list[Entity]:
        rows = self.lives.rows(self.database, column, values)
        found = table_of(Entity).decoded(body for (body,) in rows)
        self.met.update((each.id, each) for each in found)
        return found

    def _members(self) -> set[RecordId]:
        """Return the frontier with everything that was merged into it."""
        members, wanted = set(self.frontier), set(self.frontier)
        while wanted:
            found = self._entities("merged_into", wanted)
            wanted = {each.id for each in found} - members
            members |= wanted
        return members

    def _touching(self) -> _Touching:
        """Return the facts that hold and have an end that the frontier stands for."""
        members, found = self._members(), _Touching()
        for column in ("subject_id", "object_id"):
            for id_, row, subject, object_ in self.holds.rows(self.database, column, members):
                found[id_] = (row, (subject, object_) if object_ else (subject,))
        return found


def _listed(values: Iterable[object]) -> str:
    return _encode(list(values)).decode()
