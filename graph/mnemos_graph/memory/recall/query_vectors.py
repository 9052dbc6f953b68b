"""Questions as vectors, where there is a model to make them."""

from __future__ import annotations

import logging

from mnemos_graph.errors import TryLater
from mnemos_graph.index.partition import Vectors
from mnemos_graph.language.embedder import Embedder

log = logging.getLogger(__name__)


async def query_vectors(embedder: Embedder | None, text: str) -> Vectors | None:
    """Return the vectors of a question; None while nothing can make them."""
    if embedder is None:
        return None
    try:
        (found,) = await embedder.embed([text], urgent=True)
    except TryLater:
        log.warning("a question could not be embedded; it is answered without vectors")
        return None
    return found
