"""New documents cost more, and are parsed one by one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from mnemos.door import Door, Reach
from mnemos.newcomers import MOST_COST, Newcomers
from mnemos.program import Program
from mnemos.settings import Settings
from mnemos_graph.directory import Role
from mnemos_graph.errors import RateLimited
from mnemos_graph.identity import Caller
from mnemos_schema.documents import parsed
from tests.conformance.memory_store import MemoryStore
from tests.serving import client_of, program_on

RATE = 2 * MOST_COST


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    async with program_on(MemoryStore(), Settings(key_rate=RATE)) as program:
        yield program


async def somebody(program: Program, organization: str) -> Caller:
    found = await program.keys.organization(organization)
    key = await program.keys.create(found.id, "agent", Role.MEMBER)
    return await program.keys.caller(key.secret)


def new(length: int = 0) -> str:
    return f"query A{uuid4().hex} {{ position }} # {'x' * length}"


async def test_a_long_new_document_costs_as_much_as_many_requests(program: Program) -> None:
    ann = await somebody(program, "acme")
    for _ in range(RATE // MOST_COST):
        await program.newcomers.announce(ann, new(1_000_000))
    with pytest.raises(RateLimited):
        await program.newcomers.announce(ann, new(1_000_000))


async def test_a_document_that_is_known_costs_nothing_more(program: Program) -> None:
    ann, document = await somebody(program, "acme"), new()
    parsed(document)
    for _ in range(10 * RATE):
        await program.newcomers.announce(ann, document)


async def test_organizations_take_turns(program: Program) -> None:
    free = Newcomers(Door(program.keys, Settings(key_rate=0), Reach.MACHINE))
    acme, globex = await somebody(program, "acme"), await somebody(program, "globex")
    order: list[str] = []

    async def announce(caller: Caller, name: str) -> None:
        await free.announce(caller, new())
        order.append(name)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(announce(acme, "acme"))
        tasks.create_task(announce(globex, "globex"))
    assert order.index("globex") <= 2
    assert order.count("acme") == 20


async def test_who_gives_up_holds_nobody_up(program: Program) -> None:
    free = Newcomers(Door(program.keys, Settings(key_rate=0), Reach.MACHINE))
    acme = await somebody(program, "acme")
    waiting = [asyncio.create_task(free.announce(acme, new())) for _ in range(20)]
    for each in waiting[::2]:
        await asyncio.sleep(0)
        each.cancel()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [each for each in results[1::2] if each is not None] == []
    await free.announce(acme, new())


async def test_over_http_too_many_new_documents_are_refused(program: Program) -> None:
    key = await program.keys.create((await program.keys.organization("acme")).id, "agent")
    async with client_of(program) as client:
        client.http.headers["authorization"] = f"Bearer {key.secret}"
        statuses = [
            (await client.http.post("/graphql", json={"query": new(30_000)})).status_code
            for _ in range(4)
        ]
    assert statuses[0] == 200
    assert statuses[-1] == 429
