"""Texts kept as they were told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from mnemos_graph.errors import BadInput, Conflict, TooMuch
from mnemos_graph.feed import Journal
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.receipts import Keyed
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Action, Message, Remembered, Telling
from mnemos_graph.model import Episode, Memory, MessageRole, Origin, Receipt, RecordId
from mnemos_graph.store import ChangeSet, Fence, Find, GraphStore, Order, Put
from tests.conformance.samples import ACME, ANN, BOB, GLOBEX, day, memory
from tests.graph.memory.conftest import Calendar


@pytest.fixture
def rememberer(journal: Journal, clock: Calendar) -> Rememberer:
    return Rememberer(journal, Jobs(journal, clock), clock, extractor=None)


REQUEST = Keyed("test", RecordId("request"), "digest")


def verbatim(*texts: str, **given: Any) -> Telling:
    given.setdefault("messages", [Message(text=text) for text in texts])
    return Telling(scope=given.pop("scope", ANN), infer=False, **given)


async def kept(store: GraphStore, kind: type[Memory | Episode]) -> Sequence[Any]:
    (page,) = await store.find(ACME, [Find(kind, order=Order("id"), first=5_000)])
    return list(page.records)


def told(remembered: Remembered) -> list[str]:
    return [each.memory.text for each in remembered.decisions if each.memory]


async def test_each_text_becomes_one_memory_in_order(
    rememberer: Rememberer, store: GraphStore
) -> None:
    answer = await rememberer.remember(ACME, verbatim("One.", "Two.", "Two."))
    assert told(answer) == ["One.", "Two.", "Two."]
    assert {each.action for each in answer.decisions} == {Action.ADD}
    assert [each.text for each in await kept(store, Memory)] == ["One.", "Two.", "Two."]
    assert [each.text for each in answer.episodes] == ["One.", "Two.", "Two."]


async def test_a_memory_says_who_said_it_and_when_and_rests_on_its_episode(
    rememberer: Rememberer, clock: Calendar
) -> None:
    message = Message(text="I like tea.", role=MessageRole.USER, speaker="Ann", occurred_at=day(-3))
    telling = verbatim(messages=[message], tags=["a", "a"], metadata={"n": 1}, source="chat")
    answer = await rememberer.remember(ACME, telling)
    (decision,), (episode,) = answer.decisions, answer.episodes
    assert decision.memory is not None
    assert (decision.memory.speaker, decision.memory.occurred_at) == ("Ann", day(-3))
    assert (decision.memory.origin, decision.memory.valid_from) == (Origin.VERBATIM, None)
    assert (decision.memory.tags, decision.memory.sources) == (("a",), (episode.id,))
    assert (episode.source, episode.metadata, episode.created_at) == ("chat", {"n": 1}, day(0))


async def test_a_text_is_one_message_of_the_instant_that_came_with_it(
    rememberer: Rememberer,
) -> None:
    telling = Telling(scope=ANN, text="I like tea.", occurred_at=day(-1), infer=False)
    (episode,) = (await rememberer.remember(ACME, telling)).episodes
    assert (episode.text, episode.occurred_at, episode.role) == (
        "I like tea.",
        day(-1),
        MessageRole.USER,
    )


async def test_the_position_answered_is_where_the_memory_can_be_read(
    rememberer: Rememberer, store: GraphStore
) -> None:
    answer = await rememberer.remember(ACME, verbatim("One."), "k")
    (head,) = await store.heads([ACME])
    assert answer.position == head.position == 2


@pytest.mark.parametrize(
    ("telling", "error"),
    [
        (Telling(scope=ANN), BadInput),
        (Telling(scope=ANN, text="x", messages=[Message(text="x")]), BadInput),
        (Telling(scope=ANN, messages=[]), BadInput),
        (Telling(scope=ANN, text=" "), BadInput),
        (Telling(scope=ANN, text="\0"), BadInput),
        (Telling(scope=ANN, text="\ud800"), BadInput),
        (Telling(scope=ANN, text="x", occurred_at=day(0).replace(tzinfo=None)), BadInput),
        (Telling(scope=ANN, text="x" * 32_769), TooMuch),
        (Telling(scope=ANN, text="x", metadata={"n": float("nan")}), BadInput),
        (Telling(scope=ANN, messages=[Message(text="x")] * 2_001), TooMuch),
        (Telling(scope=ANN, messages=[Message(text="x"), Message(text="")]), BadInput),
        (Telling(scope=ANN, text="x", source=""), BadInput),
    ],
)
async def test_what_cannot_be_kept_is_refused_and_nothing_is_written(
    rememberer: Rememberer, store: GraphStore, telling: Telling, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await rememberer.remember(ACME, telling, "k")
    assert await kept(store, Episode) == []


async def test_the_same_key_gets_the_same_answer_and_writes_nothing(
    rememberer: Rememberer, store: GraphStore
) -> None:
    first = await rememberer.remember(ACME, verbatim("One.", "Two."), "k")
    assert await rememberer.remember(ACME, verbatim("One.", "Two."), "k") == first
    assert len(await kept(store, Memory)) == 2


async def test_an_answer_is_the_first_one_even_where_the_memory_changed_since(
    rememberer: Rememberer, journal: Journal
) -> None:
    first = await rememberer.remember(ACME, verbatim("One."), "k")
    (decision,) = first.decisions
    assert decision.memory is not None
    later = memory("Uno.", id=decision.memory.id, version=2)
    await journal.commit(ACME, ChangeSet((Put(later),)))
    assert await rememberer.remember(ACME, verbatim("One."), "k") == first


async def test_a_key_with_another_input_is_a_conflict(rememberer: Rememberer) -> None:
    await rememberer.remember(ACME, verbatim("One."), "k")
    with pytest.raises(Conflict):
        await rememberer.remember(ACME, verbatim("Two."), "k")
    await rememberer.remember(GLOBEX, verbatim("Two."), "k")


async def test_a_hundred_calls_with_one_key_are_one(
    rememberer: Rememberer, store: GraphStore
) -> None:
    calls = [rememberer.remember(ACME, verbatim("One."), "k") for _ in range(100)]
    answers = await asyncio.gather(*calls)
    assert all(answer == answers[0] for answer in answers)
    assert len(await kept(store, Memory)) == len(await kept(store, Episode)) == 1


async def test_two_thousand_messages_are_kept_in_order_by_crowding_callers(
    rememberer: Rememberer, store: GraphStore
) -> None:
    texts = [f"Turn {number}." for number in range(2_000)]
    calls = [rememberer.remember(ACME, verbatim(*texts), "k") for _ in range(3)]
    first, *others = await asyncio.gather(*calls)
    assert told(first) == texts == [each.text for each in await kept(store, Memory)]
    assert all(other == first for other in others)


class Stopping:
    """A journal in a process that dies after so many commits."""

    def __init__(self, journal: Journal, commits: int) -> None:
        self.store = journal.store
        self._journal = journal
        self._left = commits

    async def commit(self, access: Any, change_set: ChangeSet) -> Any:
        if not self._left:
            raise ConnectionAbortedError
        self._left -= 1
        return await self._journal.commit(access, change_set)


@pytest.mark.parametrize("commits", [0, 1, 2, 4])
async def test_a_call_that_was_cut_off_is_gone_on_with_under_its_key(
    journal: Journal, clock: Calendar, store: GraphStore, commits: int
) -> None:
    texts = [f"Turn {number}." for number in range(2_000)]
    cut_off = Rememberer(Stopping(journal, commits), Jobs(journal, clock), clock, extractor=None)  # type: ignore[arg-type]
    with pytest.raises(ConnectionAbortedError):
        await cut_off.remember(ACME, verbatim(*texts), "k")
    clock.move(days=1)
    answer = await Rememberer(journal, Jobs(journal, clock), clock, extractor=None).remember(
        ACME, verbatim(*texts), "k"
    )
    assert told(answer) == texts == [each.text for each in await kept(store, Memory)]


async def test_a_key_is_free_again_after_seven_days(
    rememberer: Rememberer, store: GraphStore, clock: Calendar
) -> None:
    await rememberer.remember(ACME, verbatim("One."), "k")
    clock.move(days=7)
    assert told(await rememberer.remember(ACME, verbatim("Two."), "k")) == ["Two."]
    assert len(await kept(store, Memory)) == 2


async def test_a_receipt_belongs_to_the_partition_and_keeps_no_words(
    rememberer: Rememberer, store: GraphStore
) -> None:
    await rememberer.remember(ACME, verbatim("Secret.", scope=BOB), "k")
    (page,) = await store.find(ACME, [Find(Receipt)])
    (receipt,) = page.records
    assert receipt.partition == "bob"
    assert "Secret" not in str(receipt)


async def test_what_was_begun_before_a_forgetting_is_not_written_after_it(
    rememberer: Rememberer, journal: Journal, store: GraphStore
) -> None:
    (head,) = await store.heads([ACME])
    fence = ChangeSet((Put(memory(scope=BOB)), Fence(ANN.partition)))
    await journal.commit(ACME, fence)
    with pytest.raises(Conflict):
        await rememberer.take_in(ACME, verbatim("One."), REQUEST, head.position)
    assert await kept(store, Episode) == []
