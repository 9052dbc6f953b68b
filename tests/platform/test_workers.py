"""Several workers at one address: each may come and go, and nobody is refused for it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from tests.serving import Client
from tests.several import Several, started, two_workers
from tests.waiting import until

pytestmark = pytest.mark.timeout(180)

STARTS_WITHIN = 120.0
LISTEN = "subscription { changes { position } }"


@pytest.fixture
async def several(tmp_path: Path) -> AsyncIterator[Several]:
    async with two_workers(tmp_path) as several:
        yield several


async def answers(several: Several, asked: Counter[str]) -> None:
    """Ask again and again, each time over a new connection, and count what comes back."""
    while True:
        try:
            async with httpx.AsyncClient(base_url=f"http://{several.address}") as http:
                asked[str((await http.get("/health/live")).status_code)] += 1
        except httpx.HTTPError as failure:
            asked[repr(failure)] += 1


async def is_ready(several: Several) -> bool:
    async with httpx.AsyncClient(base_url=f"http://{several.address}") as http:
        with suppress(httpx.HTTPError):
            return (await http.get("/health/ready")).is_success
    return False


async def test_a_worker_that_is_killed_is_replaced(several: Several) -> None:
    before = several.workers
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    await until(lambda: len(several.workers) == 2 and killed not in several.workers, STARTS_WITHIN)
    # The one that stayed may have been the one that was not ready yet.
    async with asyncio.timeout(STARTS_WITHIN):
        while not await is_ready(several):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.1)


async def test_replacing_the_workers_in_turn_refuses_nobody(several: Several) -> None:
    before, asked = several.workers, Counter[str]()
    asking = asyncio.create_task(answers(several, asked))
    several.signal(signal.SIGHUP)
    await until(lambda: not several.workers & before and len(several.workers) == 2, STARTS_WITHIN)
    asking.cancel()
    assert asked.total() > 10
    # The system may have taken a connection on for the one that leaves, in the moment of its close.
    assert asked.total() - asked["200"] <= 1


async def test_a_stop_tells_the_listeners_of_every_worker(several: Several) -> None:
    async with httpx.AsyncClient(base_url=f"http://{several.address}") as http:
        client = Client(several.address, http)
        async with client.socket() as one, client.socket() as other:
            for socket in (one, other):
                await socket.subscribe(LISTEN)
                await socket.next()
            several.signal(signal.SIGTERM)
            assert [await one.closed(), await other.closed()] == [1012, 1012]
            assert one.connection.close_reason
    assert await several.ended() == 0


async def test_workers_end_with_their_master(several: Several) -> None:
    before = several.workers
    several.signal(signal.SIGKILL)
    await until(lambda: not any(psutil.pid_exists(each) for each in before), STARTS_WITHIN)


@pytest.mark.parametrize(
    ("host", "environ", "told"),
    [
        ("0.0.0.0", {}, "MNEMOS_HOST is 0.0.0.0"),
        ("127.0.0.1", {"BREAK": "kill"}, "A worker ended before it could serve."),
        ("127.0.0.1", {"BREAK": "raise"}, "A worker failed. The log says why."),
    ],
)
async def test_workers_that_cannot_start_are_not_started_again(
    tmp_path: Path, host: str, environ: dict[str, str], told: str
) -> None:
    process = await started(tmp_path, host, **environ)
    _, said = await process.communicate()
    assert process.returncode == 1
    (error,) = [line for line in said.decode().splitlines() if line.startswith("Error:")]
    assert error.startswith(f"Error: {told}")
    assert "words that nobody should read" not in said.decode()
