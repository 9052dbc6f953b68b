"""Neighbourhoods: breadth first over facts, one question for each step.

An answer brings all that a step may need: the facts at the frontier, the entities at their ends,
and whatever those were merged with. What counts is decided here, as on every backend.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from mnemos_graph.committing.forms import body_of
from mnemos_graph.model import Entity, Fact, RecordId
from mnemos_graph.store import Subgraph

R = TypeVar("R", Entity, Fact)


@dataclass(frozen=True, slots=True)
class Met:
    """An entity that the view knows."""

    id: RecordId
    merged_into: RecordId | None
    body: str


@dataclass(frozen=True, slots=True)
class Link:
    """A fact that holds, between ends that are there."""

    id: RecordId
    subject_id: RecordId
    object_id: RecordId | None
    body: str

    @property
    def ends(self) -> tuple[RecordId, ...]:
        return (self.subject_id, self.object_id) if self.object_id else (self.subject_id,)


@dataclass(frozen=True, slots=True)
class Near:
    family: tuple[Met, ...] = ()
    """The entities that were asked for."""
    links: tuple[Link, ...] = ()
    """The first facts by id that have one of those at an end."""
    met: tuple[Met, ...] = ()
    """The entities at the ends of those facts, and all that they were ever merged with."""


class Steps(Protocol):
    async def around(self, ids: Collection[RecordId], most: int) -> Near:
        """Return what is near these entities and all that they were merged with."""
        ...

    async def at(self, ids: Collection[RecordId], taken: Collection[RecordId], most: int) -> Near:
        """Return what is near exactly these entities, but for the facts that are taken."""
        ...


async def neighbours(
    steps: Steps, around: Collection[RecordId], *, hops: int, limit: int
) -> Subgraph:
    walk = _Walk(steps, limit)
    await walk.start(around, further=hops > 0)
    for _ in range(hops):
        if not walk.frontier:
            break
        await walk.step()
    return walk.subgraph()


@dataclass(slots=True)
class _Walk:
    steps: Steps
    limit: int
    known: dict[RecordId, Met] = field(default_factory=dict)
    links: dict[RecordId, Link] = field(default_factory=dict)
    reached: list[RecordId] = field(default_factory=list)
    taken: list[RecordId] = field(default_factory=list)
    frontier: set[RecordId] = field(default_factory=set)
    ahead: Near | None = None
    """What the start brought of the first step."""
    truncated: bool = False

    async def start(self, around: Collection[RecordId], *, further: bool) -> None:
        near = await self.steps.around(around, self.limit + 1 if further else 0)
        self._meet((*near.family, *near.met))
        roots = sorted({self._root(id_) for id_ in around if id_ in self.known})
        self.truncated = len(roots) > self.limit
        self.reached = roots[: self.limit]
        self.frontier = set(self.reached)
        if {each.id for each in near.family} == self._members():
            self.ahead = near

    async def step(self) -> None:
        room = max(0, self.limit - len(self.taken))
        near = self.ahead or await self.steps.at(self._members(), self.taken, room + 1)
        self.ahead = None
        self._meet(near.met)
        taken, reached = set(self.taken), set(self.reached)
        roots = {
            link.id: {self._root(end) for end in link.ends}
            for link in near.links
            if link.id not in taken and all(end in self.known for end in link.ends)
        }
        self.links |= {link.id: link for link in near.links}
        new = sorted(id_ for id_, ends in roots.items() if ends & self.frontier)
        self.truncated |= len(new) > room
        new = new[:room]
        led = sorted({end for id_ in new for end in roots[id_]} - reached)
        self.truncated |= len(reached) + len(led) > self.limit
        led = led[: self.limit - len(reached)]
        self.reached += led
        reached.update(led)
        self.taken += [id_ for id_ in new if roots[id_] <= reached]
        self.frontier = set(led)

    def subgraph(self) -> Subgraph:
        entities = _decoded(Entity, [self.known[id_].body for id_ in self.reached])
        facts = _decoded(Fact, [self.links[id_].body for id_ in self.taken])
        return Subgraph(entities, facts, self.truncated)

    def _meet(self, entities: Iterable[Met]) -> None:
        self.known |= {each.id: each for each in entities}

    def _root(self, id_: RecordId) -> RecordId:
        """Follow merges to what survived. A circle ends before it closes."""
        seen = {id_}
        while (into := self.known[id_].merged_into) and into in self.known and into not in seen:
            id_ = into
            seen.add(id_)
        return id_

    def _members(self) -> set[RecordId]:
        """Return all that the frontier's entities stand for."""
        merged = defaultdict[RecordId, list[RecordId]](list)
        for each in self.known.values():
            if each.merged_into:
                merged[each.merged_into].append(each.id)
        members, waiting = set(self.frontier), list(self.frontier)
        while waiting:
            new = set(merged.get(waiting.pop(), ())) - members
            members |= new
            waiting += new
        return {each for each in members if self._root(each) in self.frontier}


def _decoded(kind: type[R], bodies: Iterable[str]) -> tuple[R, ...]:
    return tuple(body_of(kind).decoded(body.encode() for body in bodies))
