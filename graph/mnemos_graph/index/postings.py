"""Which memory has which word how often, in a few flat arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.growing import Growing

Term = int
"""A word's hash in this process: nothing of what people wrote has to be kept as text."""

_LONGEST_TAIL = 2_048
_MOST_TIMES = 65_535

Docs = NDArray[np.int32]
Floats = NDArray[np.float32]


class Postings:
    """Entries (term, memory, count): most of them sorted by term, the newest in a short tail."""

    def __init__(self) -> None:
        self._terms: NDArray[np.int64] = np.zeros(0, np.int64)
        self._docs: Docs = np.zeros(0, np.int32)
        self._counts: NDArray[np.uint16] = np.zeros(0, np.uint16)
        self._tail_terms = Growing(np.int64)
        self._tail_docs = Growing(np.int32)
        self._tail_counts = Growing(np.uint16)

    @property
    def nbytes(self) -> int:
        sorted_ = self._terms.nbytes + self._docs.nbytes + self._counts.nbytes
        tail = self._tail_terms.nbytes + self._tail_docs.nbytes + self._tail_counts.nbytes
        return sorted_ + tail

    def add(self, doc: int, counts: Mapping[Term, int]) -> None:
        self._tail_terms.extend(list(counts))
        self._tail_docs.extend([doc] * len(counts))
        self._tail_counts.extend([min(count, _MOST_TIMES) for count in counts.values()])
        if len(self._tail_terms) > max(_LONGEST_TAIL, len(self._terms) // 4):
            self._sort_in()

    def of(self, term: Term) -> tuple[Docs, Floats]:
        """Return the memories that have ``term``, each once, and how often."""
        first = int(np.searchsorted(self._terms, term, "left"))
        last = int(np.searchsorted(self._terms, term, "right"))
        tail = np.flatnonzero(self._tail_terms.held == term)
        docs = np.concatenate((self._docs[first:last], self._tail_docs.held[tail]))
        counts = np.concatenate((self._counts[first:last], self._tail_counts.held[tail]))
        return docs, counts.astype(np.float32)

    def _sort_in(self) -> None:
        terms = np.concatenate((self._terms, self._tail_terms.held))
        order = np.argsort(terms, kind="stable")
        self._terms = terms[order]
        self._docs = np.concatenate((self._docs, self._tail_docs.held))[order]
        self._counts = np.concatenate((self._counts, self._tail_counts.held))[order]
        for tail in (self._tail_terms, self._tail_docs, self._tail_counts):
            tail.clear()
