"""What the extractor without a model reached stays reached. README.md says what is counted."""

from __future__ import annotations

from pathlib import Path

from mnemos_graph.language.minilm import MiniLM
from mnemos_graph.language.offline.extractor import OfflineExtractor
from tests.extraction.conversations import HELD_OUT, WORKING, read
from tests.extraction.judging import Scores, scored
from tests.extraction.telling import outcomes
from tests.graph.language.conftest import minilm as minilm  # noqa: PLC0414 - a fixture


async def scores(files: tuple[str, ...], model: MiniLM, folder: Path) -> Scores:
    return scored(await outcomes(read(files), OfflineExtractor(), model, folder))


async def test_what_was_worked_on_is_read_well(minilm: MiniLM, tmp_path: Path) -> None:
    found = await scores(WORKING, minilm, tmp_path)
    assert min(found.memories.precision, found.memories.recall) >= 0.95, found
    assert min(found.facts.precision, found.facts.recall) >= 0.95, found
    assert (found.wrong_closings, found.ends.recall) == (0, 1), found
    assert found.memories_of_one <= 1.2, found


async def test_what_was_held_out_is_read_well(minilm: MiniLM, tmp_path: Path) -> None:
    found = await scores(HELD_OUT, minilm, tmp_path)
    assert min(found.memories.precision, found.memories.recall) >= 0.9, found
    assert found.facts.precision >= 0.95, found
    assert found.facts.recall >= 0.85, found
    assert found.wrong_closings == 0, found
    assert found.ends.recall >= 0.75, found
    assert found.memories_of_one <= 1.3, found
