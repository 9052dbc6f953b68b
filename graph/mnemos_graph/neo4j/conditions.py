"""Filters as Cypher over a node's properties, every value a parameter.

The node has the name ``v``. The values of one question are members of the map ``q``, so that
questions of one form share one text, which the server plans once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from mnemos_graph.model import SHARED, Access, Partition, Partitions
from mnemos_graph.model.words import words
from mnemos_graph.neo4j.names import pair, stored
from mnemos_graph.store import (
    Condition,
    Equal,
    Filter,
    HasAll,
    HasPairs,
    HasWords,
    In,
    Present,
    Range,
)

OWNER = "user_id"
"""The field that is asked by its partition, which no node is without."""


@dataclass(slots=True)
class Where:
    """Conditions that hold together, and the members of ``q`` that they speak of."""

    terms: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    of: str = "q."
    """What stands before a value's name in the text."""

    @property
    def cypher(self) -> str:
        return " AND ".join(self.terms)

    def value(self, given: Any) -> str:
        """Return how the text speaks of this value."""
        name = f"p{len(self.values)}"
        self.values[name] = given
        return f"{self.of}{name}"

    def add(self, term: str) -> None:
        self.terms.append(term)

    def readable(self, access: Access) -> None:
        """Keep to the partitions that the access may read."""
        term = readable(access, "v", self.value)
        if term:
            self.add(term)

    def all(self, conditions: Filter) -> None:
        for condition in conditions:
            self._condition(condition)

    def _condition(self, condition: Condition) -> None:
        match condition:
            case Equal(name, value):
                self._in(name, (value,))
            case In(name, values):
                self._in(name, values)
            case Range():
                self._range(condition)
            case Present(name, present):
                self._present(name, present=present)
            case HasAll(name, wanted):
                self._each(list(dict.fromkeys(map(stored, wanted))), f"v.{name}")
            case HasPairs(name, pairs):
                self._each([pair(key, value) for key, value in pairs.items()], f"v.{name}")
            case HasWords(text):
                self._each(list(dict.fromkeys(words(text))), WORDS)

    def _in(self, name: str, values: Collection[Any]) -> None:
        if name == OWNER:
            self._one_of("v.partition", [_owner(value) for value in values])
            return
        given = [stored(value) for value in values if value is not None]
        if None not in values:
            self._one_of(f"v.{name}", given)
        elif given:
            self.add(f"(v.{name} IS NULL OR v.{name} IN {self.value(given)})")
        else:
            self.add(f"v.{name} IS NULL")

    def _one_of(self, property_: str, values: list[Any]) -> None:
        if len(values) == 1:
            self.add(f"{property_} = {self.value(values[0])}")
        else:
            self.add(f"{property_} IN {self.value(values)}")

    def _range(self, asked: Range) -> None:
        held = [
            f"v.{asked.field} {sign} {self.value(stored(limit))}" for sign, limit in asked.bounds
        ]
        term = " AND ".join(held or [f"v.{asked.field} IS NOT NULL"])
        self.add(f"(v.{asked.field} IS NULL OR ({term}))" if asked.or_absent else term)

    def _present(self, name: str, *, present: bool) -> None:
        if name == OWNER:
            self.add(f"v.partition {'<>' if present else '='} ''")
        else:
            self.add(f"v.{name} IS {'NOT ' if present else ''}NULL")

    def _each(self, wanted: list[Any], held: str) -> None:
        if wanted:
            self.add(f"all(each IN {self.value(wanted)} WHERE each IN {held})")


WORDS = "split(v.words, ' ')"
"""The words that full text knows the node by, as ``model.words`` made them."""


def readable(access: Access, node: str, value: Any) -> str:
    """Return the condition that the node's partition may be read; empty where all may be."""
    if access.reads is Partitions.ALL:
        return ""
    return f"{node}.partition IN {value(partitions(access))}"


def partitions(access: Access) -> list[Partition]:
    return sorted(access.reads) if isinstance(access.reads, frozenset) else []


def owners(access: Access, conditions: Filter) -> list[Partition] | None:
    """Return the partitions to which the access and the conditions keep; None: all."""
    kept = None if access.reads is Partitions.ALL else set(partitions(access))
    for condition in conditions:
        match condition:
            case Equal(name, value) if name == OWNER:
                named = {_owner(value)}
            case In(name, values) if name == OWNER:
                named = set(map(_owner, values))
            case _:
                continue
        kept = named if kept is None else kept & named
    return None if kept is None else sorted(kept)


def _owner(user: Any) -> Partition:
    """Return the partition of a user; an empty name is nobody's."""
    return SHARED if user is None else Partition(str(user) or NOBODY)


NOBODY = "\0"
"""A partition that there cannot be: a user's id can be printed."""
