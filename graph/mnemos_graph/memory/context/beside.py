"""Turns that another turn is not understood without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mnemos_graph.model import Access, Memory, Origin, Position, RecordId
from mnemos_graph.store import Equal, Filter, Find, GraphStore, Mark, Order, fulfils

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
    asked = {each.id: find for each in best[:_BEST] if (find := _asking(each, known_at))}
    pages = await store.find(access, list(asked.values())) if asked else ()
    return {
        id_: neighbour
        for id_, page in zip(asked, pages, strict=True)
        for neighbour in page.records
        if neighbour.origin is Origin.VERBATIM and fulfils(neighbour, where)
    }


def _asking(memory: Memory, known_at: Position | None) -> Find[Memory] | None:
    """Return the question for the neighbour that ``memory`` needs; None: it needs none.

    Turns are kept in the order in which they were said, so their ids are in that order too.
    """
    scope = memory.scope
    if memory.origin is not Origin.VERBATIM or scope.session_id is None:
        return None
    is_question = memory.told.rstrip().endswith(_ASKING)
    if not is_question and len(memory.told.split()) > _SHORT:
        return None
    return Find(
        Memory,
        (
            Equal("user_id", scope.user_id),
            Equal("agent_id", scope.agent_id),
            Equal("session_id", scope.session_id),
        ),
        order=Order(descending=not is_question),
        first=1,
        after=Mark(memory.id, memory.id),
        known_at=known_at,
    )
