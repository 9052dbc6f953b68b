"""Questions as vectors, where there is a model to make them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from mnemos_graph.errors import TryLater
from mnemos_graph.index.directions import Vectors
from mnemos_graph.index.reranking import AskedTokens
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.language.token_embedder import TokenEmbedder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """What a model made of a question; None: nothing could, or it is not wanted."""

    whole: Vectors | None = None
    """A row for each of its windows."""
    tokens: AskedTokens | None = None


async def query_vectors(embedder: Embedder | None, text: str, *, tokens: bool) -> QueryVectors:
    """Return the vectors of a question; without any while nothing can make them.

    ``tokens``: its tokens' are wanted too, where the embedder has them.
    """
    if embedder is None:
        return QueryVectors()
    try:
        if tokens and isinstance(embedder, TokenEmbedder):
            (reading,) = await embedder.read([text], urgent=True)
            asked = AskedTokens(reading.tokens, reading.words)
            return QueryVectors(reading.embedding, asked)
        (found,) = await embedder.embed([text], urgent=True)
    except TryLater:
        log.warning("a question could not be embedded; it is answered without vectors")
        return QueryVectors()
    return QueryVectors(found)
