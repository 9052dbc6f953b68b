"""The embedder that is set, and beside it the one before while its vectors still serve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mnemos_graph.index.reading import Generations
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.memory.indexing.collecting import Collecting
from mnemos_graph.memory.indexing.indexing import Indexer
from mnemos_graph.memory.indexing.succession import Successions
from mnemos_graph.model import OrganizationId


@dataclass(frozen=True, slots=True)
class Maker:
    """One embedder, with all that is made and searched by it."""

    embedder: Embedder
    generations: Generations
    indexer: Indexer
    collecting: Collecting | None = None


@dataclass(frozen=True, slots=True)
class Makers:
    successions: Successions
    configured: Maker
    previous: Maker | None = None

    def __iter__(self) -> Iterator[Maker]:
        yield self.configured
        if self.previous is not None:
            yield self.previous

    async def asking(self, organization: OrganizationId) -> Maker:
        """Return by which one the organization is to be asked.

        That whose vectors all memories have, as long as it can be had; else the one that is set,
        whose vectors are being made.

        Raises:
            Unavailable: the store cannot be read.
        """
        succession = await self.successions.lately(organization)
        serving = succession.serving if succession else None
        if self.previous is None or serving is None:
            return self.configured
        is_previous = serving.vectors == self.previous.indexer.generation
        return self.previous if is_previous else self.configured

    def follow(self, organization: OrganizationId) -> None:
        """Give what has no vectors its own, now and from now on. Can be repeated."""
        for maker in self:
            maker.indexer.follow(organization)
            if maker.collecting is not None:
                maker.collecting.follow(organization)
