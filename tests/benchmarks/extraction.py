"""What an extractor makes of conversations, compared with what a careful reader would keep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mnemos_graph.language.extractor import Extractor
from mnemos_graph.language.minilm import open_minilm
from mnemos_graph.language.offline.extractor import OfflineExtractor
from tests.benchmarks.figures import Figure
from tests.extraction.conversations import HELD_OUT, WORKING, read
from tests.extraction.judging import Score, Scores, scored
from tests.extraction.telling import outcomes

ABOUT = "Extraction without a model, on conversations of our own"
PARTS = {"worked on": WORKING, "held out": HELD_OUT}


async def measured(folder: Path, extractor: Extractor) -> dict[str, Scores]:
    """Return the scores of each part, and of all together."""
    found: dict[str, Scores] = {}
    async with open_minilm() as model:
        for part, files in PARTS.items():
            told = await outcomes(read(files), extractor, model, _made(folder / part))
            found[part] = scored(told)
    return {**found, "all": sum(found.values(), Scores())}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def figures(folder: Path, extractor: Extractor | None = None) -> list[Figure]:
    """Score ``extractor``; the one that needs no model where none is given."""
    found = await measured(folder, extractor or OfflineExtractor())
    return [figure for part, scores in found.items() for figure in _of(part, scores)]


def _of(part: str, scores: Scores) -> Iterator[Figure]:
    for what, score in (
        ("memories", scores.memories),
        ("facts", scores.facts),
        ("ends of facts", scores.ends),
    ):
        yield from _of_one(f"{part}: {what}", score)
    yield Figure(
        what=f"{part}: wrong closings ({scores.ends.found} ends)",
        value=scores.wrong_closings * 100,
        unit="%",
        goal="≤ 1 %",
    )
    yield Figure(
        what=f"{part}: memories of a thing said five ways ({scores.told_often} things)",
        value=scores.memories_of_one,
        unit="memories",
        goal="1",
    )


def _of_one(what: str, score: Score) -> Iterator[Figure]:
    yield Figure(
        what=f"{what}, precision ({score.found} found)",
        value=score.precision * 100,
        unit="%",
        goal="≥ 90 %",
    )
    yield Figure(
        what=f"{what}, recall ({score.expected} expected)",
        value=score.recall * 100,
        unit="%",
        goal="≥ 60 %",
    )
