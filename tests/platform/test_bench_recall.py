"""What the recall benchmark reads and counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mnemos.bench_recall import dataset
from mnemos.bench_recall.baselines import Bm25, Dense
from mnemos.bench_recall.dataset import Query
from mnemos.bench_recall.evaluation import evaluate
from mnemos.bench_recall.figures import Scored, scored, summed
from mnemos_graph.errors import BadInput
from mnemos_graph.memory.services import Parts, open_services
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME
from tests.embedders import WordEmbedder

SPOKEN = ("I planted a lemon tree.", "How lovely!", "My sister Mia plays the violin.", "Great.")
SAMPLE: dict[str, Any] = {
    "sample_id": "talk-1",
    "conversation": {
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [
            {"speaker": ("Ann", "Bob")[n % 2], "dia_id": f"D1:{n + 1}", "text": text}
            for n, text in enumerate(SPOKEN)
        ],
        "session_2_date_time": "1:56 pm on 9 May, 2023",
    },
    "qa": [
        {"question": "What did Ann plant?", "evidence": ["D1:1"], "category": 4},
        {"question": "Who plays?", "evidence": ["D1:3; D9:9", "D"], "category": 1},
        {"question": "Nowhere?", "evidence": ["D7:1"], "category": 4},
        {"question": "What did Bob plant?", "evidence": ["D1:1"], "category": 5},
    ],
}
COSTS = {f"D1:{n}": 300 for n in range(1, 9)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "talk.json"
    file.write_text(json.dumps([SAMPLE]))
    return file


def test_questions_keep_only_evidence_that_exists(path: Path) -> None:
    (conversation,) = dataset.read(path)
    assert [sorted(each.evidence) for each in conversation.queries] == [
        ["D1:1"],
        ["D1:3"],
        ["D1:1"],
    ]
    assert conversation.turns[0].line == "[2023-05-08] Ann: I planted a lemon tree."


@pytest.mark.parametrize("content", [b"\xff", b"{}", b'[{"sample_id": 1}]'])
def test_a_file_without_conversations_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "wrong").write_bytes(content)
    with pytest.raises(BadInput, match="wrong"):
        dataset.read(tmp_path / "wrong")


def test_a_ranking_is_scored_by_place_and_by_tokens() -> None:
    query = Query("?", "multi_hop", frozenset({"D1:2", "D1:6"}))
    ranking = [f"D1:{n}" for n in range(1, 9)]
    assert scored("talk-1", query, ranking, COSTS).figures == {
        "recall@5": 0.5,
        "recall@10": 1.0,
        "recall@20": 1.0,
        "mrr": 0.5,
        "within_500_tokens": 0.0,
        "within_1000_tokens": 0.5,
        "within_2000_tokens": 1.0,
    }


def test_adversarial_questions_count_only_under_their_own_name() -> None:
    results = [
        Scored("one", "temporal", {"mrr": 1.0}),
        Scored("one", "temporal", {"mrr": 0.5}),
        Scored("two", "single_hop", {"mrr": 0.0}),
        Scored("two", "adversarial", {"mrr": 1.0}),
    ]
    figures = summed(results)
    assert figures.mean_of_conversations == {"mrr": 0.375}
    assert figures.all_questions.figures == {"mrr": 0.5}
    assert figures.categories["adversarial"].figures == {"mrr": 1.0}


async def test_baselines_rank_what_has_the_words_first() -> None:
    turns = [(str(place), text) for place, text in enumerate(SPOKEN)]
    assert await Bm25(turns).rank("Who plays the violin?") == ["2"]
    assert await Bm25(turns).rank("?!") == []
    dense = await Dense.of(WordEmbedder(), turns)
    assert (await dense.rank("violin plays"))[0] == "2"


async def test_every_way_is_asked_every_question(path: Path) -> None:
    told: list[str] = []
    async with open_services(Parts(store=MemoryStore(), embedder=WordEmbedder())) as services:
        figures = await evaluate(
            services, ACME, dataset.read(path), WordEmbedder(), progress=told.append
        )
    assert sorted(figures) == ["bm25", "dense", "mnemos", "mnemos_words_only"]
    assert all(each.all_questions.questions == 2 for each in figures.values())
    assert figures["mnemos"].categories["single_hop"].figures["mrr"] == 1.0
    assert told == ["talk-1"]
