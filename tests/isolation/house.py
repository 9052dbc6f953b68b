"""One program with many organizations in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnemos.program import Program, program_over
from mnemos.settings import Settings
from mnemos.wiring import Opened
from mnemos_graph.directory import Role
from mnemos_graph.memory.services import Parts
from mnemos_graph.neo4j import open_neo4j
from mnemos_graph.redis import open_redis
from mnemos_graph.sqlite import SqliteStore
from tests.embedders import WordEmbedder
from tests.isolation.asker import Asker, asker
from tests.isolation.held import Held
from tests.isolation.operations import Operation
from tests.serving import serving

CACHE_BYTES = 16 * 1024 * 1024
LOG = Operation("query", "changes")
POSITION = Operation("query", "position")


@dataclass(frozen=True, slots=True)
class House:
    program: Program
    address: str

    @asynccontextmanager
    async def organization(self, name: str) -> AsyncGenerator[Asker, None]:
        """Make an organization, and open the door with a key of its admin."""
        keys = self.program.keys
        made = await keys.create((await keys.organization(name)).id, "first", Role.ADMIN)
        async with asker(self.address, made.secret) as opened:
            yield opened


@asynccontextmanager
async def laptop(
    folder: Path, store_class: type[SqliteStore] = SqliteStore
) -> AsyncGenerator[House, None]:
    """Serve from one process, over one file."""
    store = await store_class.open(folder)
    try:
        parts = Parts(store=store, embedder=WordEmbedder())
        async with _house(folder, Opened(parts=parts, directory=store.directory)) as opened:
            yield opened
    finally:
        await store.close()


@asynccontextmanager
async def team(folder: Path, neo4j: str, redis: str) -> AsyncGenerator[House, None]:
    """Serve as one of a team's workers, over its servers and with its cache of records."""
    async with open_neo4j(neo4j) as store, open_redis(redis) as between:
        parts = Parts(
            store=store,
            bus=between.bus,
            embedder=WordEmbedder(),
            cache_bytes=CACHE_BYTES,
            leases=between.leases,
            ready=between.ready,
            others=True,
        )
        async with _house(folder, Opened(parts=parts, directory=store.directory)) as opened:
            yield opened


@asynccontextmanager
async def _house(folder: Path, opened: Opened) -> AsyncGenerator[House, None]:
    settings = Settings(data=folder, key_rate=0, address_rate=0)
    async with program_over(opened, settings) as program, serving(program) as address:
        yield House(program, address)


async def whole_log(asker: Asker, **which: Any) -> list[Any]:
    """Return every change of an organization's log with what it changed."""
    found: list[Any] = []
    after, more = None, True
    while more:
        page = await asker.has(LOG, {"after": after, "first": 5, **which})
        after, more = page["position"], page["hasMore"]
        found += page["changes"]
    return found


async def everything(asker: Asker, held: Held) -> dict[str, Any]:
    """Return all that an organization can see of itself, to be compared with later."""
    nodes = Operation("query", "node")
    asked = (asker.ask(nodes, {"id": each}) for each in held.ids.values())
    return {
        "position": await asker.ask(POSITION, {}),
        "log": await whole_log(asker),
        "keys": await asker.ask(Operation("query", "apiKeys"), {}),
        "records": await asyncio.gather(*asked),
    }


async def all_of_user(asker: Asker, held: Held) -> dict[str, Any]:
    """Return all that there is in one user's partition, to be compared with later."""
    scope = {"userId": held.user, "includeShared": False}
    lists: dict[str, dict[str, Any]] = {
        "memories": {"filter": {"includeSuperseded": True}, "first": 5},
        "entities": {"first": 5},
        "facts": {"includeInvalid": True, "first": 5},
        "blocks": {"first": 5},
    }
    found = {
        name: await asker.has(Operation("query", name), {"scope": scope, **more})
        for name, more in lists.items()
    }
    return {**found, "log": await whole_log(asker, scope=scope)}
