"""The vectors of memories: made once for each version, and kept as bytes beside it.

A version's bytes are rows of float16, one for each window of its text, and belong to one generation
of embedder. Where the embedder tells of tokens too, and they are wanted, rows of int8, one for each
token, stand beside them under a generation of their own. Both are derived: losing them costs time,
never truth.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence

import numpy as np

from mnemos_graph.errors import MnemosError
from mnemos_graph.language.embedder import Embedder, Embedding
from mnemos_graph.language.token_embedder import TokenEmbedder
from mnemos_graph.model import Access, Memory, OrganizationId
from mnemos_graph.store import DerivedRef, Find, GraphStore, Mark, VersionRef

PAGE = 500
MOST_TEXTS = 64
MOST_CHARACTERS = 16_384
"""In one call of the embedder, so that a question is never behind more than this."""

log = logging.getLogger(__name__)


def whole(organization: OrganizationId) -> Access:
    """Return the access of what serves everybody in an organization."""
    return Access(organization, "system")


def said(memory: Memory) -> str:
    """Return the text that a memory's vectors are made from."""
    return f"{memory.speaker}: {memory.told}" if memory.speaker else memory.told


def ref_of(memory: Memory) -> VersionRef:
    return VersionRef(memory.id, memory.version)


def portions(memories: Sequence[Memory]) -> Iterator[Sequence[Memory]]:
    """Yield all of them in order, as many at once as the embedder should be given."""
    portion, characters = list[Memory](), 0
    for memory in memories:
        characters += len(memory.told)
        if portion and (len(portion) == MOST_TEXTS or characters > MOST_CHARACTERS):
            yield portion
            portion, characters = [], len(memory.told)
        portion.append(memory)
    if portion:
        yield portion


async def live_memories(
    store: GraphStore, access: Access, after: Mark | None = None
) -> AsyncGenerator[Sequence[Memory], None]:
    """Yield every live memory behind ``after``, by id."""
    more = True
    while more:
        (page,) = await store.find(access, [Find(Memory, first=PAGE, after=after)])
        if page.records:
            yield page.records
            after = Mark(page.records[-1].id, page.records[-1].id)
        more = page.has_more


class Embeddings:
    """Makes the bytes of versions, and finds those that have none.

    Args:
        tokens: whether the vectors of tokens are kept, where the embedder has them.
    """

    def __init__(self, store: GraphStore, embedder: Embedder, *, tokens: bool = True) -> None:
        self._store = store
        self._embedder = embedder
        self._dimensions = embedder.dimensions
        self._reader = embedder if isinstance(embedder, TokenEmbedder) else None
        self.keeps_tokens = tokens and self._reader is not None

    @property
    def generation(self) -> str:
        return self._embedder.generation

    @property
    def tokens_generation(self) -> str | None:
        """That of the embedder's tokens, kept or not; None: it has none."""
        return None if self._reader is None else self._reader.token_generation

    @property
    def generations(self) -> tuple[str, ...]:
        """All that a version has bytes of."""
        tokens = self.tokens_generation if self.keeps_tokens else None
        return (self.generation,) if tokens is None else (self.generation, tokens)

    def derived_of(self, ref: VersionRef) -> list[DerivedRef]:
        """Return what is kept of a version."""
        return [DerivedRef(ref.id, ref.version, each) for each in self.generations]

    def rows(self, data: bytes) -> Embedding:
        """Return a version's bytes as rows, one for each window."""
        return np.frombuffer(data, np.float16).astype(np.float32).reshape(-1, self._dimensions)

    async def lacking(self, access: Access, memories: Sequence[Memory]) -> list[Memory]:
        """Return those of ``memories`` whose version has not all its vectors yet."""
        kept = await self._kept(access, map(ref_of, memories))
        return [each for each in memories if not kept.keys() >= set(self.derived_of(ref_of(each)))]

    async def make(
        self, access: Access, memories: Sequence[Memory], *, urgent: bool = False
    ) -> dict[DerivedRef, bytes]:
        """Return the bytes of each version; nothing is kept yet.

        A version that says what the one before it said takes over that one's. One that the model
        breaks on is left out, so that it keeps nobody else waiting.

        Raises:
            Unavailable: the model or the store is away.
        """
        made = await self._taken_over(access, [each for each in memories if each.version > 1])
        new = [each for each in memories if not made.keys() >= set(self.derived_of(ref_of(each)))]
        for portion in portions(new):
            made |= await self._embedded(portion, urgent=urgent)
        return made

    async def _embedded(
        self, portion: Sequence[Memory], *, urgent: bool
    ) -> dict[DerivedRef, bytes]:
        try:
            rows = await self._read([said(memory) for memory in portion], urgent=urgent)
        except MnemosError:
            raise
        except Exception:
            if len(portion) == 1:
                log.exception("memory %s cannot be embedded", portion[0].id)
                return {}
            alone = [await self._embedded([memory], urgent=urgent) for memory in portion]
            return {ref: data for each in alone for ref, data in each.items()}
        return {
            ref: data
            for memory, kept in zip(portion, rows, strict=True)
            for ref, data in zip(self.derived_of(ref_of(memory)), kept, strict=True)
        }

    async def _read(self, texts: Sequence[str], *, urgent: bool) -> list[tuple[bytes, ...]]:
        """Return the bytes of each text, one for each generation."""
        if self._reader is None or not self.keeps_tokens:
            embeddings = await self._embedder.embed(texts, urgent=urgent)
            return [(_half(embedding),) for embedding in embeddings]
        readings = await self._reader.read(texts, urgent=urgent)
        return [(_half(each.embedding), each.tokens.tobytes()) for each in readings]

    async def _kept(self, access: Access, refs: Iterable[VersionRef]) -> Mapping[DerivedRef, bytes]:
        asked = [each for ref in refs for each in self.derived_of(ref)]
        return await self._store.derived(access, asked) if asked else {}

    async def _taken_over(
        self, access: Access, changed: Sequence[Memory]
    ) -> dict[DerivedRef, bytes]:
        before = {memory.id: VersionRef(memory.id, memory.version - 1) for memory in changed}
        kept = await self._kept(access, before.values())
        if not kept:
            return {}
        versions = await self._store.versions(access, Memory, list(before.values()))
        return {
            DerivedRef(memory.id, memory.version, ref.generation): kept[ref]
            for memory in changed
            for ref in self.derived_of(before[memory.id])
            if ref in kept
            and before[memory.id] in versions
            and said(versions[before[memory.id]].record) == said(memory)
        }


def _half(embedding: Embedding) -> bytes:
    return embedding.astype(np.float16).tobytes()
