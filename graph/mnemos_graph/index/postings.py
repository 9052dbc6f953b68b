"""Which memory has which word how often, in a few flat arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain

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
    """Entries (term, memory, count): most of them sorted by term, the newest in a short tail.

    Each term stands once, with where its entries end; an entry takes as few bytes as the largest
    memory number and count need.
    """

    def __init__(self) -> None:
        self._terms: NDArray[np.int64] = np.zeros(0, np.int64)
        self._ends: NDArray[np.int32] = np.zeros(1, np.int32)
        """Where the entries of the term before each place end."""
        self._docs: NDArray[np.integer] = np.zeros(0, np.uint8)
        self._counts: NDArray[np.integer] = np.zeros(0, np.uint8)
        self._tail_terms = Growing(np.int64)
        self._tail_docs = Growing(np.int32)
        self._tail_counts = Growing(np.uint16)

    @property
    def nbytes(self) -> int:
        sorted_ = (self._terms, self._ends, self._docs, self._counts)
        tail = (self._tail_terms, self._tail_docs, self._tail_counts)
        return sum(each.nbytes for each in sorted_) + sum(each.nbytes for each in tail)

    def extend(self, first: int, each: Sequence[Mapping[Term, int]]) -> None:
        """Take in what the memories ``first``, ``first + 1`` … have."""
        lengths = [len(counts) for counts in each]
        docs = np.arange(first, first + len(each), dtype=np.int32)
        times = np.fromiter(chain.from_iterable(counts.values() for counts in each), np.int64)
        self._tail_terms.extend(np.fromiter(chain.from_iterable(each), np.int64))
        self._tail_docs.extend(np.repeat(docs, lengths))
        self._tail_counts.extend(np.minimum(times, _MOST_TIMES))
        if len(self._tail_terms) > max(_LONGEST_TAIL, len(self._docs) // 4):
            self.settle()

    def of(self, term: Term) -> tuple[Docs, Floats]:
        """Return the memories that have ``term``, each once, and how often."""
        at = int(np.searchsorted(self._terms, term))
        known = at < len(self._terms) and self._terms[at] == term
        first, last = self._ends[at : at + 2] if known else (0, 0)
        tail = np.flatnonzero(self._tail_terms.held == term)
        docs = np.concatenate((self._docs[first:last], self._tail_docs.held[tail]))
        counts = np.concatenate((self._counts[first:last], self._tail_counts.held[tail]))
        return docs.astype(np.int32), counts.astype(np.float32)

    def of_each(self, terms: Collection[Term]) -> tuple[Docs, NDArray[np.intp]]:
        """Return the memories that have any of ``terms``, and which of the terms, by its place."""
        asked = np.fromiter(terms, np.int64, len(terms))
        at = np.searchsorted(self._terms, asked)
        known = np.flatnonzero(at < len(self._terms))
        known = known[self._terms[at[known]] == asked[known]]
        firsts, counts = self._ends[at[known]], np.diff(self._ends)[at[known]]
        behind = np.repeat(firsts - (np.cumsum(counts) - counts), counts)
        sorted_ = self._docs[behind + np.arange(len(behind))]
        order = np.argsort(asked)
        tail = np.flatnonzero(np.isin(self._tail_terms.held, asked))
        places = order[np.searchsorted(asked[order], self._tail_terms.held[tail])]
        docs = np.concatenate((sorted_, self._tail_docs.held[tail]))
        return docs.astype(np.int32), np.concatenate((np.repeat(known, counts), places))

    def settle(self) -> None:
        """Sort the tail in."""
        if not len(self._tail_terms):
            return
        lengths = np.diff(self._ends)
        terms = np.concatenate((np.repeat(self._terms, lengths), self._tail_terms.held))
        order = np.argsort(terms, kind="stable")
        self._terms, firsts = np.unique(terms[order], return_index=True)
        self._ends = np.append(firsts, len(terms)).astype(np.int32)
        self._docs = _narrow(np.concatenate((self._docs, self._tail_docs.held))[order])
        self._counts = _narrow(np.concatenate((self._counts, self._tail_counts.held))[order])
        for tail in (self._tail_terms, self._tail_docs, self._tail_counts):
            tail.clear()


def _narrow(values: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return values from 0 on in as few bytes as the largest of them needs."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))
