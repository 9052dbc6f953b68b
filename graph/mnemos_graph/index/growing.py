"""Arrays that grow at their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

S = TypeVar("S", bound=np.generic)

_ROOM = 16
_MORE = 8
"""A full array takes one part in so many more room, so that appending is cheap."""


class Growing(Generic[S]):
    """A numpy array that may be appended to."""

    def __init__(self, kind: type[S], width: int | None = None) -> None:
        self._shape: tuple[int, ...] = () if width is None else (width,)
        self._room: NDArray[S] = np.zeros((0, *self._shape), dtype=kind)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def held(self) -> NDArray[S]:
        """What was appended, as a view: writing to it writes here, until the next append."""
        return self._room[: self._count]

    @property
    def nbytes(self) -> int:
        return self._room.nbytes

    def append(self, value: Any) -> None:
        self.extend([value])

    def extend(self, values: Sequence[Any] | NDArray[Any]) -> None:
        end = self._count + len(values)
        if end > len(self._room):
            self._take(max(end, self._count + self._count // _MORE, _ROOM))
        self._room[self._count : end] = values
        self._count = end

    def clear(self) -> None:
        """Let go of everything, and of the room for it."""
        self._count = 0
        self.settle()

    def settle(self) -> None:
        """Give back the room for more."""
        if self._count < len(self._room):
            self._take(self._count)

    def _take(self, length: int) -> None:
        kind: DTypeLike = self._room.dtype
        room = np.empty((length, *self._shape), dtype=kind)
        room[: self._count] = self.held
        self._room = room
