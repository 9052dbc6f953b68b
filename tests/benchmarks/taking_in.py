"""What whole conversations become, without a model and with one, and what importing again does.

The model is one of the tests': it answers over a provider's wire what patterns find, in other words
here and there, twice, or without its being said. Its answers are the same whenever it is asked the
same. So the figures say what taking in does with answers, and nothing of how well a model reads.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import psutil

from mnemos.bench_recall import dataset
from mnemos_graph.model.words import words
from tests.benchmarks import conversations
from tests.benchmarks.figures import Figure
from tests.models.dialects import KEY
from tests.models.provider import served
from tests.models.reading import Reading
from tests.process import Process, mnemos_serve

ABOUT = "Importing conversations with extraction, with patterns and with a model, once and again"
ALIKE = 0.8
"""Of the words of two memories of one user: from there on they count as one thing said twice."""
_JOB = """query ($id: ID!) { job(id: $id) {
  state done failed error cost { dollars models { calls tokensRead tokensWritten } }
} }"""


@dataclass(frozen=True, slots=True)
class Known:
    memories: int
    alike: int
    facts: int
    entities: int


@dataclass(frozen=True, slots=True)
class Import:
    seconds: float
    cpu: float
    calls: int
    tokens: int
    dollars: float
    known: Known


async def figures(folder: Path) -> list[Figure]:
    path = conversations.path()
    turns = sum(len(each.turns) for each in dataset.read(path))
    async with served(Reading()) as model:
        by_model = {
            "MNEMOS_MODEL": model.dialect.url.format(at=model.at),
            "MNEMOS_MODEL_KEY": KEY,
        }
        told = {
            "patterns": await twice(folder / "patterns", path.read_bytes(), turns, {}),
            "a model": await twice(folder / "model", path.read_bytes(), turns, by_model),
        }
    found = [Figure(what="turns", value=turns, unit="turns")]
    for who, (first, again) in told.items():
        found += _of(who, turns, first, again)
    return found


async def twice(
    folder: Path, file: bytes, turns: int, chosen: Mapping[str, str]
) -> tuple[Import, Import]:
    """Import a file into an empty program, and again after a restart."""
    done = []
    for _ in range(2):
        async with mnemos_serve(folder, chosen) as process:
            done.append(await _imported(process, file, turns))
    return done[0], done[1]


async def _imported(process: Process, file: bytes, turns: int) -> Import:
    async with httpx.AsyncClient(base_url=f"http://{process.address}", timeout=60) as http:
        while not (await http.get("/health/ready")).is_success:
            await asyncio.sleep(0.05)
        server = psutil.Process(process.pid)
        cpu, wall = sum(server.cpu_times()[:2]), time.perf_counter()
        told = await http.post("/import", content=file)
        told.raise_for_status()
        job = await _ended(http, told.json()["jobId"])
        cpu, wall = sum(server.cpu_times()[:2]) - cpu, time.perf_counter() - wall
        assert (job["state"], job["done"], job["failed"]) == ("SUCCEEDED", turns, 0), job
        spent = (job["cost"] or {"models": []})["models"]
        return Import(
            seconds=wall,
            cpu=cpu,
            calls=sum(each["calls"] for each in spent),
            tokens=sum(each["tokensRead"] + each["tokensWritten"] for each in spent),
            dollars=job["cost"]["dollars"] if job["cost"] else 0.0,
            known=await _known(http),
        )


async def _ended(http: httpx.AsyncClient, id: str) -> dict[str, Any]:
    asked = {"query": _JOB, "variables": {"id": id}}
    while True:
        job: dict[str, Any] = (await http.post("/graphql", json=asked)).json()["data"]["job"]
        if job["state"] not in ("QUEUED", "RUNNING"):
            return job
        await asyncio.sleep(0.2)


async def _known(http: httpx.AsyncClient) -> Known:
    """Count what is known by now, from an export."""
    records: defaultdict[str, list[Any]] = defaultdict(list)
    async with http.stream("GET", "/export") as lines:
        lines.raise_for_status()
        async for line in lines.aiter_lines():
            told = json.loads(line)
            records[told.get("kind", "")].append(told)
    return Known(
        memories=len(records["memory"]),
        alike=sum(1 for _ in _alike(records["memory"])),
        facts=len(records["fact"]),
        entities=len(records["entity"]),
    )


def _alike(memories: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield pairs of memories of one user that go on holding and say nearly the same."""
    by_user: defaultdict[Any, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for each in memories:
        if not each.get("validTo"):
            by_user[each["scope"].get("userId")].append(
                (each["text"], frozenset(words(each["text"])))
            )
    for told in by_user.values():
        for (one, mine), (other, theirs) in combinations(told, 2):
            if len(mine & theirs) >= ALIKE * len(mine | theirs):
                yield one, other


def _of(who: str, turns: int, first: Import, again: Import) -> Iterator[Figure]:
    known, after = first.known, again.known
    yield Figure(what=f"{who}: memories", value=known.memories, unit="memories")
    yield Figure(what=f"{who}: facts", value=known.facts, unit="facts")
    yield Figure(what=f"{who}: entities", value=known.entities, unit="entities")
    yield Figure(
        what=f"{who}: pairs of memories that share {ALIKE:.0%} of their words",
        value=known.alike,
        unit="pairs",
    )
    yield Figure(
        what=f"{who}: processor time for each turn",
        value=first.cpu / turns * 1e3,
        unit="ms",
        baseline="the same file again, after a restart",
        baseline_value=again.cpu / turns * 1e3,
    )
    yield Figure(what=f"{who}: from upload to end", value=first.seconds, unit="s")
    yield Figure(what=f"{who}: calls", value=first.calls, unit="calls")
    yield Figure(what=f"{who}: tokens, four bytes each", value=first.tokens, unit="tokens")
    yield Figure(what=f"{who}: cost by the table of prices", value=first.dollars, unit="$")
    yield Figure(
        what=f"{who}: calls when it is imported again", value=again.calls, unit="calls", goal="0"
    )
    new = [
        getattr(after, name) - getattr(known, name) for name in ("memories", "facts", "entities")
    ]
    yield Figure(
        what=f"{who}: memories, facts and entities more when it is imported again",
        value=sum(new),
        unit="records",
        goal="0",
    )
