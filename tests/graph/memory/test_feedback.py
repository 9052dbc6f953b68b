"""Memories weigh more where they were useful, and less where they were not."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.errors import Conflict, NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.memory.kinds.feedback import Feedback, moved
from mnemos_graph.memory.records.memories import Memories, NewMemory
from mnemos_graph.model import Memory, RecordId
from tests.conformance.samples import ACME, ANN, GLOBEX
from tests.graph.memory.conftest import Calendar
from tests.graph.stores import EVERY_STORE


@pytest.fixture
def feedback(journal: Journal, clock: Calendar) -> Feedback:
    return Feedback(journal, clock)


async def kept(memories: Memories, **given_: object) -> Memory:
    new = NewMemory(**({"text": "Ann likes tea", "scope": ANN} | given_))  # type: ignore[arg-type]
    return (await memories.create(ACME, new)).record


@EVERY_STORE
async def test_a_useful_memory_weighs_more_and_says_why(
    memories: Memories, feedback: Feedback
) -> None:
    before = await kept(memories)
    after = (await feedback.give(ACME, before.id, useful=True)).record
    assert (after.importance, after.version) == (0.55, 2)
    lower = (await feedback.give(ACME, before.id, useful=False)).record
    assert lower.importance == pytest.approx(0.495)
    reasons = [each.reason for each in await memories.history(ACME, before.id)]
    assert reasons[0] == "found of no use: importance 0.55 to 0.495"
    assert reasons[1] == "found useful: importance 0.5 to 0.55"


@EVERY_STORE
async def test_of_twenty_who_speak_at_once_each_counts(
    memories: Memories, feedback: Feedback
) -> None:
    before = await kept(memories)
    said = [feedback.give(ACME, before.id, useful=True) for _ in range(20)]
    written = await asyncio.gather(*said)
    expected = before.importance
    for _ in said:
        expected = moved(expected, useful=True)
    assert max(each.record.importance for each in written) == expected
    assert sorted(each.record.version for each in written) == list(range(2, 22))


async def test_the_same_key_again_counts_once(memories: Memories, feedback: Feedback) -> None:
    before = await kept(memories)
    first, again = [
        await feedback.give(ACME, before.id, useful=True, key="click-1") for _ in range(2)
    ]
    assert first == again
    with pytest.raises(Conflict, match="another input"):
        await feedback.give(ACME, before.id, useful=False, key="click-1")


async def test_nothing_is_said_of_what_is_not_there(memories: Memories, feedback: Feedback) -> None:
    before = await kept(memories)
    for access, id_ in [(ACME, RecordId("unknown")), (GLOBEX, before.id)]:
        with pytest.raises(NotFound):
            await feedback.give(access, id_, useful=True)


@given(st.floats(0, 1), st.lists(st.booleans(), max_size=200))
def test_whatever_is_said_importance_stays_from_0_to_1(start: float, said: list[bool]) -> None:
    importance = start
    for useful in said:
        after = moved(importance, useful=useful)
        assert 0 <= after <= 1
        assert (after >= importance - 1e-6) if useful else (after <= importance + 1e-6)
        importance = after
