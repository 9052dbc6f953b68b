"""A sentence that states several things, and which of them ended."""

from __future__ import annotations

import pytest

from mnemos_graph.feed import Journal
from mnemos_graph.language.offline.extractor import OfflineExtractor
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.selection import MemoryQuery
from tests.conformance.samples import day
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.telling import known, tell


@pytest.fixture
def rememberer(journal: Journal, clock: Calendar) -> Rememberer:
    clock.move(days=100)
    return Rememberer(journal, Jobs(journal, clock), clock, extractor=OfflineExtractor())


STOPPED = "The user no longer works at Acme."


async def test_a_sentence_ends_with_the_first_of_what_it_states(
    rememberer: Rememberer, memories: Memories
) -> None:
    await tell(rememberer, "I work at Acme as a nurse. I like tea and cocoa.", at=10)
    await tell(rememberer, "I no longer work at Acme.", at=20)
    assert await known(memories) == ["The user likes tea and cocoa.", STOPPED]
    past = await known(memories, MemoryQuery(as_of=day(15)))
    assert "The user works at Acme as a nurse." in past


async def test_moving_away_leaves_what_the_same_sentence_said_of_the_work(
    rememberer: Rememberer, memories: Memories
) -> None:
    await tell(rememberer, "I live in Oslo and work at Acme.", at=10)
    await tell(rememberer, "I moved to Rome.", at=20)
    assert await known(memories) == ["The user moved to Rome.", "The user works at Acme."]
