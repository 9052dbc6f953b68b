"""What an embedder promises that also tells where each word of a text points.

One direction for a whole text loses its rarer words. What a model makes of each token, before it
takes their mean, keeps them: a question's word finds the word that means the same in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.language.embedder import Embedder, Embedding

TokenVectors: TypeAlias = NDArray[np.int8]
"""One text: (tokens, token dimensions), at least one row: directions in parts of 127."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one pass of the model tells about a text."""

    embedding: Embedding
    tokens: TokenVectors
    words: tuple[str, ...]
    """For each token the word of the text that it is of; empty where it is of none."""

    @property
    def nbytes(self) -> int:
        return self.embedding.nbytes + self.tokens.nbytes + sum(map(len, self.words))


@runtime_checkable
class TokenEmbedder(Embedder, Protocol):
    @property
    def token_generation(self) -> str:
        """Names the model and what is kept of its tokens: only equal generations are comparable."""
        ...

    @property
    def token_dimensions(self) -> int:
        """How many numbers a token's row has."""
        ...

    async def read(self, texts: Sequence[str], *, urgent: bool = False) -> Sequence[Reading]:
        """Return each text's reading, in order; its embedding is the one that ``embed`` gives.

        Raises:
            Unavailable: the model is away, or closed.
        """
        ...
