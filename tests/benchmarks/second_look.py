"""What the second look at the best costs, in a scope of 6,000 memories.

Questions are asked with their embedding known, of one recall that looks again and one that does
not, in turn over the same index; the processor time of the whole process is taken.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from mnemos_graph.index.reading import Generation
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.language.minilm import MiniLM, open_minilm
from mnemos_graph.memory.indexing.embedding import Embeddings
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recall
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Put
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.recall_speed import ACCESS, BEGIN, asked, turn

ABOUT = "A second look at the best, in one user's scope of 6,000 memories"
MEMORIES, QUESTIONS, AT_ONCE = 6_000, 200, 500


async def fill(store: SqliteStore, model: MiniLM) -> int:
    """Keep the memories with all their vectors, and return the bytes of those of tokens."""
    chance, embeddings, kept = random.Random(7), Embeddings(store, model), 0
    for first in range(0, MEMORIES, AT_ONCE):
        turns = [turn(0, first + number, chance) for number in range(AT_ONCE)]
        await store.commit(ACCESS, ChangeSet(tuple(map(Put, turns))))
        made = await embeddings.make(ACCESS, turns)
        await store.derive(ACCESS, made)
        kept += sum(
            len(data) for ref, data in made.items() if ref.generation == model.token_generation
        )
    return kept


async def taken(recall: Recall, question: Question) -> float:
    """Return the milliseconds of processor time that an answer takes."""
    began = time.process_time()
    await recall.recall(ACCESS, question)
    return (time.process_time() - began) * 1e3


def told(what: str, again: Sequence[float], once: Sequence[float], goal: str) -> Figure:
    return Figure(
        what=what,
        value=percentile(again, 0.95),
        unit="ms",
        goal=goal,
        baseline="without the second look",
        baseline_value=percentile(once, 0.95),
    )


async def figures(folder: Path) -> list[Figure]:
    store = await SqliteStore.open(folder)
    async with open_minilm() as model:
        kept = await fill(store, model)
        vectors = Generation(model.generation, model.dimensions)
        tokens = Generation(model.token_generation, model.token_dimensions)
        async with Shelf(store, vectors, tokens=tokens) as shelf:
            again, once = (
                Recall(store, shelf, model, lambda: BEGIN + timedelta(days=1_000), rerank=looks)
                for looks in (True, False)
            )
            questions = asked(QUESTIONS, lambda: 0, random.Random(11))
            for question in questions:
                await again.recall(ACCESS, question)
            pairs = [(await taken(again, each), await taken(once, each)) for each in questions]
    await store.close()
    with_it, without = zip(*pairs, strict=True)
    return [
        told("processor time of a recall, its embedding known, p95", with_it, without, "≤ 20 ms"),
        Figure(
            what="bytes of token vectors for a memory of one sentence",
            value=kept / MEMORIES,
            unit="bytes",
            goal="≤ 2,500 bytes",
        ),
    ]
