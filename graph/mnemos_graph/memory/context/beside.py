"""Turns that another turn is not understood without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mnemos_graph.model import Access, Episode, Memory, Origin, Position, RecordId
from mnemos_graph.store import Equal, Filter, Find, GraphStore, HasAll, Mark, Order

_BEST = 5
"""Hits whose neighbours are worth their tokens."""
_SHORT = 8
"""Words up to which a turn is taken for an answer to the one before."""
_ASKING = ("?", "？", "؟", "՞", ";")


async def beside(
    store: GraphStore,
    access: Access,
    best: Sequence[Memory],
    where: Filter,
    known_at: Position | None,
) -> Mapping[RecordId, Memory]:
    """Return, for those of the best hits that need one, the turn that goes with them.

    After a question comes its answer; before a few words, what they answer. A neighbour fulfils
    ``where`` as every hit does.
    """
    turns = {each.id: each for each in best[:_BEST] if _needs_another(each)}
    said = await store.get(
        access, Episode, {each.sources[0] for each in turns.values()}, known_at=known_at
    )
    asked = {
        id_: _next_to(said[each.sources[0]], each, known_at)
        for id_, each in turns.items()
        if each.sources[0] in said
    }
    if not asked:
        return {}
    pages = await store.find(access, list(asked.values()))
    found = {
        id_: page.records[0].id for id_, page in zip(asked, pages, strict=True) if page.records
    }
    told = [
        Find(Memory, (HasAll("sources", (episode,)), *where), known_at=known_at)
        for episode in found.values()
    ]
    pages_told = await store.find(access, told) if told else ()
    return {
        id_: neighbour
        for id_, page in zip(found, pages_told, strict=True)
        for neighbour in page.records
        if neighbour.origin is Origin.VERBATIM
    }


def _needs_another(memory: Memory) -> bool:
    if memory.origin is not Origin.VERBATIM or not memory.sources:
        return False
    if memory.scope.session_id is None:
        return False
    return _is_question(memory) or len(memory.told.split()) <= _SHORT


def _is_question(memory: Memory) -> bool:
    return memory.told.rstrip().endswith(_ASKING)


def _next_to(episode: Episode, memory: Memory, known_at: Position | None) -> Find[Episode]:
    """Return the question for what was said next, or before, in the order of the session.

    That is by when it was said, then by id: what is said at one instant has ids in the order in
    which it came, of a call and across calls.
    """
    scope = episode.scope
    return Find(
        Episode,
        (
            Equal("user_id", scope.user_id),
            Equal("agent_id", scope.agent_id),
            Equal("session_id", scope.session_id),
        ),
        order=Order("occurred_at", descending=not _is_question(memory)),
        first=1,
        after=Mark(episode.occurred_at, episode.id),
        known_at=known_at,
    )
