"""Telling in tests: to somebody who reads by rules, and what is known then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Remembered, Telling
from mnemos_graph.memory.scopes import ANYWHERE
from mnemos_graph.memory.selection import EVERYTHING, MemoryQuery
from mnemos_graph.model import (
    Access,
    Memory,
    Scope,
)
from mnemos_graph.model.words import words
from mnemos_graph.store import Find, GraphStore, Order
from tests.conformance.samples import ACME, ANN, day


class WordCounts:
    """Embeds a text as its counts of words: texts are as close as they share words."""

    generation = "counts"
    dimensions = 512

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        return [self._embedded(text) for text in texts]

    def _embedded(self, text: str) -> NDArray[np.float32]:
        row = np.zeros(512, np.float32)
        for word in words(text):
            row[self._known.setdefault(word, len(self._known))] += 1
        return (row / np.linalg.norm(row)).reshape(1, -1)


async def tell(
    rememberer: Rememberer,
    text: str,
    *,
    at: float = 0,
    scope: Scope = ANN,
    key: str | None = None,
    access: Access = ACME,
) -> Remembered:
    return await rememberer.remember(
        access, Telling(scope=scope, text=text, occurred_at=day(at)), key
    )


def actions(remembered: Remembered) -> list[tuple[str, str]]:
    return [
        (each.action.name, each.memory.text if each.memory else "") for each in remembered.decisions
    ]


async def known(
    memories: Memories, query: MemoryQuery = EVERYTHING, access: Access = ACME
) -> list[str]:
    page = await memories.list(access, ANYWHERE, query)
    return sorted(each.text for each in page.records)


async def the(store: GraphStore, text: str) -> Memory:
    (page,) = await store.find(ACME, [Find(Memory, order=Order("id"))])
    (found,) = [each for each in page.records if each.text == text]
    return found
