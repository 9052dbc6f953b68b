"""The readings of texts that were asked for lately."""

from __future__ import annotations

from collections import OrderedDict

from mnemos_graph.language.token_embedder import Reading

OVERHEAD = 300
"""Bytes that an entry takes beside its text and its numbers, about."""


class Recent:
    """Keeps what was used last, up to a number of bytes. Belongs to one event loop."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = 0
        self._kept: OrderedDict[str, Reading] = OrderedDict()

    def get(self, text: str) -> Reading | None:
        if text in self._kept:
            self._kept.move_to_end(text)
        return self._kept.get(text)

    def put(self, text: str, reading: Reading) -> None:
        if text not in self._kept:
            self._held += _bytes(text, reading)
        self._kept[text] = reading
        self._kept.move_to_end(text)
        while self._held > self._most:
            self._held -= _bytes(*self._kept.popitem(last=False))

    def clear(self) -> None:
        """Forget all, as when a person is forgotten."""
        self._kept.clear()
        self._held = 0


def _bytes(text: str, reading: Reading) -> int:
    return 4 * len(text) + reading.nbytes + OVERHEAD
