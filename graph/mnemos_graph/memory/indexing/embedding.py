"""The vectors of memories: made once for each version, and kept as bytes beside it.

A version's bytes are rows of float16, one for each window of its text, and belong to one generation
of embedder. They are derived: losing them costs time, never truth.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence

import numpy as np

from mnemos_graph.errors import MnemosError
from mnemos_graph.language.embedder import Embedder, Embedding
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
    return f"{memory.speaker}: {memory.text}" if memory.speaker else memory.text


def ref_of(memory: Memory) -> VersionRef:
    return VersionRef(memory.id, memory.version)


def portions(memories: Sequence[Memory]) -> Iterator[Sequence[Memory]]:
    """Yield all of them in order, as many at once as the embedder should be given."""
    portion, characters = list[Memory](), 0
    for memory in memories:
        characters += len(memory.text)
        if portion and (len(portion) == MOST_TEXTS or characters > MOST_CHARACTERS):
            yield portion
            portion, characters = [], len(memory.text)
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
    """Makes the bytes of versions, and finds those that have none."""

    def __init__(self, store: GraphStore, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder
        self._dimensions = embedder.dimensions

    @property
    def generation(self) -> str:
        return self._embedder.generation

    def derived_of(self, ref: VersionRef) -> DerivedRef:
        return DerivedRef(ref.id, ref.version, self.generation)

    def rows(self, data: bytes) -> Embedding:
        """Return a version's bytes as rows, one for each window."""
        return np.frombuffer(data, np.float16).astype(np.float32).reshape(-1, self._dimensions)

    async def lacking(self, access: Access, memories: Sequence[Memory]) -> list[Memory]:
        """Return those of ``memories`` whose version has no vectors yet."""
        refs = {memory.id: self.derived_of(ref_of(memory)) for memory in memories}
        kept = await self._store.derived(access, list(refs.values()))
        return [memory for memory in memories if refs[memory.id] not in kept]

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
        new = [each for each in memories if self.derived_of(ref_of(each)) not in made]
        for portion in portions(new):
            made |= await self._embedded(portion, urgent=urgent)
        return made

    async def _embedded(
        self, portion: Sequence[Memory], *, urgent: bool
    ) -> dict[DerivedRef, bytes]:
        try:
            texts = [said(memory) for memory in portion]
            rows = await self._embedder.embed(texts, urgent=urgent)
        except MnemosError:
            raise
        except Exception:
            if len(portion) == 1:
                log.exception("memory %s cannot be embedded", portion[0].id)
                return {}
            alone = [await self._embedded([memory], urgent=urgent) for memory in portion]
            return {ref: data for each in alone for ref, data in each.items()}
        refs = (self.derived_of(ref_of(memory)) for memory in portion)
        return {ref: row.astype(np.float16).tobytes() for ref, row in zip(refs, rows, strict=True)}

    async def _taken_over(
        self, access: Access, changed: Sequence[Memory]
    ) -> dict[DerivedRef, bytes]:
        before = {memory.id: VersionRef(memory.id, memory.version - 1) for memory in changed}
        refs = {id_: self.derived_of(ref) for id_, ref in before.items()}
        kept: Mapping[DerivedRef, bytes] = {}
        if refs:
            kept = await self._store.derived(access, list(refs.values()))
        if not kept:
            return {}
        versions = await self._store.versions(access, Memory, list(before.values()))
        return {
            self.derived_of(ref_of(memory)): kept[refs[memory.id]]
            for memory in changed
            if refs[memory.id] in kept
            and before[memory.id] in versions
            and said(versions[before[memory.id]].record) == said(memory)
        }
