"""A day of somebody's life in twenty messages, with five changes of mind; and as people talk."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

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

_SINGLE = re.compile(r"\b(?:lives_in|works_at|job|favourite_colour)\b")
MORNING = datetime(2026, 5, 4, 6, tzinfo=UTC)
ANNS = ReadScope(user_id="ann", include_shared=False)


class Said(NamedTuple):
    text: str
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


DAY = [
    Said("Good morning! I live in Oslo.", ("lives_in Oslo",)),
    Said("I work at Acme as a nurse.", ("works_at Acme", "job nurse")),
    Said("I like tea.", ("likes tea",)),
    Said("My favourite colour is green.", ("favourite_colour green",)),
    Said("How is the weather today?"),
    Said("I live in Oslo."),
    Said("I have a cat named Milo.", ("has_pet Milo",)),
    Said("I moved to Bergen.", ("lives_in Bergen",), ("lives_in Oslo",)),
    Said("I like coffee.", ("likes coffee",)),
    Said("Thanks, that helps!"),
    Said("I work at Globex now.", ("works_at Globex",), ("works_at Acme",)),
    Said("My favourite colour is blue.", ("favourite_colour blue",), ("favourite_colour green",)),
    Said("I like tea."),
    Said("I live in Bergen and work at Globex."),
    Said("I no longer work at Globex.", (), ("works_at Globex",)),
    Said("I speak Norwegian.", ("speaks Norwegian",)),
    Said("Could you set a timer?"),
    Said("I moved to Oslo.", ("lives_in Oslo",), ("lives_in Bergen",)),
    Said("I have a cat named Milo."),
    Said("Good night!"),
]
SPOKEN = [
    Said("Morning! I'm a nurse at Acme, what a week.", ("job nurse", "works_at Acme")),
    Said("You live in Paris, don't you?"),
    Said(
        "My sister Ana lives in Porto. She works at Bosch.",
        ("sister Ana", "Ana lives_in Porto", "Ana works_at Bosch"),
    ),
    Said("We live in Oslo, by the way.", ("lives_in Oslo",)),
    Said("Can you order me a pizza?"),
    Said("I've got a cat named Milo.", ("has_pet Milo",)),
    Said("I use Sublime Text for everything.", ("uses Sublime Text",)),
    Said("Actually, I live in Bergen, not Oslo.", ("lives_in Bergen",), ("lives_in Oslo",)),
    Said("Ana just moved to Faro.", ("Ana lives_in Faro",), ("Ana lives_in Porto",)),
    Said("Haha, if I won the lottery I'd live in Hawaii."),
    Said("I'm dating Tom!", ("partner Tom",)),
    Said("I love tea, but I can't stand coffee.", ("likes tea", "dislikes coffee")),
    Said("My sister Ana lives in Faro."),
    Said("I quit my job at Acme.", (), ("works_at Acme",)),
    Said("I joined Globex as a manager.", ("works_at Globex", "job manager"), ("job nurse",)),
    Said('My boss said "I live in Rome and I like rum".'),
    Said("I stopped using Sublime Text, I use Zed now.", ("uses Zed",), ("uses Sublime Text",)),
    Said("Tom and I broke up.", (), ("partner Tom",)),
    Said("I work at Globex and Milo is asleep."),
    Said("Good night!"),
]
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


def hour(number: float) -> datetime:
    return MORNING + timedelta(hours=0.7 * number)


def expected(day: list[Said], at: int, known: int) -> list[str]:
    """Return what held at message ``at`` by what is known behind message ``known``.

    Nobody said since when the first of its kind holds, so it holds since ever.
    """
    held: set[str] = set()
    kinds: set[str] = set()
    for number, said in enumerate(day[: known + 1]):
        first = {each for each in said.begins if kind(each) not in kinds}
        kinds |= {kind(each) for each in said.begins}
        held |= first
        if number <= at:
            held = (held - set(said.ends)) | set(said.begins)
    return sorted(held)


def kind(spelled: str) -> str:
    """Return what only one value can be of at a time."""
    found = _SINGLE.search(spelled)
    return spelled[: found.end()] if found else spelled


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
