"""Recall by words alone keeps what it reached on real conversations."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mnemos.bench_recall import dataset
from mnemos.bench_recall.evaluation import evaluate
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.sqlite import SqliteStore
from tests.conformance.samples import ACME

DATA = os.environ.get("RECALL_DATA", "")


@pytest.mark.slow
@pytest.mark.skipif(not DATA, reason="name conversations in LoCoMo's format in RECALL_DATA")
async def test_three_quarters_of_the_evidence_is_among_the_first_ten(tmp_path: Path) -> None:
    conversations = dataset.read(Path(DATA))[:2]
    store = await SqliteStore.open(tmp_path)
    async with open_services(Parts(store=store)) as services:
        figures = await evaluate(services, ACME, conversations, None)
    await store.close()
    words, plain = figures["mnemos_words_only"], figures["bm25"]
    assert words.mean_of_conversations["recall@10"] >= 0.75
    # Plain BM25 finds 0.59 of it on these two conversations, words alone 0.79.
    assert (
        words.mean_of_conversations["recall@10"] > plain.mean_of_conversations["recall@10"] + 0.15
    )
