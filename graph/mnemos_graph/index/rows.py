"""Rows of several versions, one version's behind the other's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.store import VersionRef

S = TypeVar("S", bound=np.generic)


class Rows(NamedTuple, Generic[S]):
    refs: Sequence[VersionRef]
    counts: NDArray[np.int64]
    """How many rows each version has."""
    rows: NDArray[S]
    """All of them, in the order of ``refs``."""

    def apart(self) -> Iterator[tuple[VersionRef, NDArray[S]]]:
        """Yield each version with its rows."""
        ends = np.cumsum(self.counts)
        for ref, end, count in zip(self.refs, ends, self.counts, strict=True):
            yield ref, self.rows[end - count : end]


def rows_of(kept: Mapping[VersionRef, bytes], kept_as: type[S], dimensions: int) -> Rows[S]:
    """Return bytes as rows, all in one view; what is of another length is left out."""
    width = np.dtype(kept_as).itemsize * dimensions
    fitting = {ref: data for ref, data in kept.items() if data and len(data) % width == 0}
    counts = np.array([len(data) // width for data in fitting.values()], np.int64)
    flat = np.frombuffer(b"".join(fitting.values()), kept_as)
    return Rows(list(fitting), counts, flat.reshape(-1, dimensions))
