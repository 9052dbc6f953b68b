"""Whether the vectors of tokens are kept beside memories, and their end where they are not wanted.

An organization's mark says that it may have some. Where the setting is off, all that live memories
have is dropped, and the marks with it: switched on again, everything is filled anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from mnemos_graph.memory.indexing.embedding import Embeddings, live_memories
from mnemos_graph.model import Access, RecordId
from mnemos_graph.store import DerivedRef, GraphStore

_TOKENS = RecordId("mark:tokens")
_EMBEDDED = RecordId("mark:embedded")


def embedded_mark(generations: Sequence[str]) -> DerivedRef:
    """Return where it is kept up to where every memory has bytes of all these generations."""
    return DerivedRef(_EMBEDDED, 0, "+".join(generations))


def tokens_mark(generation: str) -> DerivedRef:
    """Return where it is kept that memories may have bytes of this generation of tokens."""
    return DerivedRef(_TOKENS, 0, generation)


async def settle_tokens(store: GraphStore, access: Access, embeddings: Embeddings) -> None:
    """Note that token vectors will be kept; or drop those that were, if they are not wanted."""
    generation = embeddings.tokens_generation
    if generation is None:
        return
    mark = tokens_mark(generation)
    known = await store.derived(access, [mark])
    if embeddings.keeps_tokens:
        if not known:
            await store.derive(access, {mark: b"1"})
    elif known:
        filled = embedded_mark((embeddings.generation, generation))
        await store.derive(access, {}, drop=[filled])
        async for memories in live_memories(store, access):
            versions = [
                DerivedRef(memory.id, version, generation)
                for memory in memories
                for version in range(1, memory.version + 1)
            ]
            await store.derive(access, {}, drop=versions)
        await store.derive(access, {}, drop=[mark])
