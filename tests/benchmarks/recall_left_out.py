"""How recall does on a conversation whose weights were learned on the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

import numpy as np

from mnemos.bench_recall import dataset
from mnemos.bench_recall.dataset import Category, Conversation, Query
from mnemos.bench_recall.evaluation import keep
from mnemos.bench_recall.figures import scored, tokens
from mnemos_graph.index import identifiers
from mnemos_graph.index.comparing import Signal
from mnemos_graph.index.exact import Named
from mnemos_graph.index.ranking import SECOND_WEIGHTS, WEIGHTS, Ranked
from mnemos_graph.index.ranking import Asked as AskedOfIndex
from mnemos_graph.index.reading import Generation
from mnemos_graph.index.reranking import DEPTH
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.language.minilm import MiniLM, open_minilm
from mnemos_graph.memory.recall.query_vectors import query_vectors
from mnemos_graph.memory.recall.when import when
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.model import Partition, RecordId
from mnemos_graph.sqlite import SqliteStore
from tests.benchmarks import conversations
from tests.benchmarks.figures import Figure
from tests.benchmarks.learning import Asked, Values, learned
from tests.benchmarks.recall import ACCESS

ABOUT = "Evidence found in each conversation, with weights learned on the four others"
MEASURES = {
    "recall@5": "R@5",
    "recall@10": "R@10",
    "recall@20": "R@20",
    "within_500_tokens": "T500",
    "within_1000_tokens": "T1000",
}
GOALS = {
    "no model": {"recall@10": "≥ 75 %"},
    "second look": {
        "recall@5": "≥ 76 %",
        "recall@10": "≥ 84 %",
        "recall@20": "≥ 88 %",
        "within_500_tokens": "≥ 82 %",
        "within_1000_tokens": "≥ 89 %",
    },
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""When the questions are asked that do not say."""
LEARNED = (
    Signal.TEXT,
    Signal.SESSION,
    Signal.VECTOR,
    Signal.SPEAKER,
    Signal.RERANK,
    Signal.EXACT,
    Signal.TIME,
)


@dataclass(frozen=True)
class Level:
    """How much of the model takes part."""

    name: str
    vectors: bool
    tokens: bool

    @property
    def weights(self) -> Mapping[Signal, float]:
        return SECOND_WEIGHTS if self.tokens else WEIGHTS


LEVELS = (
    Level("no model", vectors=False, tokens=False),
    Level("first look", vectors=True, tokens=False),
    Level("second look", vectors=True, tokens=True),
)


@dataclass(frozen=True)
class Answered:
    query: Query
    costs: Mapping[str, int]
    asked: Asked

    def figures(self, sums: Values) -> Mapping[str, float]:
        order = np.argsort(-sums, kind="stable")
        ranking = [self.asked.names[place] for place in order]
        return scored(self.asked.conversation, self.query, ranking, self.costs).figures


@asynccontextmanager
async def opened(store: SqliteStore, model: MiniLM) -> AsyncIterator[Shelf]:
    vectors = Generation(model.generation, model.dimensions)
    each = Generation(model.token_generation, model.token_dimensions)
    async with Shelf(store, vectors, tokens=each) as shelf:
        yield shelf


async def answered(
    shelf: Shelf,
    model: MiniLM,
    told: Conversation,
    names: Mapping[RecordId, str],
    level: Level,
) -> list[Answered]:
    """Ask every question of a conversation that has an answer."""
    costs = {turn.name: tokens(turn.line) for turn in told.turns}
    standing = await shelf.current(ACCESS.organization, [Partition(told.user_id)])
    found = []
    for query in told.queries:
        if query.kind == Category.ADVERSARIAL.name.lower():
            continue
        vectors = await query_vectors(model, query.text, tokens=level.tokens)
        times = when(query.text, query.as_of or NOW)
        asked = AskedOfIndex(
            text=query.text,
            named=Named(identifiers.asked(times.rest)),
            periods=times.periods,
            vectors=vectors.whole if level.vectors else None,
            tokens=vectors.tokens,
            first=DEPTH,
        )
        best = (await shelf.rank(standing.indexes, asked)).best
        ranked = [names[each.ref.id] for each in best]
        answers = np.array([name in query.evidence for name in ranked])
        signals = np.array([_signals(each, level) for each in best])
        found.append(Answered(query, costs, Asked(told.user_id, ranked, signals, answers)))
    return found


def _signals(ranked: Ranked, level: Level) -> list[float]:
    """Return what each signal said; the last is what a memory had before any of them."""
    parts = {share.signal: share.part for share in ranked.shares}
    said = [parts.get(signal, 0.0) / level.weights.get(signal, 1.0) for signal in LEARNED]
    return [*said, ranked.total - sum(parts.values())]


def left_out(of_one: Mapping[str, Sequence[Answered]], level: Level) -> Iterator[Figure]:
    """Yield the figures of each conversation and their means, beside those of the weights in use."""
    in_use = np.array([*(level.weights.get(signal, 0.0) for signal in LEARNED), 1.0])
    apart: dict[str, list[float]] = {}
    together: dict[str, list[float]] = {}
    for name, answers in of_one.items():
        others = [each.asked for other, rest in of_one.items() if other != name for each in rest]
        weights = learned(others)
        for measure, said in MEASURES.items():
            own = fmean(each.figures(each.asked.signals @ weights)[measure] for each in answers)
            used = fmean(each.figures(each.asked.signals @ in_use)[measure] for each in answers)
            apart.setdefault(measure, []).append(own)
            together.setdefault(measure, []).append(used)
            if measure == "recall@10":
                yield _figure(f"{level.name}: {said}, without {name}", own, used)
    for measure, said in MEASURES.items():
        goal = GOALS.get(level.name, {}).get(measure, "")
        means = fmean(apart[measure]), fmean(together[measure])
        yield _figure(f"{level.name}: {said}, mean", *means, goal=goal)


def _figure(what: str, own: float, used: float, *, goal: str = "") -> Figure:
    return Figure(
        what=what,
        value=own * 100,
        unit="%",
        goal=goal,
        baseline="the weights in use",
        baseline_value=used * 100,
    )


async def figures(folder: Path) -> list[Figure]:
    told = dataset.read(conversations.path())
    store = await SqliteStore.open(folder)
    found: list[Figure] = []
    async with open_minilm() as model:
        async with open_services(Parts(store=store, embedder=model)) as services:
            names = {each.user_id: await keep(services, ACCESS, each) for each in told}
        async with opened(store, model) as shelf:
            for level in LEVELS:
                of_one = {
                    each.user_id: await answered(shelf, model, each, names[each.user_id], level)
                    for each in told
                }
                found += left_out(of_one, level)
    await store.close()
    return found
