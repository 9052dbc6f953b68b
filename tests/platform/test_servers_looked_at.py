"""What the doctor finds on real servers, and what a start says of servers that it cannot use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mnemos.diagnosis import Finding, State, examine
from mnemos.part_url import PartUrl
from mnemos.settings import Settings, SettingsError, YesNo
from mnemos.wiring import open_parts
from mnemos_graph.errors import Unavailable
from tests.servers.chroma import ChromaProcess
from tests.servers.neo4j import PASSWORD, Neo4jServer
from tests.servers.redis import RedisServer, redis_server

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]

NONE = PartUrl("none:")
NOWHERE = "127.0.0.1:9"


def settings(folder: Path, **urls: str) -> Settings:
    parts: dict[str, Any] = {name: PartUrl(url) for name, url in urls.items()}
    return Settings(data=folder, port=0, embedder=NONE, start_seconds=0.1, **parts)


async def findings(chosen: Settings) -> dict[str, Finding]:
    found = await asyncio.to_thread(lambda: list(examine(chosen)))
    return {each.what: each for each in found}


@pytest.fixture
async def forgetful(tmp_path: Path) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path / "redis", appends=False) as server:
        yield server


async def test_servers_that_will_do_are_told_with_their_versions(
    tmp_path: Path,
    shared_neo4j: Neo4jServer,
    shared_redis: RedisServer,
    shared_chroma: ChromaProcess,
) -> None:
    found = await findings(
        settings(tmp_path, store=shared_neo4j.url, bus=shared_redis.url, vectors=shared_chroma.url)
    )
    assert {found[part].state for part in ("store", "bus", "vectors")} <= {State.WELL, State.ODD}
    assert "Neo4j 5." in found["store"].told
    assert "Redis 7." in found["bus"].told
    assert PASSWORD not in " ".join(each.told for each in found.values())


async def test_servers_that_are_away_are_told_with_what_to_do(tmp_path: Path) -> None:
    found = await findings(
        settings(
            tmp_path,
            store=f"bolt://neo4j:hunter2@{NOWHERE}",
            bus=f"redis://:hunter2@{NOWHERE}",
            vectors=f"http://hunter2@{NOWHERE}",
        )
    )
    for part in ("store", "bus", "vectors"):
        assert found[part].state is State.BAD
        assert f"MNEMOS_{part.upper()} is " in found[part].told
    assert "hunter2" not in " ".join(each.told for each in found.values())


async def test_a_wrong_password_stops_the_start_and_is_not_shown(
    tmp_path: Path, shared_neo4j: Neo4jServer
) -> None:
    url = shared_neo4j.url.replace(PASSWORD, "hunter2!")
    with pytest.raises(SettingsError, match=r"MNEMOS_STORE is bolt://\*\*\*@") as refused:
        async with open_parts(settings(tmp_path, store=url, vectors="none:")):
            pass
    assert "hunter2" not in str(refused.value)


async def test_a_store_that_is_away_is_waited_for_and_then_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="MNEMOS_STORE is bolt://"):
        async with open_parts(settings(tmp_path, store=f"bolt://neo4j:x@{NOWHERE}")):
            pass


async def test_a_redis_that_forgets_is_refused_unless_it_may(
    tmp_path: Path, shared_neo4j: Neo4jServer, forgetful: RedisServer
) -> None:
    chosen = settings(tmp_path, store=shared_neo4j.url, bus=forgetful.url, vectors="none:")
    with pytest.raises(SettingsError, match=r"MNEMOS_BUS .* MNEMOS_REDIS_MAY_FORGET to yes"):
        async with open_parts(chosen):
            pass
    accepted = Settings(
        data=tmp_path,
        store=chosen.store,
        bus=chosen.bus,
        vectors=NONE,
        embedder=NONE,
        redis_may_forget=YesNo.YES,
    )
    async with open_parts(accepted) as opened:
        assert set(opened.pings) == {"store", "bus"}
    assert "appendonly" in (await findings(chosen))["bus"].told


async def test_vectors_that_are_away_do_not_stop_the_start(
    tmp_path: Path, shared_neo4j: Neo4jServer
) -> None:
    chosen = settings(tmp_path, store=shared_neo4j.url, vectors=f"http://{NOWHERE}")
    async with open_parts(chosen) as opened:
        await opened.pings["store"]()
        with pytest.raises(Unavailable, match=NOWHERE):
            await opened.pings["vectors"]()
