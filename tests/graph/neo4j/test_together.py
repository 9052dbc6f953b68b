"""Several processes write to one organization; here each is a store with a driver of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from mnemos_graph.committing import Ledger, Wanted
from mnemos_graph.errors import Conflict
from mnemos_graph.model import Memory, Position, Record
from mnemos_graph.neo4j import Neo4jStore, group, loading, open_neo4j
from mnemos_graph.neo4j.plan import Plan, Rows
from mnemos_graph.store import ChangeSet, Fence, Put
from tests.conformance.commits import written
from tests.conformance.samples import ACME, ANN, GLOBEX, entity, memory
from tests.servers.neo4j import Neo4jServer, emptied

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]

WRITERS, ROUNDS = 6, 6


@pytest.fixture
async def stores(shared_neo4j: Neo4jServer) -> AsyncIterator[Sequence[Neo4jStore]]:
    url = await emptied(shared_neo4j)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(open_neo4j(url)) for _ in range(2)]


async def rivalry(stores: Sequence[Neo4jStore]) -> tuple[int, list[Memory]]:
    """Let many writers of both stores count one memory up; return how often one won."""
    counted = memory("0")
    await written(stores[0], counted)

    async def count(store: Neo4jStore) -> int:
        won = 0
        for _ in range(ROUNDS):
            held = (await store.get(ACME, Memory, [counted.id]))[counted.id]
            following = replace(held, text=str(int(held.text) + 1), version=held.version + 1)
            try:
                await written(store, following, entity(f"Note {following.id} {id(following)}"))
            except Conflict:
                continue
            won += 1
        return won

    won = await asyncio.gather(*(count(stores[n % 2]) for n in range(WRITERS)))
    return sum(won), list((await stores[1].get(ACME, Memory, [counted.id])).values())


async def positions(store: Neo4jStore) -> list[Position]:
    return [each.position for each in await store.changes(ACME, limit=10_000)]


async def test_each_version_is_won_once_and_the_log_has_no_hole(
    stores: Sequence[Neo4jStore],
) -> None:
    wins, (last,) = await rivalry(stores)
    assert wins > 0
    assert (last.version, last.text) == (wins + 1, str(wins))
    (head,) = await stores[0].heads([ACME])
    assert await positions(stores[1]) == list(range(1, head.position + 1))
    assert head.position == 1 + 2 * wins


async def test_the_log_is_never_read_past_a_commit_that_is_on_its_way(
    stores: Sequence[Neo4jStore],
) -> None:
    read = list[Position]()

    async def follow() -> None:
        while len(read) < WRITERS * ROUNDS:
            read.extend(
                each.position
                for each in await stores[1].changes(ACME, after=Position(len(read)), limit=20)
            )

    async def write(store: Neo4jStore) -> None:
        for _ in range(ROUNDS):
            await written(store, memory())

    await asyncio.gather(follow(), *(write(stores[n % 2]) for n in range(WRITERS)))
    assert read == list(range(1, WRITERS * ROUNDS + 1))


async def test_organizations_do_not_wait_for_each_other(stores: Sequence[Neo4jStore]) -> None:
    kept: Record = memory()
    async with stores[0]._bolt.transaction() as held:
        await held.run("MERGE (o:Organization {id: $org}) SET o.turn = 0", org=ACME.organization)
        assert await written(stores[1], kept, access=GLOBEX) == 1


async def test_the_same_commit_by_two_stores_is_one(stores: Sequence[Neo4jStore]) -> None:
    change_set = ChangeSet((Put(memory()),))
    first, second = await asyncio.gather(*(each.commit(ACME, change_set) for each in stores))
    assert first == second
    assert await positions(stores[0]) == [1]


async def refused(stores: Sequence[Neo4jStore]) -> int:
    """Write what has nothing to do with each other through both stores; return how often in vain."""

    async def write(store: Neo4jStore) -> int:
        lost = 0
        for _ in range(3 * ROUNDS):
            try:
                await written(store, memory())
            except Conflict:
                lost += 1
        return lost

    return sum(await asyncio.gather(*map(write, stores)))


async def test_writes_that_have_nothing_to_do_with_each_other_all_succeed(
    stores: Sequence[Neo4jStore],
) -> None:
    assert await refused(stores) == 0


async def test_a_store_that_does_not_lock_the_counter_is_found_out(
    stores: Sequence[Neo4jStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_LOAD", loading._LOAD.replace("SET o.turn = $turn", ""))
    assert await refused(stores) > 0


async def test_a_store_that_loads_no_fence_is_found_out(
    stores: Sequence[Neo4jStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    began = await written(stores[0], memory())
    await written(stores[0], memory())
    await stores[0].commit(ACME, ChangeSet((Fence(ANN.partition),)))
    late = ChangeSet((Put(memory("Late")),), began=began)
    with pytest.raises(Conflict):
        await stores[1].commit(ACME, late)
    monkeypatch.setattr(loading, "_LOAD", loading._LOAD.replace("WHEN $fences", "WHEN false"))
    assert (await stores[1].commit(ACME, late)).last == began + 2


async def test_a_store_that_numbers_before_it_checks_is_found_out(
    stores: Sequence[Neo4jStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    def counting(
        plan: Plan, ledger: Ledger, sets: Sequence[Wanted]
    ) -> tuple[group.Answers, dict[str, Rows]]:
        answers, rows = planned(plan, ledger, sets)
        refused = sum(isinstance(each, Exception) for each in answers)
        ledger.position = Position(ledger.position + refused)
        return answers, rows

    planned = group._planned
    monkeypatch.setattr(group, "_planned", counting)
    await asyncio.gather(
        *(written(stores[0], entity("Oslo", "PLACE")) for _ in range(5)), return_exceptions=True
    )
    (head,) = await stores[0].heads([ACME])
    assert len(await positions(stores[0])) != head.position
