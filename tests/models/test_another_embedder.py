"""The program with another embedder of the settings than before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest

from mnemos.diagnosis import Finding, State, examine
from mnemos.part_url import PartUrl
from mnemos.program import open_program
from mnemos.settings import Secret, Settings, SettingsError
from mnemos.wiring import open_parts
from tests.models.deeds import Fails
from tests.models.dialects import KEY
from tests.models.embedding_server import EmbeddingServer, embedding_server
from tests.serving import Client, client_of

COUNT = 6
WRITE = """
mutation ($text: String!) { createMemory(input: {text: $text, scope: {}}) { position } }
"""
RECALL = """
{ recall(input: {query: "tea"}) { hits { memory { text } } degraded } }
"""
REINDEX = "mutation { reindex { job { id } } }"
JOB = "query ($id: ID!) { job(id: $id) { kind state done total } }"


@pytest.fixture
async def old() -> AsyncGenerator[EmbeddingServer, None]:
    async with embedding_server() as server:
        yield server


@pytest.fixture
async def new() -> AsyncGenerator[EmbeddingServer, None]:
    async with embedding_server() as server:
        server.dimensions = 48
        yield server


def settings(folder: Path, server: EmbeddingServer, previous: EmbeddingServer | None) -> Settings:
    return Settings(
        data=folder,
        embedder=url(server, "new" if server.dimensions == 48 else "old"),
        embedder_key=Secret(KEY),
        embedder_previous=url(previous, "old") if previous else PartUrl("none:"),
        embedder_previous_key=Secret(KEY),
        vectors=PartUrl("none:"),
    )


def url(server: EmbeddingServer, model: str) -> PartUrl:
    return PartUrl(f"{server.at}/v1?model={model}&dimensions={server.dimensions}")


async def until(client: Client, holds: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(20):
        while True:
            health = (await client.http.get("/health")).json()
            if holds(health):
                return health
            await asyncio.sleep(0.02)


async def ended(client: Client, job: str) -> Any:
    async with asyncio.timeout(20):
        while True:
            found = (await client.ask(JOB, id=job))["job"]
            if found["state"] not in ("QUEUED", "RUNNING"):
                return found
            await asyncio.sleep(0.02)


async def filled(folder: Path, server: EmbeddingServer) -> None:
    async with open_program(settings(folder, server, None)) as program, client_of(program) as one:
        for text in ("tea", *(f"note {n}" for n in range(COUNT - 1))):
            await one.ask(WRITE, text=text)


def told(finding: Finding | None) -> str:
    assert finding is not None
    assert finding.state is State.ODD
    return finding.told


async def looked(client: Client, settings: Settings, patch: pytest.MonkeyPatch) -> Finding | None:
    patch.setenv("MNEMOS_URL", str(client.http.base_url))
    found = await asyncio.to_thread(lambda: list(examine(settings)))
    return next((each for each in found if each.what == "vectors"), None)


@pytest.mark.parametrize("helped", ["with the old one", ""])
async def test_a_person_sees_what_goes_on_and_when_it_is_done(
    helped: str,
    old: EmbeddingServer,
    new: EmbeddingServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await filled(tmp_path, old)
    new.goes_on.clear()
    chosen = settings(tmp_path, new, old if helped else None)
    async with open_program(chosen) as program, client_of(program) as client:
        health = await until(client, lambda health: health.get("reembedding", {}).get("total"))
        assert health["reembedding"] == {"organizations": 1, "done": 0, "total": COUNT}
        recalled = (await client.ask(RECALL))["recall"]
        assert recalled["degraded"] == ([] if helped else ["VECTOR"])
        assert recalled["hits"][0]["memory"]["text"] == "tea"
        meanwhile = "old ones" if helped else "words alone"
        assert meanwhile in told(await looked(client, chosen, monkeypatch))
        job = (await client.ask(REINDEX))["reindex"]["job"]
        new.goes_on.set()
        await until(client, lambda health: "reembedding" not in health)
        assert (await client.ask(RECALL))["recall"]["degraded"] == []
        assert await ended(client, job["id"]) == {
            "kind": "reembed", "state": "SUCCEEDED", "done": COUNT, "total": COUNT
        }  # fmt: skip
        after = await looked(client, chosen, monkeypatch)
        assert "MNEMOS_EMBEDDER_PREVIOUS out" in told(after) if helped else after is None


async def test_a_wrong_key_of_the_old_one_names_its_own_setting(
    old: EmbeddingServer, new: EmbeddingServer, tmp_path: Path
) -> None:
    chosen = Settings(
        data=tmp_path,
        embedder=url(new, "new"),
        embedder_key=Secret(KEY),
        embedder_previous=PartUrl(f"{old.at}/v1?model=old"),
        embedder_previous_key=Secret("another"),
        vectors=PartUrl("none:"),
    )
    with pytest.raises(SettingsError, match="MNEMOS_EMBEDDER_PREVIOUS_KEY") as refused:
        async with open_parts(chosen):
            pass
    assert "another" not in str(refused.value)


async def test_an_old_one_that_is_away_is_done_without(
    old: EmbeddingServer, new: EmbeddingServer, tmp_path: Path
) -> None:
    old.deeds = [Fails(status=503)]
    chosen = settings(tmp_path, new, None)
    away = Settings(
        data=tmp_path,
        embedder=chosen.embedder,
        embedder_key=Secret(KEY),
        embedder_previous=PartUrl(f"{old.at}/v1?model=old"),
        embedder_previous_key=Secret(KEY),
        vectors=PartUrl("none:"),
    )
    async with open_parts(away) as opened:
        assert opened.parts.previous is None
        assert opened.parts.embedder is not None
