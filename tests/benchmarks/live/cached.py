"""A question that was just answered: 20 memories × 8 fields, with an API key, over HTTP."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.benchmarks.figures import Figure
from tests.benchmarks.live.load import Done, Work, load
from tests.benchmarks.live.served import SETTINGS
from tests.benchmarks.live.uncached import PAGE
from tests.process import mnemos_serve

ABOUT = "A question that was just answered: 20 memories × 8 fields, with an API key, over HTTP"
CONNECTIONS, SECONDS = 32, 5.0
MEMORIES = 30
WARM_SECONDS = 1.5
_CREATE = "mutation ($input: CreateMemoryInput!) { createMemory(input: $input) { position } }"
_KEY = 'mutation { createApiKey(name: "load", role: MEMBER) { secret } }'


async def filled(address: str) -> str:
    """Write the memories that are asked for, in local mode; end it, and return a key."""
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as http:

        async def ask(query: str, **variables: Any) -> Any:
            answer = await http.post("/graphql", json={"query": query, "variables": variables})
            return answer.raise_for_status().json()["data"]

        for number in range(MEMORIES):
            text = f"Ann drank cup {number} of green tea at the office on a rainy day of spring."
            tags = ["tea", f"day-{number}"]
            await ask(_CREATE, input={"text": text, "tags": tags, "scope": {"userId": "ann"}})
        secret: str = (await ask(_KEY))["createApiKey"]["secret"]
        return secret


def work(address: str, secret: str, *, seconds: float = SECONDS) -> Work:
    return Work(
        address=address,
        head=(
            "POST /graphql HTTP/1.1\r\n"
            f"host: {address}\r\n"
            f"authorization: Bearer {secret}\r\n"
            "content-type: application/json\r\n"
            "accept: application/json\r\n"
        ),
        body=json.dumps({"query": PAGE, "variables": {"scope": {"userId": "ann"}, "first": 20}}),
        connections=CONNECTIONS,
        seconds=seconds,
    )


async def measured(pids: Collection[int], wanted: Work) -> tuple[Done, float]:
    """Return what was answered, and the microseconds of CPU that these processes took for each."""
    processes = [psutil.Process(each) for each in pids]

    def taken() -> float:
        return sum(sum(each.cpu_times()[:2]) for each in processes)

    before = taken()
    done = await load(wanted)
    return done, (taken() - before) / done.requests * 1e6


@asynccontextmanager
async def stock(folder: Path) -> AsyncGenerator[tuple[str, int], None]:
    """Serve plain Strawberry over the rows of a folder; give its address and process."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.live.rows", str(folder)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert running.stdout is not None
    try:
        said = (await running.stdout.readline()).decode()
        address = said.split("http://")[1].split("/")[0]
        await _listens(*address.split(":"))
        yield address, running.pid
    finally:
        running.kill()
        await running.wait()


async def _listens(host: str, port: str) -> None:
    """Return once connections are taken: the address is said a moment before."""
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, int(port))
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def figures(folder: Path) -> list[Figure]:
    async with mnemos_serve(folder, SETTINGS) as process:
        secret = await filled(process.address)
        await load(work(process.address, secret, seconds=WARM_SECONDS))
        done, cpu = await measured([process.pid], work(process.address, secret))
    async with stock(folder) as (address, pid):
        await load(work(address, secret, seconds=WARM_SECONDS))
        plain, plain_cpu = await measured([pid], work(address, secret))
    beside = "Strawberry with both caches, over the same rows"
    return [
        Figure(
            what=f"one worker, {CONNECTIONS} connections, {done.answer_bytes:,} bytes each",
            value=done.per_second,
            unit="a second",
            goal="≥ 10,000",
            baseline=beside,
            baseline_value=plain.per_second,
        ),
        Figure(
            what="CPU of the server for each",
            value=cpu,
            unit="µs",
            goal="≤ 45 µs",
            baseline=beside,
            baseline_value=plain_cpu,
        ),
        Figure(
            what="answered within, p99",
            value=done.p99_ms,
            unit="ms",
            baseline=beside,
            baseline_value=plain.p99_ms,
        ),
    ]
