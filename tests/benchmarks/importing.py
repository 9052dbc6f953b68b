"""How fast the running program takes in whole conversations, word for word."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from mnemos.bench_recall import dataset
from mnemos_graph.language.minilm import open_minilm
from tests.benchmarks import conversations
from tests.benchmarks.figures import Figure
from tests.process import mnemos_serve

ABOUT = "Importing conversations verbatim over the API, each turn found by vector"
AT_ONCE = 64
"""Texts that the embedder is given when it works alone."""
_JOB = "query Job($id: ID!) { job(id: $id) { state done failed } }"
_UNDER_WAY = ("QUEUED", "RUNNING")


@dataclass(frozen=True, slots=True)
class Pace:
    per_second: float
    cpu_millis_each: float


async def imported(folder: Path, file: bytes, turns: int) -> Pace:
    """Import a file into an empty program whose model is loaded."""
    async with (
        mnemos_serve(folder) as process,
        httpx.AsyncClient(base_url=f"http://{process.address}", timeout=60) as http,
    ):
        while (await http.get("/health/ready")).status_code != httpx.codes.OK:
            await asyncio.sleep(0.05)
        server = psutil.Process(process.pid)
        cpu, wall = sum(server.cpu_times()[:2]), time.perf_counter()
        told = await http.post("/import", params={"verbatim": "true"}, content=file)
        told.raise_for_status()
        job = await finished(http, told.json()["jobId"])
        cpu, wall = sum(server.cpu_times()[:2]) - cpu, time.perf_counter() - wall
    assert (job["done"], job["failed"]) == (turns, 0), job
    return Pace(turns / wall, cpu / turns * 1e3)


async def finished(http: httpx.AsyncClient, id: str) -> dict[str, Any]:
    while True:
        asked = {"query": _JOB, "variables": {"id": id}}
        job: dict[str, Any] = (await http.post("/graphql", json=asked)).json()["data"]["job"]
        if job["state"] not in _UNDER_WAY:
            return job
        await asyncio.sleep(0.1)


async def embedded(texts: Sequence[str]) -> Pace:
    """Embed the same texts, and do nothing else."""
    async with open_minilm() as model:
        await model.embed(["warm up"])
        cpu, wall = time.process_time(), time.perf_counter()
        for first in range(0, len(texts), AT_ONCE):
            await model.embed(texts[first : first + AT_ONCE])
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Pace(len(texts) / wall, cpu / len(texts) * 1e3)


async def figures(folder: Path) -> list[Figure]:
    path = conversations.path()
    turns = [turn.message for each in dataset.read(path) for turn in each.turns]
    alone = await embedded([f"{turn.speaker}: {turn.text}" for turn in turns])
    whole = await imported(folder, path.read_bytes(), len(turns))
    return [
        Figure(
            what=f"{len(turns):,} turns, from the upload to the end of the job",
            value=whole.per_second,
            unit="turns/s",
            goal="≥ 100 turns/s",
            baseline="the embedder alone on the same texts",
            baseline_value=alone.per_second,
        ),
        Figure(
            what="processor time for each turn",
            value=whole.cpu_millis_each,
            unit="ms",
            baseline="the embedder alone",
            baseline_value=alone.cpu_millis_each,
        ),
    ]
