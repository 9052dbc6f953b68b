from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from mnemos.checks import FRESH_SECONDS, Checks, State, score
from mnemos.program import Program
from mnemos_graph.errors import Unavailable
from tests.conformance.memory_store import MemoryStore
from tests.serving import Client, program_on


class Server:
    """A server that can go away, and counts how often it is asked."""

    def __init__(self) -> None:
        self.away = ""
        self.asked = 0

    async def ping(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable(self.away)


class StoreThatGoes(MemoryStore):
    away = False

    async def heads(self, *args: Any, **kwargs: Any) -> Any:
        if self.away:
            raise Unavailable("The store is away.")
        return await super().heads(*args, **kwargs)


@pytest.fixture
def bus() -> Server:
    return Server()


@pytest.fixture
def store() -> StoreThatGoes:
    return StoreThatGoes()


@pytest.fixture
async def program(store: StoreThatGoes, bus: Server) -> AsyncIterator[Program]:
    async with program_on(store) as opened:
        yield replace(opened, pings={"bus": bus.ping})


async def test_a_part_that_is_away_is_told_and_keeps_no_request_away(
    client: Client, bus: Server
) -> None:
    bus.away = "No Redis answers at cache:6379."
    health = await client.http.get("/health")
    told = health.json()
    assert (health.status_code, told["status"], told["score"]) == (200, "degraded", 80)
    assert told["checks"] == {"store": "healthy", "bus": "degraded"}
    assert told["parts"]["bus"]["last_error"] == "No Redis answers at cache:6379."
    assert told["parts"]["bus"]["latency_ms"] is None
    assert told["parts"]["store"]["latency_ms"] >= 0
    assert (await client.http.get("/health/ready")).is_success


async def test_without_the_store_nothing_should_be_sent_here(
    client: Client, store: StoreThatGoes
) -> None:
    store.away = True
    health = await client.http.get("/health")
    assert (health.status_code, health.json()["score"]) == (503, 0)
    statuses = {
        path: (await client.http.get(f"/health/{path}")).status_code
        for path in ("live", "ready", "startup")
    }
    assert statuses == {"live": 200, "ready": 503, "startup": 503}


async def test_what_has_started_stays_started(
    client: Client, store: StoreThatGoes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnemos.checks.FRESH_SECONDS", 0)
    assert (await client.http.get("/health/startup")).is_success
    store.away = True
    assert (await client.http.get("/health/ready")).status_code == 503
    assert (await client.http.get("/health/startup")).is_success


async def test_a_part_is_asked_at_most_once_a_second() -> None:
    tick = [10.0]
    server = Server()
    checks = Checks({"store": server.ping}, tick=lambda: tick[0])
    assert score(await checks.found()) == 100
    server.away = "gone"
    assert score(await checks.found()) == 100, "it was asked just now"
    tick[0] += FRESH_SECONDS
    assert score(await checks.found()) == 0


async def test_many_who_ask_at_once_are_one_question() -> None:
    server = Server()
    checks = Checks({"store": server.ping})
    await asyncio.gather(*(checks.found() for _ in range(50)))
    assert server.asked == 1


async def test_the_last_error_stays_when_it_is_over() -> None:
    tick = [10.0]
    server = Server()
    checks = Checks({"store": server.ping, "bus": server.ping}, tick=lambda: tick[0])
    server.away = "gone"
    await checks.found()
    server.away, tick[0] = "", tick[0] + FRESH_SECONDS
    found = (await checks.found())["bus"]
    assert (found.state, found.last_error) == (State.HEALTHY, "gone")
    assert found.last_error_at


async def test_a_part_that_hangs_counts_as_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnemos.checks.PATIENCE_SECONDS", 0.01)
    checks = Checks({"store": asyncio.Event().wait})
    found = (await checks.found())["store"]
    assert (found.state, found.last_error) == (State.UNHEALTHY, "No answer within 0.01 s.")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/health/live", (200, {"status": "live"})),
        ("/health/ready", (200, {"status": "ready"})),
    ],
)
async def test_a_healthy_program_says_so(client: Client, path: str, told: Any) -> None:
    answer = await client.http.get(path)
    assert (answer.status_code, answer.json()) == told
    whole = (await client.http.get("/health")).json()
    assert whole["status"] == "healthy"
    assert whole["checks"] == {"store": "healthy", "bus": "healthy"}


async def test_a_program_whose_store_is_away_lives_and_is_not_ready(
    client: Client, store: StoreThatGoes
) -> None:
    store.away = True
    assert (await client.http.get("/health/live")).is_success
    ready, whole = [await client.http.get(f"/health{each}") for each in ("/ready", "")]
    assert ready.status_code == 503
    assert ready.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert (whole.status_code, whole.json()["checks"]["store"]) == (503, "unhealthy")


async def test_health_needs_no_key(client: Client, program: Program) -> None:
    await program.keys.create((await program.keys.organization("Acme")).id, "first")
    for path in ("/health", "/health/live", "/health/ready"):
        assert (await client.http.get(path)).is_success


async def test_health_tells_how_the_background_is_where_it_runs(
    program: Program, client: Client
) -> None:
    assert "consolidation" not in (await client.http.get("/health")).json()
    await program.services.consolidating.look()
    told = (await client.http.get("/health")).json()["consolidation"]
    assert (told["waiting"], told["repeats"]) == (0, 0)
    assert told["last_look"].startswith("20")
