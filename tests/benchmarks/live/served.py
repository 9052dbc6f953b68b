"""The servers that are measured, each a process of its own, with a key made and needed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.process import mnemos_serve

LISTEN = """
subscription ($after: Cursor, $scope: ScopeInput, $filter: ChangeFilter) {
  changes(after: $after, scope: $scope, filter: $filter) {
    position
    changes {
      position kind subjectType subjectId actor
      subject { ... on Memory { id text type importance version } }
    }
  }
}
"""
STOCK_LISTEN = """
subscription {
  changes {
    position
    changes {
      position kind subjectType subjectId actor
      subject { id text type importance version }
    }
  }
}
"""
TOGETHER = 50
"""Changes in one request: as many aliases as an operation may have."""
SETTINGS = {
    "MNEMOS_EMBEDDER": "none:",
    "MNEMOS_VECTORS": "none:",
    "MNEMOS_KEY_RATE": "0",
    "MNEMOS_LOG_LEVEL": "warning",
}
"""What finds by meaning is left out: it would cost more than what is measured. No rate limit."""


@dataclass(frozen=True, slots=True)
class Served:
    address: str
    process: psutil.Process
    key: str
    http: httpx.AsyncClient

    def cpu(self) -> float:
        """Return the processor time that the server took so far, in seconds."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def resident(self) -> float:
        """Return the memory that the server holds, in MB."""
        return float(self.process.memory_info().rss) / 1e6

    async def ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        answer = (await self.http.post("/graphql", json=body)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def write(self, number: int, count: int = 1, user: str = "ann") -> None:
        """Have so many changes made, one after the other, whose texts begin with their number."""
        for first in range(number, number + count, TOGETHER):
            last = min(first + TOGETHER, number + count)
            texts = [f"#{each} {'and what was said about it ' * 5}" for each in range(first, last)]
            await self.ask("mutation {" + "".join(map(self._one, texts, [user] * len(texts))) + "}")

    def _one(self, text: str, user: str) -> str:
        alias = text.split(" ", maxsplit=1)[0].replace("#", "n")
        if not self.key:
            return f'{alias}: createMemory(text: "{text}") '
        scope = f'scope: {{userId: "{user}"}}'
        return f'{alias}: createMemory(input: {{text: "{text}", {scope}}}) {{ position }} '


@asynccontextmanager
async def served(folder: Path) -> AsyncGenerator[Served, None]:
    """Serve Mnemos over a folder; whoever asks has a key."""
    async with mnemos_serve(folder, SETTINGS) as process:
        kept = folder / "bench.key"
        async with httpx.AsyncClient(base_url=f"http://{process.address}", timeout=60) as http:
            if not kept.exists():
                made = await http.post(
                    "/graphql",
                    json={
                        "query": 'mutation { createApiKey(name: "bench", role: ADMIN) { secret } }'
                    },
                )
                kept.write_text(made.json()["data"]["createApiKey"]["secret"])
            key = kept.read_text()
            http.headers["authorization"] = f"Bearer {key}"
            yield Served(process.address, psutil.Process(process.pid), key, http)


@asynccontextmanager
async def stock() -> AsyncGenerator[Served, None]:
    """Serve plain Strawberry."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.live.stock"), stdout=asyncio.subprocess.PIPE
    )
    assert running.stdout is not None
    try:
        said = (await running.stdout.readline()).decode()
        address = said.split("http://")[1].split("/")[0]
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as http:
            yield Served(address, psutil.Process(running.pid), "", http)
    finally:
        running.kill()
        await running.wait()
