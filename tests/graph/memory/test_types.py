"""What memories of each type do by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mnemos_graph.errors import BadInput
from mnemos_graph.feed import Journal
from mnemos_graph.memory.kinds.feedback import Feedback
from mnemos_graph.memory.kinds.pinning import Pinning
from mnemos_graph.memory.kinds.types import Types
from mnemos_graph.memory.records.memories import Memories, MemoryChange, NewMemory
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Action, Telling
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.memory.transfer.portable import exported, line_of, record_of
from mnemos_graph.model import Memory, MemoryType, Scope
from tests.conformance.samples import ACME, ANN, day
from tests.graph.memory.conftest import Calendar
from tests.graph.stores import EVERY_STORE

SESSION = Scope("ann", None, "s1")
DOOR = {"name": "Door code of the boathouse"}


@pytest.fixture
def feedback(journal: Journal, clock: Calendar) -> Feedback:
    return Feedback(journal, clock)


async def kept(memories: Memories, type_: MemoryType, **given: object) -> Memory:
    new = NewMemory(**({"text": "x", "scope": ANN, "type": type_} | given))  # type: ignore[arg-type]
    return (await memories.create(ACME, new)).record


async def test_a_working_memory_ends_after_its_time(memories: Memories, clock: Calendar) -> None:
    made = await kept(memories, MemoryType.WORKING, scope=SESSION)
    assert made.expires_at == clock() + timedelta(hours=24)
    said = await kept(memories, MemoryType.WORKING, scope=SESSION, expires_at=day(9))
    assert said.expires_at == day(9)
    clock.move(days=2)
    assert [each.id for each in (await memories.list(ACME)).records] == [said.id]


async def test_how_long_a_working_memory_is_kept_can_be_set(
    journal: Journal, clock: Calendar
) -> None:
    memories = Memories(journal, clock, Types(working=timedelta(hours=1)))
    made = await kept(memories, MemoryType.WORKING, scope=SESSION)
    assert made.expires_at == clock() + timedelta(hours=1)


async def test_a_working_memory_without_a_session_is_refused(
    memories: Memories, rememberer: Rememberer
) -> None:
    with pytest.raises(BadInput, match=r"scope\.sessionId"):
        await kept(memories, MemoryType.WORKING)
    with pytest.raises(BadInput, match=r"scope\.sessionId"):
        await rememberer.remember(ACME, Telling(scope=ANN, text="x", type=MemoryType.WORKING))


async def test_a_working_memory_that_is_no_longer_pinned_ends_as_if_it_were_new(
    memories: Memories, journal: Journal, clock: Calendar
) -> None:
    pinning = Pinning(journal, clock)
    made = await kept(memories, MemoryType.WORKING, scope=SESSION)
    assert (await pinning.pin(ACME, made.id)).record.expires_at is None
    clock.move(days=5)
    loose = (await pinning.pin(ACME, made.id, pinned=False)).record
    assert loose.expires_at == day(6)


@EVERY_STORE
async def test_what_is_told_as_working_is_kept_word_for_word_and_leaves_the_rest_alone(
    memories: Memories, rememberer: Rememberer, clock: Calendar
) -> None:
    telling = Telling(scope=SESSION, text="Ann lives in Oslo.", type=MemoryType.WORKING)
    (first,) = (await rememberer.remember(ACME, telling)).decisions
    assert first.memory is not None
    assert first.memory.expires_at == clock() + timedelta(hours=24)
    lasting = await rememberer.remember(ACME, Telling(scope=ANN, text="Ann lives in Oslo."))
    assert Action.ADD in {each.action for each in lasting.decisions}
    clock.move(days=2)
    left = (await memories.list(ACME, query=MemoryQuery(text="Oslo"))).records
    assert MemoryType.WORKING not in {each.type for each in left}
    assert left


async def test_what_happened_takes_its_place_in_time(memories: Memories, clock: Calendar) -> None:
    now = await kept(memories, MemoryType.EPISODIC, scope=SESSION)
    earlier = await kept(memories, MemoryType.EPISODIC, scope=SESSION, valid_from=day(-3))
    assert (now.occurred_at, earlier.occurred_at) == (clock(), day(-3))
    assert (await kept(memories, MemoryType.SEMANTIC)).occurred_at is None


@EVERY_STORE
async def test_a_procedure_counts_how_often_it_worked(
    memories: Memories, feedback: Feedback
) -> None:
    steps = ["Open the valve", "Start the pump"]
    made = await kept(memories, MemoryType.PROCEDURAL, metadata={"steps": steps})
    for useful in (True, True, False):
        after = (await feedback.give(ACME, made.id, useful=useful)).record
    assert after.metadata == {"steps": steps, "successes": 2, "failures": 1}
    other = await kept(memories, MemoryType.SEMANTIC)
    assert (await feedback.give(ACME, other.id, useful=True)).record.metadata == {}


@EVERY_STORE
async def test_a_procedure_is_found_by_its_steps(memories: Memories) -> None:
    steps = {"steps": ["Open the valve", "Start the pump"]}
    made = await kept(memories, MemoryType.PROCEDURAL, text="Flood the dock", metadata=steps)
    (found,) = (await memories.list(ACME, query=MemoryQuery(text="pump dock"))).records
    assert found == made
    assert made.told == "Flood the dock\n1. Open the valve\n2. Start the pump"


@pytest.mark.parametrize("steps", ["Open it", [1], [" "], {"1": "Open it"}])
async def test_steps_that_are_no_texts_are_refused(memories: Memories, steps: object) -> None:
    with pytest.raises(BadInput, match="list of texts"):
        await kept(memories, MemoryType.PROCEDURAL, metadata={"steps": steps})


@EVERY_STORE
async def test_a_secret_is_found_by_its_name_and_by_nothing_in_it(memories: Memories) -> None:
    made = await kept(memories, MemoryType.KNOWLEDGE_VAULT, text="4711 hash", metadata=DOOR)
    assert (made.told, made.shown) == (f"[secret: {DOOR['name']}]",) * 2
    (found,) = (await memories.list(ACME, query=MemoryQuery(text="boathouse code"))).records
    assert found.text == "4711 hash"
    assert not (await memories.list(ACME, query=MemoryQuery(text="4711"))).records


async def test_a_secret_needs_a_name_and_keeps_it(memories: Memories) -> None:
    for metadata in ({}, {"name": 1}, {"name": " "}):
        with pytest.raises(BadInput, match="name"):
            await kept(memories, MemoryType.KNOWLEDGE_VAULT, metadata=metadata)
    made = await kept(memories, MemoryType.KNOWLEDGE_VAULT, metadata=DOOR)
    with pytest.raises(BadInput, match="name"):
        await memories.update(ACME, made.id, MemoryChange(metadata={}))


async def test_what_is_shown_of_a_secret_is_not_taken_for_it(memories: Memories) -> None:
    made = await kept(memories, MemoryType.KNOWLEDGE_VAULT, metadata=DOOR)
    with pytest.raises(BadInput, match="only the name"):
        await memories.update(ACME, made.id, MemoryChange(text=made.shown))


async def test_a_secret_is_not_told_as_if_it_were_speech(rememberer: Rememberer) -> None:
    telling = Telling(scope=ANN, text="4711", type=MemoryType.KNOWLEDGE_VAULT)
    with pytest.raises(BadInput, match="createMemory"):
        await rememberer.remember(ACME, telling)


async def test_secrets_go_out_only_when_they_are_asked_for(
    memories: Memories, journal: Journal
) -> None:
    made = await kept(memories, MemoryType.KNOWLEDGE_VAULT, text="4711", metadata=DOOR)
    assert len([line async for line in exported(journal.store, ACME)]) == 1
    _, line = [line async for line in exported(journal.store, ACME, secrets=True)]
    assert (line, record_of(line)) == (line_of(made), made)
