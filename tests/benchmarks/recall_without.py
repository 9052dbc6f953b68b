"""What each part of ranking gives: how much of the evidence is found without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any

from mnemos.bench_recall import dataset
from mnemos.bench_recall.dataset import Conversation
from mnemos.bench_recall.evaluation import keep
from mnemos.bench_recall.figures import scored
from mnemos_graph.index import likeness, ranking, reranking
from mnemos_graph.index.comparing import Signal
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.language.minilm import MiniLM, open_minilm
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.model import RecordId
from mnemos_graph.sqlite import SqliteStore
from tests.benchmarks import conversations
from tests.benchmarks.figures import Figure
from tests.benchmarks.recall import ACCESS
from tests.benchmarks.recall_left_out import LEVELS, MEASURES, Level, answered, opened
from tests.recall_set import own

ABOUT = "Evidence found without one part of ranking, with the weights in use"
NO_LOOK, FIRST, SECOND = LEVELS


@dataclass(frozen=True)
class Part:
    """Something that is left out, or as it was before."""

    name: str
    level: Level = SECOND
    changed: Sequence[tuple[ModuleType, Mapping[str, Any]]] = ()
    signal: Signal | None = None


PARTS = (
    Part("everything"),
    Part("no second look", FIRST),
    Part("no second look, no vectors", NO_LOOK),
    Part("no words", signal=Signal.TEXT),
    Part("no session", signal=Signal.SESSION),
    Part("no direction of the whole", signal=Signal.VECTOR),
    Part("no speaker", signal=Signal.SPEAKER),
    Part("no exact names and numbers", signal=Signal.EXACT),
    Part("no times", signal=Signal.TIME),
    Part("no directions of the turns around", changed=((likeness, {"_NEAR": 0.0, "_FAR": 0.0}),)),
    Part("what asks counts in full", changed=((ranking, {"_ASKS": 0.0}),)),
    Part("no kinds of things", changed=((ranking, {"_TELLS": 0.0}),)),
    Part("stop words at .3", changed=((reranking, {"_STOP_WORD": 0.3}),)),
    Part(
        "windows of .9, .8, .8 and .7",
        changed=((reranking, {"BEFORE": 0.9, "AFTER": 0.8, "FAR_BEFORE": 0.8, "FAR_AFTER": 0.7}),),
    ),
    Part(
        "no windows in the second look",
        changed=((reranking, dict.fromkeys(("BEFORE", "AFTER", "FAR_BEFORE", "FAR_AFTER"), 0.0)),),
    ),
)


@contextmanager
def left_out(part: Part) -> Iterator[None]:
    with ExitStack() as stack:
        for module, values in part.changed:
            stack.enter_context(_replaced(module, values))
        if part.signal is not None:
            weights = ranking.SECOND_WEIGHTS.items()
            rest = {signal: weight for signal, weight in weights if signal is not part.signal}
            stack.enter_context(_replaced(ranking, {"SECOND_WEIGHTS": rest}))
        yield


@contextmanager
def _replaced(module: ModuleType, values: Mapping[str, Any]) -> Iterator[None]:
    before = {name: getattr(module, name) for name in values}
    for name, value in values.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


async def measured(
    shelf: Shelf,
    model: MiniLM,
    told: Sequence[Conversation],
    names: Mapping[str, Mapping[RecordId, str]],
    part: Part,
) -> Mapping[str, float]:
    """Return each measure, the mean of the conversations."""
    of_each = []
    for one in told:
        with left_out(part):
            answers = await answered(shelf, model, one, names[one.user_id], part.level)
        found = [
            scored(one.user_id, each.query, each.asked.names, each.costs).figures
            for each in answers
        ]
        of_each.append({measure: fmean(each[measure] for each in found) for measure in MEASURES})
    return {measure: fmean(each[measure] for each in of_each) for measure in MEASURES}


async def figures(folder: Path) -> list[Figure]:
    told, ours = dataset.read(conversations.path()), own.read().conversation
    store = await SqliteStore.open(folder)
    found: list[Figure] = []
    async with open_minilm() as model:
        async with open_services(Parts(store=store, embedder=model)) as services:
            names = {each.user_id: await keep(services, ACCESS, each) for each in (*told, ours)}
        async with opened(store, model) as shelf:
            whole: Mapping[str, Mapping[str, float]] = {}
            for part in PARTS:
                sets = {"conversations": told, "our own": [ours]}
                here = {
                    name: await measured(shelf, model, each, names, part)
                    for name, each in sets.items()
                }
                whole = whole or here
                found += _beside(part, here, whole)
    await store.close()
    return found


def _beside(
    part: Part, here: Mapping[str, Mapping[str, float]], whole: Mapping[str, Mapping[str, float]]
) -> Iterator[Figure]:
    for name, values in here.items():
        for measure, said in MEASURES.items():
            yield Figure(
                what=f"{part.name}: {said}, {name}",
                value=values[measure] * 100,
                unit="%",
                baseline="everything",
                baseline_value=whole[name][measure] * 100,
            )
