"""What an organization holds is, for every other one, as if it did not exist."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from mnemos_graph.model import Access, Position, Receipt, RecordId
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store.protocol import R
from tests.isolation.asker import Asker
from tests.isolation.crossing import Twins, told_of
from tests.isolation.held import Held, fill
from tests.isolation.house import House, everything, laptop
from tests.isolation.operations import Operation, operations

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]

_numbers = count(1)


@asynccontextmanager
async def twins(home: House) -> AsyncGenerator[Twins, None]:
    number = next(_numbers)
    async with (
        home.organization(f"nosy {number}") as nosy,
        home.organization(f"innocent {number}") as innocent,
    ):
        filling = (fill(each, "own-user", "marlin", "ordinary") for each in (nosy, innocent))
        owns = await asyncio.gather(*filling)
        yield Twins(nosy, innocent, owns[0], owns[1])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def victim(home: House) -> AsyncIterator[tuple[Asker, Held]]:
    async with home.organization("victim") as opened:
        yield opened, await fill(opened, "zanzibar-user", "zanzibar", "quetzal")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reading(home: House) -> AsyncIterator[Twins]:
    """Twins for tests that only read."""
    async with twins(home) as pair:
        yield pair


@pytest.mark.parametrize("operation", operations(), ids=str)
async def test_nothing_of_another_organization_is_told_or_touched(
    home: House, victim: tuple[Asker, Held], reading: Twins, operation: Operation
) -> None:
    asker, held = victim
    before = await everything(asker, held)
    async with AsyncExitStack() as stack:
        changes = operation.kind == "mutation"
        pair = await stack.enter_async_context(twins(home)) if changes else reading
        assert await pair.crossings(operation, held) == []
    assert await everything(asker, held) == before


async def test_an_organization_does_see_its_own(victim: tuple[Asker, Held]) -> None:
    asker, held = victim
    seen = await everything(asker, held)
    missing = set(held.ids) - {"deleted", "merged", "merge", "api key"}
    missing -= {name for name in missing if held.ids[name] in str(seen["records"])}
    assert not missing
    assert told_of(seen, held)[0] == "says quetzal"


async def test_a_listener_hears_nothing_of_what_another_organization_writes(home: House) -> None:
    async with home.organization("listening") as listening, home.organization("loud") as loud:
        own = await fill(listening, "own-user", "marlin", "ordinary")
        await listening.socket.subscribe(Operation("subscription", "changes").document, id="log")
        live = Operation("subscription", "liveRecall").document
        asked = {"query": "where does zanzibar live?", "limit": 20}
        await listening.socket.subscribe(live, id="live", input=asked)
        said = [await listening.socket.hear() for _ in range(2)]
        assert [each["type"] for each in said] == ["next", "next"], said
        held = await fill(loud, own.user, "zanzibar", "quetzal")
        await listening.has(Operation("mutation", "deleteMemory"), {"id": own.ids["other memory"]})
        while not any(own.ids["other memory"] in str(each) for each in said if each["id"] == "log"):
            said.append(await listening.socket.hear())
    assert told_of({"said": said}, held) == []


async def test_files_go_to_the_organization_of_the_key(
    home: House, victim: tuple[Asker, Held]
) -> None:
    _, held = victim
    async with home.organization("exporting") as other:
        all_of_it = await other.http.get("/export")
        of_the_user = await other.http.get("/export", params={"user": held.user})
        after = {"mnemos-after": held.cursors[0]}
        late = await other.http.post("/graphql", json={"query": "{ position }"}, headers=after)
    for response in (all_of_it, of_the_user, late):
        assert told_of({"text": response.text}, held) == []
    assert late.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


class Leaky(SqliteStore):
    """Finds by id what lies in any organization that somebody asked for before."""

    asked: list[Access]

    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        if kind is Receipt:
            return await super().get(access, kind, ids, known_at=known_at)
        self.asked = [*getattr(self, "asked", []), access]
        for each in [access, *{each.organization: each for each in self.asked}.values()]:
            if found := await super().get(each, kind, ids, known_at=known_at):
                return found
        return {}


@pytest.mark.parametrize(
    "operation",
    [
        Operation("query", "memory"),
        Operation("mutation", "updateMemory"),
        Operation("mutation", "assertFact"),
        Operation("subscription", "job"),
    ],
    ids=str,
)
async def test_a_planted_leak_is_found(tmp_path: Path, operation: Operation) -> None:
    async with laptop(tmp_path, Leaky) as leaky, leaky.organization("victim") as asker:
        held = await fill(asker, "zanzibar-user", "zanzibar", "quetzal")
        async with twins(leaky) as pair:
            found = await pair.crossings(operation, held)
    assert any(operation.name in each for each in found)


async def test_an_operation_that_is_new_is_not_passed_over(
    reading: Twins, victim: tuple[Asker, Held]
) -> None:
    fresh = Operation("query", "somethingNew")
    with pytest.raises(AssertionError, match="query somethingNew is new"):
        await reading.crossings(fresh, victim[1])
