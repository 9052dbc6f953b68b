"""Questions as vectors, with the latest ones remembered."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.errors import TryLater

_KEPT = 2_048

log = logging.getLogger(__name__)


class Embeds(Protocol):
    """As much of an embedder as asking needs."""

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of unit length for each text.

        Raises:
            Unavailable: the model is away.
        """
        ...


class QueryVectors:
    def __init__(self, embedder: Embeds | None) -> None:
        self._embedder = embedder
        self._kept: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    async def of(self, text: str) -> NDArray[np.float32] | None:
        """Return the vector of ``text``; None while there is no embedder to make it."""
        known = self._kept.get(text)
        if known is not None:
            self._kept.move_to_end(text)
            return known
        if self._embedder is None:
            return None
        try:
            vector: NDArray[np.float32] = (await self._embedder.embed([text]))[0]
        except TryLater:
            log.warning("a question could not be embedded; it is answered without vectors")
            return None
        self._kept[text] = vector
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return vector
