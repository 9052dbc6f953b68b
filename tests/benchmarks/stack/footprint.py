"""What a worker takes of the machine's memory, with 100,000 memories behind it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
import psutil

from tests.benchmarks.figures import Figure
from tests.benchmarks.recall_speed import asked
from tests.benchmarks.remember import sentence
from tests.benchmarks.stack.filled import USERS, Filled, filled
from tests.process import mnemos_serve

ABOUT = "Stack: memory of a worker that serves 100,000 memories of 100 users, at default bounds"
SECONDS = 120
CALLERS, WRITES_ONE_IN = 4, 10
_RECALL = """
query Recall($text: String!, $user: String!) {
  recall(input: {query: $text, scope: {userId: $user}}) { hits { memory { id text } score } }
}
"""
_REMEMBER = """
mutation Remember($text: String!, $user: String!) {
  remember(input: {text: $text, scope: {userId: $user}, infer: false}) { position }
}
"""
_MB = 1_000_000


@dataclass(slots=True)
class Load:
    """Callers who ask for what users know, and now and then tell something."""

    http: httpx.AsyncClient
    until: float = 0.0
    done: int = 0
    texts: dict[str, int] = field(default_factory=dict)

    async def everybody(self) -> None:
        """Ask for each user once, so that all partitions are served."""
        for number in range(USERS):
            await self._ask(_RECALL, text="Who bought a violin in Porto?", user=f"user-{number}")

    async def keep_on(self, seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < self.until:
            (question,) = asked(1, lambda: chance.randrange(USERS), chance)
            user = str(question.scope.user_id)
            if chance.randrange(WRITES_ONE_IN):
                await self._ask(_RECALL, text=str(question.text), user=user)
            else:
                told = sentence(chance.randrange(10**9))
                await self._ask(_REMEMBER, text=told, user=user)
            self.done += 1

    async def _ask(self, query: str, **variables: str) -> None:
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables})
        assert "errors" not in answer.json(), answer.text


@dataclass(frozen=True, slots=True)
class Taken:
    megabytes: Sequence[float]
    """Of each second, resident."""
    done: int


async def taken(kept: Filled, folder: Path, seconds: float, *, embedded: bool) -> Taken:
    """Return what the worker took while it was under load for so long."""
    data = kept.own.data if embedded else folder / "worker"
    data.mkdir(exist_ok=True)
    settings = {"MNEMOS_VECTORS": "none:"} if embedded else kept.stack.environment
    async with (
        mnemos_serve(data, settings) as worker,
        httpx.AsyncClient(base_url=f"http://{worker.address}", timeout=30) as http,
    ):
        load = Load(http)
        await load.everybody()
        load.until = time.monotonic() + seconds
        callers = [asyncio.create_task(load.keep_on(seed)) for seed in range(CALLERS)]
        process, seen = psutil.Process(worker.pid), list[float]()
        while time.monotonic() < load.until:
            seen.append(process.memory_info().rss / _MB)
            await asyncio.sleep(1)
        await asyncio.gather(*callers)
    return Taken(seen, load.done)


async def figures(folder: Path, seconds: float = SECONDS) -> list[Figure]:
    async with filled(folder) as kept:
        worker = await taken(kept, folder, seconds, embedded=False)
        own = await taken(kept, folder, seconds / 4, embedded=True)
    quarter = len(worker.megabytes) // 4
    return [
        Figure(
            what=f"resident, the most in {seconds:.0f} s of recalls and writes",
            value=max(worker.megabytes),
            unit="MB",
            goal="≤ 700 MB",
            baseline=f"embedded, in {seconds / 4:.0f} s",
            baseline_value=max(own.megabytes),
        ),
        Figure(
            what="the same in the last quarter, in the middle",
            value=median(worker.megabytes[-quarter:]),
            unit="MB",
            goal="flat",
            baseline="in the second quarter",
            baseline_value=median(worker.megabytes[quarter : 2 * quarter]),
        ),
        Figure(what="recalls and writes in that time", value=worker.done, unit=""),
    ]
