"""A score says whether a hit answers: questions of our own, with the model that is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnemos.bench_recall.evaluation import keep
from mnemos_graph.language.minilm import open_minilm
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.sqlite import SqliteStore
from tests.benchmarks.recall import ACCESS
from tests.benchmarks.recall_own import likely
from tests.recall_set import own


@pytest.mark.slow
async def test_four_fifths_of_the_questions_without_an_answer_get_no_likely_one(
    tmp_path: Path,
) -> None:
    kept = own.read()
    store = await SqliteStore.open(tmp_path)
    async with (
        open_minilm() as model,
        open_services(Parts(store=store, embedder=model)) as services,
    ):
        await keep(services, ACCESS, kept.conversation)
        spoken = [await likely(services, query) for query in kept.unanswered]
        told = [await likely(services, query) for query in kept.conversation.queries[::5]]
    await store.close()
    assert sum(spoken) <= 0.2 * len(spoken)
    assert sum(told) >= 0.3 * len(told)
