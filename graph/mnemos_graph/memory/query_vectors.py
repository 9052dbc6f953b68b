"""Questions as vectors, where there is a model to make them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from mnemos_graph.errors import TryLater
from mnemos_graph.index.partition import Vectors

log = logging.getLogger(__name__)


class Embeds(Protocol):
    """As much of an embedder as asking needs."""

    async def embed(self, texts: Sequence[str], *, urgent: bool = False) -> Sequence[Vectors]:
        """Return for each text a row of unit length for each of its windows.

        Raises:
            Unavailable: the model is away.
        """
        ...


async def query_vectors(embedder: Embeds | None, text: str) -> Vectors | None:
    """Return the vectors of a question; None while nothing can make them."""
    if embedder is None:
        return None
    try:
        (found,) = await embedder.embed([text], urgent=True)
    except TryLater:
        log.warning("a question could not be embedded; it is answered without vectors")
        return None
    return found
