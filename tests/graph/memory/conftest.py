from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mnemos_graph.feed import Journal
from mnemos_graph.memory.facts.entities import Entities
from mnemos_graph.memory.facts.episodes import Episodes
from mnemos_graph.memory.facts.facts import Facts
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.records.blocks import Blocks
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.remember.remember import Rememberer
from tests.conformance.samples import EPOCH
from tests.graph.memory.rules import Rules
from tests.graph.memory.telling import WordCounts


class Calendar:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = EPOCH

    def __call__(self) -> datetime:
        return self.at

    def move(self, days: float) -> None:
        self.at += timedelta(days=days)


@pytest.fixture
def clock() -> Calendar:
    return Calendar()


@pytest.fixture
def memories(journal: Journal, clock: Calendar) -> Memories:
    return Memories(journal, clock)


@pytest.fixture
def facts(journal: Journal, clock: Calendar) -> Facts:
    return Facts(journal, clock)


@pytest.fixture
def entities(journal: Journal, clock: Calendar) -> Entities:
    return Entities(journal, clock)


@pytest.fixture
def blocks(journal: Journal, clock: Calendar) -> Blocks:
    return Blocks(journal, clock)


@pytest.fixture
def episodes(journal: Journal, clock: Calendar) -> Episodes:
    return Episodes(journal, clock)


@pytest.fixture
def jobs(journal: Journal, clock: Calendar) -> Jobs:
    return Jobs(journal, clock)


@pytest.fixture
def rememberer(journal: Journal, jobs: Jobs, clock: Calendar) -> Rememberer:
    return Rememberer(journal, jobs, clock, extractor=Rules(), embedder=WordCounts())
