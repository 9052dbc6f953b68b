"""Reads of one record by its id, from wherever the question looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from mnemos_graph.model import Entity, Fact, Memory, Record, RecordId
from mnemos_graph.store import Filter, View, facts_holding, fulfils, memories_holding
from mnemos_schema.context import Context
from mnemos_schema.inputs import optional
from mnemos_schema.loaders import Ref
from mnemos_schema.vantage import Vantage

R = TypeVar("R", bound=Record)
T = TypeVar("T")


async def by_id(
    context: Context,
    kind: type[R],
    id: str,
    shown: Callable[[R, Vantage], T],
    *,
    known_at: datetime | None,
    as_of: datetime | None = None,
) -> T | None:
    """Return what ``shown`` makes of a record as it was known at ``known_at``; None: it was not.

    Whoever asks by id sees also what no longer holds, unless ``as_of`` is given: then what did not
    hold at that instant is None, and links lead only to what did. An entity that was merged is
    the one that stands for it.
    """
    instant = optional(as_of)
    seen = await context.look(instant, optional(known_at), everything=instant is None)
    found = await context.load.one(kind, id, seen.known_at)
    if isinstance(found, Entity) and found.merged_into is not None:
        stands = await context.load.entity.load(Ref(RecordId(id), seen.known_at))
        found = stands if isinstance(stands, kind) else None
    if found is None or (instant is not None and not fulfils(found, _holding(found, seen.view))):
        return None
    return shown(found, seen)


def _holding(record: Record, view: View) -> Filter:
    if isinstance(record, Memory):
        return memories_holding(view)
    return facts_holding(view) if isinstance(record, Fact) else ()
