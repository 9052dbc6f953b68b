"""Texts that repeat, as small numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.growing import Growing

ABSENT = -1


class Codes:
    """One text, or none, for each memory."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._held = Growing(np.int32)

    def extend(self, texts: Iterable[str | None]) -> None:
        codes = self._codes
        self._held.extend(
            [ABSENT if text is None else codes.setdefault(text, len(codes)) for text in texts]
        )

    def settle(self) -> None:
        """Give back the room for more."""
        self._held.settle()

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(self._codes)

    @property
    def nbytes(self) -> int:
        return self._held.nbytes + 150 * len(self._codes)

    def among(self, texts: tuple[str | None, ...]) -> NDArray[np.bool_]:
        """Return for each memory whether its text is one of these."""
        wanted = [ABSENT if text is None else self._codes.get(text, ABSENT - 1) for text in texts]
        return np.isin(self._held.held, np.array(wanted, np.int32))
