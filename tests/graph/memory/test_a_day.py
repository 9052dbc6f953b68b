"""A day of somebody's life in twenty messages, with five changes of mind; and as people talk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.language.extractor import USER
from mnemos_graph.language.offline.extractor import OfflineExtractor
from mnemos_graph.memory.facts.facts import Facts
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Message, Telling
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import EVERYTHING
from mnemos_graph.model import Entity, Fact, Position
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import View
from tests.conformance.samples import ACME, ANN
from tests.graph.memory.a_day import DAY, SPOKEN, Said, expected, hour

ANNS = ReadScope(user_id="ann", include_shared=False)
DAYS = pytest.mark.parametrize("day", [DAY, SPOKEN], ids=["plain", "spoken"])


NOW = [
    "The user has a cat named Milo.",
    "The user likes coffee.",
    "The user likes tea.",
    "The user moved to Oslo.",
    "The user no longer works at Globex.",
    "The user speaks Norwegian.",
    "The user's favourite colour is blue.",
]


class Clock:
    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    store = await SqliteStore.open(tmp_path)
    yield Journal(store, LocalBus())
    await store.close()


async def held(journal: Journal, view: View) -> list[str]:
    found = (await Facts(journal, Clock()).find(ACME, ANNS, view=view)).records
    return sorted([await spelled(journal, each) for each in found])


async def spelled(journal: Journal, fact: Fact) -> str:
    """Return "lives_in Oslo" of the user, "Ana lives_in Porto" of others."""
    ids = [id_ for id_ in (fact.subject_id, fact.object_id) if id_]
    entities = await journal.store.get(ACME, Entity, ids)
    subject = entities[fact.subject_id].name
    target = entities[fact.object_id].name if fact.object_id else fact.value
    return (
        f"{fact.predicate} {target}" if subject == USER else f"{subject} {fact.predicate} {target}"
    )


@pytest.fixture
async def told(journal: Journal, day: list[Said]) -> list[Position]:
    """Tell the whole day; return where each message stands in the log."""
    rememberer = Rememberer(journal, Jobs(journal, Clock()), Clock(), extractor=OfflineExtractor())
    found = list[Position]()
    for number, said in enumerate(day):
        message = Message(text=said.text, occurred_at=hour(number))
        answer = await rememberer.remember(ACME, Telling(scope=ANN, messages=[message]))
        found.append(answer.position)
    return found


@DAYS
async def test_every_step_of_a_day_is_known_as_it_was(
    journal: Journal, day: list[Said], told: list[Position]
) -> None:
    for known, position in enumerate(told):
        for at in range(known + 1):
            assert await held(journal, View(hour(at), position)) == expected(day, at, known)


@DAYS
async def test_nothing_ends_but_what_somebody_changed_their_mind_about(
    journal: Journal, day: list[Said], told: list[Position]
) -> None:
    assert len(told) == 20
    facts = (await Facts(journal, Clock()).find(ACME, ANNS, include_invalid=True)).records
    ended = {
        (await spelled(journal, each), each.valid_to) for each in facts if each.valid_to is not None
    }
    assert ended == {(what, hour(n)) for n, said in enumerate(day) for what in said.ends}


@pytest.mark.parametrize("day", [DAY])
@pytest.mark.usefixtures("told")
async def test_at_the_end_each_thing_is_known_once(journal: Journal) -> None:
    memories = await Memories(journal, Clock()).list(ACME, ANNS, EVERYTHING)
    assert sorted(each.text for each in memories.records) == NOW
