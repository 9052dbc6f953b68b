"""How much of the evidence recall finds in real conversations, beside plain ways to search them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mnemos.bench_recall import dataset
from mnemos.bench_recall.evaluation import evaluate
from mnemos.bench_recall.figures import Figures
from mnemos_graph.language.minilm import open_minilm
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.model import Access, OrganizationId
from mnemos_graph.sqlite import SqliteStore
from tests.benchmarks import conversations
from tests.benchmarks.figures import Figure

ABOUT = "Evidence found, in conversations that the weights were chosen on: one turn one memory"
ACCESS = Access(OrganizationId("bench"), actor="local")
WAYS = {"mnemos": "Mnemos, words and vectors", "mnemos_words_only": "Mnemos, words only"}
BASELINES = {"bm25": "plain BM25", "dense": "plain dense"}
MEASURES = {
    "recall@5": "R@5",
    "recall@10": "R@10",
    "recall@20": "R@20",
    "mrr": "MRR",
    "within_500_tokens": "T500",
    "within_1000_tokens": "T1000",
    "within_2000_tokens": "T2000",
}


async def evaluated(path: Path, folder: Path) -> Mapping[str, Figures]:
    store = await SqliteStore.open(folder)
    async with (
        open_minilm() as model,
        open_services(Parts(store=store, embedder=model)) as services,
    ):
        found = await evaluate(services, ACCESS, dataset.read(path), model)
    await store.close()
    return found


def beside(
    way: str, what: str, values: Mapping[str, Mapping[str, float]], measure: str
) -> Iterator[Figure]:
    """Yield what one of our ways reached, in hundredths, beside each plain way."""
    for baseline, plain in BASELINES.items():
        yield Figure(
            what=f"{WAYS[way]}: {what}",
            value=values[way][measure] * 100,
            unit="%",
            goal=f"more than {plain}",
            baseline=plain,
            baseline_value=values[baseline][measure] * 100,
        )


def all_of(found: Mapping[str, Figures]) -> Iterator[Figure]:
    """Yield every measure over all questions, and R@10 of each category."""
    means = {way: each.mean_of_conversations for way, each in found.items()}
    for way in WAYS:
        for measure, name in MEASURES.items():
            yield from beside(way, name, means, measure)
    for category, summary in found["mnemos"].categories.items():
        of_it = {way: each.categories[category].figures for way, each in found.items()}
        name = f"R@10, {category.replace('_', ' ')} ({summary.questions:,} questions)"
        yield from beside("mnemos", name, of_it, "recall@10")


async def figures(folder: Path) -> list[Figure]:
    return list(all_of(await evaluated(conversations.path(), folder)))
