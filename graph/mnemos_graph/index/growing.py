"""Arrays that grow at their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

S = TypeVar("S", bound=np.generic)

_ROOM = 16


class Growing(Generic[S]):
    """A numpy array that takes a quarter more room when it is full, so that appending is cheap."""

    def __init__(self, kind: type[S], width: int | None = None) -> None:
        self._shape: tuple[int, ...] = () if width is None else (width,)
        self._room: NDArray[S] = np.zeros((_ROOM, *self._shape), dtype=kind)
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
            larger: DTypeLike = self._room.dtype
            room = np.zeros((max(end, len(self._room) * 5 // 4), *self._shape), dtype=larger)
            room[: self._count] = self.held
            self._room = room
        self._room[self._count : end] = values
        self._count = end

    def clear(self) -> None:
        self._count = 0
