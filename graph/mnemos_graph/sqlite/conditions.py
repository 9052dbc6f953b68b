"""Filters as SQL over the declared columns, every value a parameter.

The version table of the kind that is asked for has the alias ``v``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mnemos_graph.model import SHARED, Access, Partition, Partitions, Position, RecordKind
from mnemos_graph.model.words import words
from mnemos_graph.sqlite.columns import scope_token, stored
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

_MOST_TOKENS = 64
"""Partitions named one by one in a full-text question; of more, all are searched and then sifted."""


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions that hold together, with their parameters in the same order."""

    org: int
    kind: RecordKind
    access: Access
    known_at: Position | None = None
    terms: list[str] = field(default_factory=list)
    bound: list[Any] = field(default_factory=list)

    @property
    def sql(self) -> str:
        return " AND ".join(self.terms)

    def add(self, term: str, *values: Any) -> None:
        self.terms.append(term)
        self.bound.extend(values)

    def visible(self) -> None:
        """Only live versions of this organization in partitions that the access may read."""
        self.add("v.org = ?", self.org)
        if self.known_at is None:
            self.add("v.died IS NULL")
        else:
            self.add("v.born <= ? AND (v.died IS NULL OR v.died > ?)", self.known_at, self.known_at)
        readable(self, self.access, "v.user_id")

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
                self.add(f'v."{name}" IS {"NOT " if present else ""}NULL')
            case HasAll(name, wanted):
                for value in dict.fromkeys(wanted):
                    self._has(name, value)
            case HasPairs(name, pairs):
                self.add(f'has_pairs(v."{name}", ?)', msgspec.json.encode(pairs).decode())
            case HasWords(text):
                self._words(text)

    def _in(self, name: str, values: Collection[Any]) -> None:
        given = [stored(value) for value in values if value is not None]
        parts = []
        if given:
            marks = ", ".join("?" * len(given))
            parts.append(f'v."{name}" IN ({marks})' if len(given) > 1 else f'v."{name}" = ?')
        if None in values:
            parts.append(f'v."{name}" IS NULL')
        self.add(f"({' OR '.join(parts)})" if parts else "0", *given)

    def _range(self, asked: Range) -> None:
        column = f'v."{asked.field}"'
        held = " AND ".join(f"{column} {sign} ?" for sign, _ in asked.bounds)
        held = held or f"{column} IS NOT NULL"
        term = f"({column} IS NULL OR ({held}))" if asked.or_absent else held
        self.add(term, *(stored(limit) for _, limit in asked.bounds))

    def _has(self, name: str, value: str) -> None:
        if self.known_at is None:
            self.add(
                "v.rowid IN (SELECT row FROM link WHERE org = ? AND field = ? AND value = ?)",
                self.org,
                f"{self.kind.value}.{name}",
                stored(value),
            )
        else:
            self.add(
                f'EXISTS (SELECT 1 FROM json_each(v."{name}") AS each WHERE each.value = ?)',
                stored(value),
            )

    def _words(self, text: str) -> None:
        wanted = words(text)
        if not wanted:
            return
        if self.known_at is None:
            self.add(
                "v.rowid IN (SELECT rowid FROM full_text WHERE full_text MATCH ?)",
                matching(self.org, self.kind, self.access, wanted, "AND"),
            )
        else:
            self.add("has_words(?, v.body, ?)", self.kind.value, " ".join(wanted))


def readable(where: Where, access: Access, column: str) -> None:
    """Keep to the partitions that the access may read."""
    if access.reads is Partitions.ALL:
        return
    if isinstance(access.reads, Partitions) or not access.reads:
        where.add("0")
        return
    users = sorted(access.reads - {SHARED})
    parts = [f"{column} IS NULL"] if SHARED in access.reads else []
    if users:
        parts.append(f"{column} IN ({', '.join('?' * len(users))})")
    where.add(f"({' OR '.join(parts)})", *users)


def matching(
    org: int, kind: RecordKind, access: Access, wanted: Collection[str], operator: str
) -> str:
    """Return the full-text question for records with all (AND) or any (OR) of the words."""
    tokens = [scope_token(org, kind)]
    if not isinstance(access.reads, Partitions) and 0 < len(access.reads) <= _MOST_TOKENS:
        tokens = [scope_token(org, kind, Partition(each)) for each in sorted(access.reads)]
    scope = " OR ".join(f'"{token}"' for token in tokens)
    text = f" {operator} ".join(f'"{word}"' for word in dict.fromkeys(wanted))
    return f"scope : ({scope}) AND words : ({text})"
