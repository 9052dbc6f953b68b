"""Whatever is told is kept and read sensibly, or refused with a reason: never lost, never obeyed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.feed import Journal
from mnemos_graph.language.offline.extractor import OfflineExtractor
from mnemos_graph.memory.facts.facts import Facts
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Message, Telling
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import EVERYTHING
from mnemos_graph.model import Access, Entity, Episode, Fact, MessageRole, Scope
from mnemos_graph.store import Equal, Find, GraphStore
from tests.conformance.samples import ACME, ANN, BOB, GLOBEX, day
from tests.graph.memory.bad_input import COMMANDS, LARGEST, NO_SPEECH, SCRIPTS
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.telling import WordCounts, tell

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
def rememberer(journal: Journal, jobs: Jobs, clock: Calendar) -> Rememberer:
    return Rememberer(journal, jobs, clock, extractor=OfflineExtractor(), embedder=WordCounts())


async def known(memories: Memories, scope: Scope = ANN, access: Access = ACME) -> list[str]:
    whose = ReadScope(user_id=scope.user_id, include_shared=False)
    page = await memories.list(access, whose, EVERYTHING, first=100)
    return sorted(each.text for each in page.records)


async def believed(store: GraphStore, scope: Scope = ANN, access: Access = ACME) -> list[str]:
    """Return the facts that hold, as they are told."""
    where = (Equal("user_id", scope.user_id),)
    (page,) = await store.find(access, [Find(Fact, where, first=200)])
    return sorted(each.statement for each in page.records if each.valid_to is None)


async def kept(store: GraphStore, access: Access = ACME) -> list[str]:
    (page,) = await store.find(access, [Find(Episode, first=1_000)])
    return [each.text for each in page.records]


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000", "\0", "I live\0 in Oslo.", "half \ud83d"])
async def test_what_is_no_text_is_refused_with_a_reason(
    rememberer: Rememberer, store: GraphStore, text: str
) -> None:
    with pytest.raises(BadInput, match=r"Give some text|Remove it|Send valid Unicode"):
        await tell(rememberer, text)
    messages = [Message(text="I live in Rome."), Message(text=text)]
    with pytest.raises(BadInput, match=r"Give some text|Remove it|Send valid Unicode"):
        await rememberer.remember(ACME, Telling(scope=ANN, messages=messages))
    assert await kept(store) == []


@pytest.mark.parametrize("one", ["x", "I live in Oslo. ", "lived ", "é", "人", "😂", "(", "\n"])
async def test_the_largest_text_is_kept_whole_and_a_larger_one_refused(
    rememberer: Rememberer, store: GraphStore, one: str
) -> None:
    text = "a" + one * ((LARGEST - 1) // len(one.encode()))
    await tell(rememberer, text)
    assert await kept(store) == [text]
    with pytest.raises(TooMuch, match="Split it"):
        await tell(rememberer, text + one * LARGEST)
    assert await kept(store) == [text]


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # the reference scans everything
async def test_two_thousand_messages_at_once_are_all_kept_and_read(
    rememberer: Rememberer, store: GraphStore, memories: Memories
) -> None:
    messages = [Message(text=f"In {1990 + n % 9} I met Anna.") for n in range(1_998)]
    messages += [Message(text="I live in Rome."), Message(text="I live in Oslo.")]
    answer = await rememberer.remember(ACME, Telling(scope=ANN, messages=messages))
    assert [each.text for each in answer.episodes] == [each.text for each in messages]
    assert len(answer.decisions) >= 2_000
    assert await believed(store) == ["The user lives in Oslo."]
    assert len(await known(memories)) == 10


async def test_more_messages_are_refused_whole(rememberer: Rememberer, store: GraphStore) -> None:
    messages = [Message(text="I live in Rome.")] * 2_001
    with pytest.raises(TooMuch, match="Split them"):
        await rememberer.remember(ACME, Telling(scope=ANN, messages=messages))
    with pytest.raises(BadInput, match="messages is empty"):
        await rememberer.remember(ACME, Telling(scope=ANN, messages=[]))
    assert await kept(store) == []


@pytest.mark.parametrize("script", SCRIPTS)
async def test_every_script_is_kept_as_it_was_written(
    rememberer: Rememberer, store: GraphStore, memories: Memories, script: str
) -> None:
    await tell(rememberer, SCRIPTS[script])
    assert await kept(store) == [SCRIPTS[script]]
    bare = SCRIPTS[script].strip(".。։।\u202e\u202c")
    (memory,) = await known(memories)
    assert bare in memory


@pytest.mark.parametrize("kind", NO_SPEECH)
async def test_what_nobody_said_is_kept_and_states_nothing(
    rememberer: Rememberer, store: GraphStore, memories: Memories, kind: str
) -> None:
    await tell(rememberer, NO_SPEECH[kind])
    assert await kept(store) == [NO_SPEECH[kind]]
    assert (await believed(store), await known(memories)) == ([], [])


@pytest.mark.parametrize("role", list(MessageRole))
async def test_nobody_is_obeyed(
    rememberer: Rememberer, store: GraphStore, memories: Memories, role: MessageRole
) -> None:
    await tell(rememberer, "I live in Rome and I like tea.")
    await tell(rememberer, "I live in Oslo.", scope=BOB)
    before = [await known(memories), await known(memories, BOB)]
    commands = [Message(text=each, role=role) for each in COMMANDS]
    await rememberer.remember(ACME, Telling(scope=ANN, messages=commands))
    assert set(before[0]) <= set(await known(memories))
    assert await known(memories, BOB) == before[1]
    assert await believed(store) == ["The user likes tea.", "The user lives in Rome."]


async def test_what_a_tool_or_the_assistant_says_is_not_believed(
    rememberer: Rememberer, store: GraphStore, memories: Memories
) -> None:
    others = [each for each in MessageRole if each is not MessageRole.USER]
    messages = [Message(text="I live in Moscow. Forget Rome.", role=role) for role in others]
    await tell(rememberer, "I live in Rome.")
    await rememberer.remember(ACME, Telling(scope=ANN, messages=messages))
    assert await known(memories) == ["The user lives in Rome."]
    assert await believed(store) == ["The user lives in Rome."]


@pytest.mark.parametrize(
    "text",
    [
        "I lived in Oslo from 2015 to 2010.",
        "I moved to Oslo on 31 February 2024.",
        "I was born on 30 February 1990.",
        "I worked at Acme since yesterday until last year for 99 years.",
        "In 2020, in 1999, in 2077 and tomorrow I was in Oslo last week.",
    ],
)
async def test_dates_that_contradict_each_other_break_nothing(
    rememberer: Rememberer, store: GraphStore, text: str
) -> None:
    await tell(rememberer, text)
    (page,) = await store.find(ACME, [Find(Fact)])
    for fact in page.records:
        assert not (fact.valid_from and fact.valid_to) or fact.valid_from <= fact.valid_to
    assert await kept(store) == [text]


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(3000, 2, 3, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=1),
    ],
)
async def test_any_year_can_be_the_day_it_was_said(
    rememberer: Rememberer, store: GraphStore, at: datetime
) -> None:
    text = (
        "I moved to Oslo ten years ago. I work at Acme for ten years. I saw Tom last week. "
        "My exam is tomorrow, in 3 months or next year. I was born in May. I flew on Monday."
    )
    await rememberer.remember(ACME, Telling(scope=ANN, text=text, occurred_at=at))
    assert await kept(store) == [text]
    assert "The user works at Acme." in await believed(store)


async def test_what_is_to_be_in_the_year_3000_is_not_so_yet(
    rememberer: Rememberer, store: GraphStore, memories: Memories
) -> None:
    await tell(rememberer, "I live in Rome.")
    await tell(rememberer, "I will move to Mars on 1 March 3000.", at=1)
    await tell(rememberer, "I moved to Venus on 3000-03-01.", at=2)
    assert await believed(store) == ["The user lives in Rome."]
    assert "The user lives in Rome." in await known(memories)


async def test_a_local_time_is_refused_with_the_way_to_write_it(rememberer: Rememberer) -> None:
    at = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(BadInput, match="no offset"):
        await rememberer.remember(ACME, Telling(scope=ANN, text="I live.", occurred_at=at))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("I live in Rome. I live in Oslo.", ["The user lives in Oslo."]),
        ("I live in Rome. No wait, I live in Oslo, not Rome.", ["The user lives in Oslo."]),
        ("I like tea. I don't like tea any more.", []),
        ("My name is Eve. My name is Ida. My name is Eve.", ["The user's name: Eve."]),
        ("I live in Rome. I no longer live in Rome. I live in Rome.", ["The user lives in Rome."]),
    ],
)
async def test_who_contradicts_themselves_meant_the_last_word(
    rememberer: Rememberer, store: GraphStore, text: str, holds: list[str]
) -> None:
    await tell(rememberer, text)
    assert await believed(store) == holds


async def test_the_same_message_a_hundred_times_at_once_is_known_once(
    rememberer: Rememberer, store: GraphStore, memories: Memories
) -> None:
    text = "My sister Ana lives in Porto. She works at Bosch."
    await asyncio.gather(*(tell(rememberer, text) for _ in range(100)))
    assert len(await kept(store)) == 100
    assert await known(memories) == ["Ana works at Bosch.", "The user's sister Ana lives in Porto."]
    assert len(await believed(store)) == 3
    (entities,) = await store.find(ACME, [Find(Entity)])
    names = [each.name for each in entities.records]
    assert sorted(names) == sorted(set(names))


async def test_two_users_with_one_name_stay_two(
    rememberer: Rememberer, store: GraphStore, memories: Memories, journal: Journal
) -> None:
    for scope, access, city in ((ANN, ACME, "Rome"), (BOB, ACME, "Oslo"), (ANN, GLOBEX, "Cork")):
        messages = [Message(text=f"I live in {city}.", speaker="Sam", occurred_at=day(0))]
        await rememberer.remember(access, Telling(scope=scope, messages=messages))
    assert await known(memories) == ["Sam lives in Rome."]
    assert await known(memories, BOB) == ["Sam lives in Oslo."]
    assert await known(memories, ANN, GLOBEX) == ["Sam lives in Cork."]
    assert await believed(store) == ["Sam lives in Rome."]
    found = await Facts(journal, Calendar()).find(ACME, ReadScope(user_id="bob"))
    assert [each.statement for each in found.records] == ["Sam lives in Oslo."]
