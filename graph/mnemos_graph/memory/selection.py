"""Which memories a question is about, and at which moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnemos_graph.memory import checks
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope, within
from mnemos_graph.model import Access, MemoryLevel, MemoryType, Position
from mnemos_graph.store import (
    Condition,
    Filter,
    GraphStore,
    HasAll,
    HasPairs,
    HasWords,
    In,
    Range,
    View,
    memories_holding,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryQuery:
    """What memories must be like. Absent and empty parts ask for nothing."""

    types: Sequence[MemoryType] = ()
    levels: Sequence[MemoryLevel] = ()
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] | None = None
    text: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    min_importance: float | None = None
    as_of: datetime | None = None
    known_at: datetime | None = None
    include_superseded: bool = False

    @property
    def asks_nothing(self) -> bool:
        """Whether it narrows nothing down, so that it would match everything that holds."""
        narrowing = (self.types, self.levels, self.tags, self.metadata, self.min_importance)
        words = self.text and self.text.strip()
        instants = (self.created_after, self.created_before, self.as_of, self.known_at)
        return not any((*narrowing, words, *instants))


EVERYTHING = MemoryQuery()


async def look(
    store: GraphStore,
    access: Access,
    *,
    now: datetime,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
) -> View:
    """Return the view of a question that came in at ``now``: an instant becomes a position."""
    position: Position | None = None
    if known_at is not None:
        (head,) = await store.heads([access], at=known_at)
        position = head.position
    return View(as_of or now, position)


def conditions(view: View, scope: ReadScope = ANYWHERE, query: MemoryQuery = EVERYTHING) -> Filter:
    """Return the filter for memories in ``scope`` that are as ``query`` asks, seen at ``view``.

    Raises:
        BadInput: metadata is no JSON object, or minImportance is not from 0 to 1.
    """
    found: list[Condition] = [*within(scope)]
    if query.types:
        found.append(In("type", tuple(query.types)))
    if query.levels:
        found.append(In("level", tuple(query.levels)))
    if query.tags:
        found.append(HasAll("tags", tuple(query.tags)))
    if query.metadata:
        found.append(HasPairs("metadata", checks.metadata(query.metadata)))
    if query.text and query.text.strip():
        found.append(HasWords(checks.text("text", query.text)))
    if query.created_after is not None:
        found.append(Range("created_at", above=query.created_after))
    if query.created_before is not None:
        found.append(Range("created_at", below=query.created_before))
    if query.min_importance is not None:
        floor = checks.share("minImportance", query.min_importance)
        found.append(Range("importance", at_least=floor))
    if not query.include_superseded:
        found += memories_holding(view)
    return tuple(found)
