"""Who asks for something to be forgotten has it forgotten, and nothing else."""

from __future__ import annotations

import pytest

from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.model import (
    Fact,
    Scope,
)
from mnemos_graph.store import Equal, Find, GraphStore
from tests.conformance.samples import ACME, BOB, EVERYONE, GLOBEX
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.telling import actions, known, tell


async def test_what_is_asked_to_be_forgotten_is_deleted_with_what_it_made_known(
    rememberer: Rememberer, store: GraphStore, memories: Memories
) -> None:
    await tell(rememberer, "I like tea. I like coffee. I live in Rome.")
    answer = await tell(rememberer, "Forget that I like tea.", scope=Scope("ann", None, "later"))
    assert actions(answer) == [("DELETE", "Ann like tea")]
    assert await known(memories) == ["Ann like coffee", "Ann live in Rome"]
    (page,) = await store.find(ACME, [Find(Fact, (Equal("invalidated_at", None),))])
    assert sorted(each.statement for each in page.records) == [
        "Ann like coffee",
        "Ann live in Rome",
    ]


async def test_forgetting_where_somebody_lives_now_gives_back_where_before(
    rememberer: Rememberer, memories: Memories, clock: Calendar
) -> None:
    clock.move(days=100)
    await tell(rememberer, "I live in Rome.", at=10)
    await tell(rememberer, "I moved to Oslo.", at=20)
    answer = await tell(rememberer, "Forget that I moved to Oslo.", at=30)
    assert actions(answer) == [("DELETE", "Ann moved to Oslo"), ("UPDATE", "Ann live in Rome")]
    assert await known(memories) == ["Ann live in Rome"]


@pytest.mark.parametrize("wish", ["I like cocoa", "that", "?"])
async def test_a_wish_that_names_nothing_known_deletes_nothing(
    rememberer: Rememberer, memories: Memories, wish: str
) -> None:
    await tell(rememberer, "I like tea.")
    answer = await tell(rememberer, f"Forget that {wish}")
    assert actions(answer) == [("NOOP", "")]
    assert await known(memories) == ["Ann like tea"]


async def test_a_wish_reaches_no_other_user_agent_or_organization(
    rememberer: Rememberer, memories: Memories
) -> None:
    for scope in (BOB, EVERYONE, Scope("ann", "other")):
        await tell(rememberer, "I like tea.", scope=scope)
    await tell(rememberer, "I like tea.", access=GLOBEX)
    answer = await tell(rememberer, "Forget that I like tea.")
    assert actions(answer) == [("NOOP", "")]
    assert await known(memories) == ["Ann like tea"] * 3
    assert await known(memories, access=GLOBEX) == ["Ann like tea"]
