"""A question that was just answered: 20 memories × 8 fields, with an API key, over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.benchmarks.figures import Figure
from tests.benchmarks.live.load import Done, Work, load
from tests.process import mnemos_serve

ABOUT = "A question that was just answered: 20 memories × 8 fields, with an API key"
CONNECTIONS, SECONDS = 32, 5.0
QUERY = """
query Memories($user: String!) {
  memories(scope: {userId: $user}, first: 20) {
    edges {
      node { id text type importance tags version createdAt updatedAt }
    }
  }
}
"""
SETTINGS = {
    "MNEMOS_KEY_RATE": "0",
    "MNEMOS_EMBEDDER": "none:",
    "MNEMOS_VECTORS": "none:",
    "MNEMOS_MODEL": "none:",
}
"""No rate limit: the load is one client. Nothing that a list of memories does not need."""
_CREATE = "mutation ($input: CreateMemoryInput!) { createMemory(input: $input) { position } }"
_KEY = 'mutation { createApiKey(name: "load", role: MEMBER) { secret } }'


async def filled(address: str) -> str:
    """Write the memories that are asked for; return a key."""
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as http:

        async def ask(query: str, **variables: Any) -> Any:
            answer = await http.post("/graphql", json={"query": query, "variables": variables})
            return answer.raise_for_status().json()["data"]

        for number in range(30):
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
        body=json.dumps({"query": QUERY, "variables": {"user": "ann"}}),
        connections=CONNECTIONS,
        seconds=seconds,
    )


async def measured(workers: Sequence[int], wanted: Work) -> tuple[Done, float]:
    """Return what was answered, and the microseconds of CPU that these processes took for each."""
    processes = [psutil.Process(each) for each in workers]

    def taken() -> float:
        return sum(sum(each.cpu_times()[:2]) for each in processes)

    before = taken()
    done = await load(wanted)
    return done, (taken() - before) / done.requests * 1e6


async def figures(folder: Path) -> list[Figure]:
    async with mnemos_serve(folder, SETTINGS) as process:
        secret = await filled(process.address)
        await load(work(process.address, secret, seconds=1.0))
        await asyncio.sleep(0.2)
        done, cpu = await measured([process.pid], work(process.address, secret))
    return [
        Figure(
            what=f"one worker, {CONNECTIONS} connections, {done.answer_bytes:,} bytes each",
            value=done.per_second,
            unit="a second",
            goal="≥ 10,000",
        ),
        Figure(what="CPU of the server for each", value=cpu, unit="µs", goal="≤ 45 µs"),
        Figure(what="p99", value=done.p99_ms, unit="ms"),
    ]
