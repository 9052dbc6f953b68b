"""How much of the evidence recall finds for questions of our own, beside plain ways to search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from mnemos.bench_recall.dataset import Query
from mnemos.bench_recall.evaluation import every_way
from mnemos.bench_recall.figures import Scored, summed
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.language.minilm import open_minilm
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.sqlite import SqliteStore
from tests.benchmarks.figures import Figure
from tests.benchmarks.recall import ACCESS, BASELINES, WAYS, beside
from tests.recall_set import own

ABOUT = "Evidence found for questions of our own: facts, documents, agents' notes, nobody named"
MEASURES = {
    "recall@5": "R@5",
    "recall@10": "R@10",
    "recall@20": "R@20",
    "mrr": "MRR",
    "within_500_tokens": "T500",
}
LIKELY = 0.3
"""The score from which on a hit is said to be an answer."""


@dataclass(frozen=True)
class Evaluated:
    scored: Mapping[str, Sequence[Scored]]
    """Way → its answers to the questions that have one."""
    silent: float
    """Of the questions without an answer, the share to which no hit was said to be one."""
    told: float
    """Of the questions with an answer, the share to which a hit was said to be one."""


async def evaluated(folder: Path) -> Evaluated:
    store = await SqliteStore.open(folder)
    async with (
        open_minilm() as model,
        open_services(Parts(store=store, embedder=model)) as services,
    ):
        found = await evaluate(services, model)
    await store.close()
    return found


async def evaluate(services: Services, embedder: Embedder | None) -> Evaluated:
    kept = own.read()
    scored = await every_way(services, ACCESS, kept.conversation, embedder)
    spoken = [await likely(services, query) for query in kept.unanswered]
    told = [await likely(services, query) for query in kept.conversation.queries]
    return Evaluated(scored, 1 - fmean(spoken), fmean(told))


async def likely(services: Services, query: Query) -> bool:
    """Return whether recall says of a hit that it answers ``query``."""
    asked = Question(
        text=query.text,
        scope=ReadScope(user_id=own.USER),
        query=MemoryQuery(as_of=query.as_of),
        min_score=LIKELY,
    )
    return bool((await services.recall.recall(ACCESS, asked)).hits)


def of_kinds(found: Evaluated) -> Iterator[Figure]:
    """Yield every measure over all questions, over those of each kind, and R@10 by what is hard."""
    summaries = {way: summed(each) for way, each in found.scored.items()}
    everything = {way: each.all_questions.figures for way, each in summaries.items()}
    for way in WAYS:
        for measure, name in MEASURES.items():
            yield from beside(way, name, everything, measure)
    for kind, summary in summaries["mnemos"].categories.items():
        of_it = {way: each.categories[kind].figures for way, each in summaries.items()}
        for measure, name in MEASURES.items():
            what = f"{name}, {kind} ({summary.questions:,} questions)"
            yield from beside("mnemos", what, of_it, measure)
    for mark in own.MARKS:
        marked = {
            way: summed([each for each in scored if mark in each.marks]).all_questions
            for way, scored in found.scored.items()
        }
        what = f"R@10, {mark} ({marked['mnemos'].questions:,} questions)"
        figures = {way: each.figures for way, each in marked.items()}
        yield from beside("mnemos", what, figures, "recall@10")


async def figures(folder: Path) -> list[Figure]:
    found = await evaluated(folder)
    assert found.scored.keys() == {*WAYS, *BASELINES}
    return [
        *of_kinds(found),
        Figure(
            what=f"questions without an answer to which no hit scores {LIKELY:g}",
            value=found.silent * 100,
            unit="%",
            goal="≥ 80 %",
            baseline="questions with an answer to which none does",
            baseline_value=(1 - found.told) * 100,
        ),
    ]
