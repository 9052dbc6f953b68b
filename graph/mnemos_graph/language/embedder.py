"""What an embedder promises: text in, directions out.

A model reads only so many tokens at once. A longer text is read in windows that overlap, and each
window keeps its own direction: their mean would be near to none of them. How alike two texts are
is how alike their two closest windows are (``likeness``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Embedding: TypeAlias = NDArray[np.float32]
"""One text: (windows, dimensions), at least one row, every row of length 1."""


class Embedder(Protocol):
    @property
    def generation(self) -> str:
        """Names the model and how text is put into it: only equal generations are comparable."""
        ...

    @property
    def dimensions(self) -> int:
        """How many numbers a row has."""
        ...

    async def embed(self, texts: Sequence[str], *, urgent: bool = False) -> Sequence[Embedding]:
        """Return the embedding of each text, in order. An empty text has one as well.

        ``urgent`` goes before what is not: somebody waits for the answer to a question.

        Raises:
            Unavailable: the model is away, or closed.
        """
        ...


@runtime_checkable
class RemembersTexts(Protocol):
    """An embedder that holds texts to be quicker with them the next time."""

    def forget(self) -> None:
        """Drop them all, as when a person is forgotten. Called in the loop that embeds."""
        ...


def likeness(one: Embedding, other: Embedding) -> float:
    """Return the cosine of the closest windows, -1 to 1."""
    return float((one @ other.T).max())
