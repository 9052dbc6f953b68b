"""Decisions can be seen before they are taken: the same ones, and nothing is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mnemos_graph.errors import Conflict, Forbidden, Unavailable
from mnemos_graph.feed import Journal
from mnemos_graph.language.offline.extractor import OfflineExtractor
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Message, Remembered, Telling
from mnemos_graph.model import RECORD_TYPES, Access, OrganizationId, Partitions
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import Find, GraphStore
from tests.conformance.samples import ACME, ANN, day
from tests.graph.memory.a_day import DAY
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.rules import Rules
from tests.graph.stores import EVERY_STORE

CHANGES_OF_MIND = [
    "I live in Rome. I like tea.",
    "I live in Rome since 2015.",
    "I moved to Oslo. I like tea. I like milk.",
    "Forget that I like tea.",
    "I live in Rome.",
]


async def everything(store: GraphStore) -> list[Any]:
    """Return what a store can tell of itself: where its log ends, the log, and every record."""
    (head,) = await store.heads([ACME])
    kinds = [Find(kind, first=10_000) for kind in RECORD_TYPES.values()]
    pages = await store.find(ACME, kinds)
    return [head, *await store.changes(ACME, limit=10_000), *(each.records for each in pages)]


def decided(answer: Remembered) -> list[tuple[str, str, str]]:
    return [
        (each.action.name, each.memory.text if each.memory else "", each.reason)
        for each in answer.decisions
    ]


def telling(*texts: str, at: float = 0, **given: Any) -> Telling:
    messages = [Message(text=text, occurred_at=day(at + n / 24)) for n, text in enumerate(texts)]
    return Telling(scope=ANN, messages=messages, **given)


async def imagined_then_told(
    rememberer: Rememberer, store: GraphStore, each: Telling, key: str | None = None
) -> Sequence[Remembered]:
    """Imagine a telling and then tell it, seeing that the first left no trace."""
    before = await everything(store)
    imagined = await rememberer.imagine(ACME, each, key)
    assert await everything(store) == before
    assert imagined.position == before[0].position
    return imagined, await rememberer.remember(ACME, each, key)


@EVERY_STORE
async def test_what_is_imagined_is_what_is_decided_then_and_leaves_no_trace(
    rememberer: Rememberer, store: GraphStore, clock: Calendar
) -> None:
    for number, text in enumerate(CHANGES_OF_MIND):
        clock.move(1)
        told = telling(text, at=number + 1)
        imagined, real = await imagined_then_told(rememberer, store, told, f"key {number}")
        assert decided(imagined) == decided(real) != []
        assert imagined.episodes == ()


async def test_a_whole_day_is_imagined_as_it_is_decided(
    journal: Journal, jobs: Jobs, clock: Calendar, store: GraphStore
) -> None:
    rememberer = Rememberer(journal, jobs, clock, extractor=OfflineExtractor())
    for number, said in enumerate(DAY):
        each = telling(said.text, at=number)
        imagined, real = await imagined_then_told(rememberer, store, each)
        assert decided(imagined) == decided(real)


async def test_more_than_one_portion_is_imagined_as_it_is_decided(
    rememberer: Rememberer, store: GraphStore
) -> None:
    await rememberer.remember(ACME, telling("I live in Lima. I like tea.", at=-1))
    texts = [f"I live in Town{n % 90}. I like thing{n % 70}." for n in range(130)]
    imagined, real = await imagined_then_told(rememberer, store, telling(*texts, "I like tea."))
    assert decided(imagined) == decided(real)
    assert len(decided(real)) > 260


async def test_known_memories_are_named_and_new_ones_are_nobodys(
    rememberer: Rememberer, store: GraphStore
) -> None:
    first = await rememberer.remember(ACME, telling("I live in Rome."))
    imagined = await rememberer.imagine(ACME, telling("I moved to Oslo.", at=3))
    new, known = [each.memory for each in imagined.decisions]
    was = first.decisions[0].memory
    assert new
    assert known
    assert was
    assert (known.id, known.superseded_by) == (was.id, new.id)
    assert await store.get(ACME, type(new), [new.id]) == {}


async def test_verbatim_texts_are_imagined_one_by_one(
    rememberer: Rememberer, store: GraphStore
) -> None:
    each = telling(*(f"turn {n}" for n in range(600)), infer=False)
    imagined, real = await imagined_then_told(rememberer, store, each)
    assert decided(imagined) == decided(real)


async def test_a_key_that_was_used_is_answered_as_it_was(rememberer: Rememberer) -> None:
    first = await rememberer.remember(ACME, telling("I like tea."), "k")
    assert await rememberer.imagine(ACME, telling("I like tea."), "k") == first
    with pytest.raises(Conflict, match="idempotencyKey"):
        await rememberer.imagine(ACME, telling("I like milk."), "k")


async def test_a_model_that_is_away_leaves_no_job_behind(
    journal: Journal, jobs: Jobs, clock: Calendar, store: GraphStore
) -> None:
    rememberer = Rememberer(journal, jobs, clock, extractor=Rules(away=1))
    before = await everything(store)
    with pytest.raises(Unavailable):
        await rememberer.imagine(ACME, telling("I like tea."))
    assert await everything(store) == before


async def test_who_may_not_write_may_not_imagine(rememberer: Rememberer) -> None:
    reader = Access(OrganizationId("acme"), "reader", writes=Partitions.NONE)
    with pytest.raises(Forbidden):
        await rememberer.imagine(reader, telling("I like tea."))


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_no_table_of_the_file_changes(
    rememberer: Rememberer, store: SqliteStore, tmp_path: Path
) -> None:
    await rememberer.remember(ACME, telling("I live in Rome."), "k")
    before = tables(tmp_path)
    await rememberer.imagine(ACME, telling("I moved to Oslo.", at=2), "another")
    assert tables(tmp_path) == before
    await rememberer.remember(ACME, telling("I moved to Oslo.", at=2), "another")
    assert tables(tmp_path) != before


def tables(folder: Path) -> dict[str, list[Any]]:
    (file,) = folder.glob("*.db")
    with sqlite3.connect(file) as database:
        names = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith("sqlite_")
        ]
        return {
            name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"'))) for name in names
        }
