"""Recall over all partitions of an organization at once.

No index keeps a whole organization's words: the store's full text names the best candidates, and
all the rest (vectors, people, the graph, conditions) is looked up in one index of the organization
and summed as in a partition. What was known earlier has no full text in the store: for that, words
are indexed for the one answer.
"""

from __future__ import annotations

from dataclasses import replace

from mnemos_graph.index.question import telling_words
from mnemos_graph.index.ranking import Asked, Ranking, Signal
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.memory.sight import Sight, rank_parts
from mnemos_graph.model import Memory, Partition, Partitions, Position
from mnemos_graph.store import Condition, GraphStore, In

_FOUND = 200
"""Candidates that full text names."""


async def rank_widely(
    store: GraphStore, shelf: Shelf, seen: Sight, asked: Asked
) -> tuple[Ranking, Position]:
    """Return the best memories of the whole organization, and the position that was seen."""
    found = None
    if Signal.TEXT in asked.weights and seen.view.known_at is None:
        hits = await store.search(
            seen.access, Memory, telling_words(asked.text), where=seen.where, first=_FOUND
        )
        found = {memory.id: score for memory, score in hits}
    readable = (_readable(seen.access.reads),) if seen.access.reads is not Partitions.ALL else ()
    return await rank_parts(
        store,
        shelf,
        replace(seen, where=(*seen.where, *readable)),
        (None,),
        replace(asked, found=found),
    )


def _readable(reads: Partitions | frozenset[Partition]) -> Condition:
    partitions = sorted(reads) if isinstance(reads, frozenset) else []
    return In("user_id", tuple(partition or None for partition in partitions))
