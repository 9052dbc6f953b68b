"""A lost race is decided anew; what cannot be won is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mnemos_graph.errors import Conflict
from mnemos_graph.feed import Journal
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.model import Memory, Position
from mnemos_graph.store import ChangeSet, Fence, GraphStore, Put
from tests.conformance.samples import ACME, ANN, memory


async def carried_out(journal: Journal, rivals: int) -> tuple[int, int]:
    """Return how often a decision was taken while so many rivals came first, and its version."""
    first, taken = memory(), 0
    await journal.commit(ACME, ChangeSet((Put(first),)))

    async def decide(_: Position) -> Plan[int]:
        nonlocal taken
        taken += 1
        seen = (await journal.store.get(ACME, Memory, [first.id]))[first.id]
        mine = replace(seen, version=seen.version + 1, text="Mine")
        if taken <= rivals:
            await journal.commit(ACME, ChangeSet((Put(replace(mine, text="Theirs")),)))
        return Plan((Put(mine),), lambda _: mine.version)

    return await Attempts(journal).carry_out(ACME, decide), taken


@pytest.mark.parametrize("rivals", [0, 1, 3])
async def test_a_lost_race_is_decided_anew_on_what_is_there_then(
    journal: Journal, rivals: int
) -> None:
    assert await carried_out(journal, rivals) == (rivals + 2, rivals + 1)


async def test_the_fourth_lost_race_is_a_conflict(journal: Journal) -> None:
    with pytest.raises(Conflict):
        await carried_out(journal, rivals=4)


async def test_what_was_decided_before_a_fence_is_decided_anew(
    journal: Journal, store: GraphStore
) -> None:
    await journal.commit(ACME, ChangeSet((Put(memory()),)))
    decided: list[Position] = []

    async def decide(began: Position) -> Plan[Position]:
        decided.append(began)
        if len(decided) == 1:
            await journal.commit(ACME, ChangeSet((Put(memory("Other")), Fence(ANN.partition))))
        return Plan((Put(memory("Mine")),), lambda at: at)

    assert await Attempts(journal).carry_out(ACME, decide) == 3
    assert decided == [1, 2]


async def test_a_plan_without_operations_answers_from_where_it_was_decided(
    journal: Journal,
) -> None:
    await journal.commit(ACME, ChangeSet((Put(memory()),)))

    async def decide(_: Position) -> Plan[Position]:
        return Plan((), lambda at: at)

    assert await Attempts(journal).carry_out(ACME, decide) == 1
