"""What models made of texts that were asked for lately."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, Protocol, TypeVar

OVERHEAD = 300
"""Bytes that an entry takes beside its text and its numbers, about."""


class Made(Protocol):
    @property
    def nbytes(self) -> int: ...


M = TypeVar("M", bound=Made)


class Recent(Generic[M]):
    """Keeps what was used last, up to a number of bytes. Belongs to one event loop."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = 0
        self._kept: OrderedDict[str, M] = OrderedDict()

    def get(self, text: str) -> M | None:
        if text in self._kept:
            self._kept.move_to_end(text)
        return self._kept.get(text)

    def put(self, text: str, made: M) -> None:
        if text not in self._kept:
            self._held += _bytes(text, made)
        self._kept[text] = made
        self._kept.move_to_end(text)
        while self._held > self._most:
            self._held -= _bytes(*self._kept.popitem(last=False))

    def clear(self) -> None:
        """Forget all, as when a person is forgotten."""
        self._kept.clear()
        self._held = 0


def _bytes(text: str, made: Made) -> int:
    return 4 * len(text) + made.nbytes + OVERHEAD
