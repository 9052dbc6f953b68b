"""Documents that are meant to hurt, and what another client feels of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles

import httpx

from tests.benchmarks.figures import Figure
from tests.benchmarks.live.served import Served, served, stock

ABOUT = "Hostile documents: each is refused soon, and another client goes on"
ROUNDS = 10
VARIANTS = 200
LARGE = 500_000
"""Characters from which on one is refused for its length, however often it comes."""
AT_ONCE = 8
"""Hostile requests that are under way while another client asks."""
SECONDS = 5.0


def _repeated(pattern: str, count: int) -> str:
    return " ".join(pattern.replace("#", str(n)) for n in range(count))


def _query(selection: str, more: str = "") -> str:
    return json.dumps({"query": "{" + selection + "}" + more}, separators=(",", ":"))


HOSTILE: Mapping[str, str] = {
    "10,000 aliases": _query(_repeated("a#: __typename", 10_000)),
    "depth of 2,000": _query("a{" * 2_000 + "b" + "}" * 2_000),
    "wide fan-out": _query(
        "memories(first: 100) { edges { node { entities { facts(first: 100) { subject {"
        " facts(first: 100) { statement } } } } } } }"
    ),
    "100,000 fields": _query("__typename " * 90_000),
    "300 overlapping fragments": _query(
        _repeated("...F#", 300),
        _repeated("fragment F# on Query { memories { edges { node { id a#: text } } } }", 300),
    ),
    "an argument of 5 MB": _query(f'memory(id: "{"x" * 5_000_000}") {{ id }}'),
    "JSON nested 100,000 deep": '{"query":"{__typename}","variables":{"a":'
    + "[" * 100_000
    + "]" * 100_000
    + "}}",
    "a batch of 1,000": json.dumps([{"query": "{ __typename }"}] * 1_000),
    "2,000 names that are none": _query(_repeated("memoriez#", 2_000)),
    "1,000 directives that are none": _query("__typename " + "@a" * 1_000),
}


def _spelled_anew(body: str, number: int) -> bytes:
    """Return a body that no cache has seen."""
    return body.replace('{"query":"{', f'{{"query":"#{number}\\n{{', 1).encode()


def _bodies() -> Sequence[bytes]:
    """Return many spellings of each, made before anything is measured in this process."""
    return [
        _spelled_anew(body, number)
        for number in range(VARIANTS)
        for body in HOSTILE.values()
        if len(body) < LARGE or number < AT_ONCE
    ]


async def _refusals(server: Served) -> Mapping[str, float]:
    """Return for each document the median of ms until it is answered, never kept before."""
    taken: dict[str, list[float]] = {name: [] for name in HOSTILE}
    for number in range(ROUNDS):
        for name, body in HOSTILE.items():
            began = time.perf_counter()
            await _send(server.http, _spelled_anew(body, number))
            taken[name].append((time.perf_counter() - began) * 1e3)
    return {name: median(each) for name, each in taken.items()}


async def _felt(server: Served, *, attacked: bool) -> float:
    """Return the p99 in ms of another client's small question."""
    over = asyncio.Event()
    bodies = cycle(_bodies())
    attacks = [
        asyncio.create_task(_attack(server, bodies, over)) for _ in range(AT_ONCE * attacked)
    ]
    took: list[float] = []
    until = time.perf_counter() + SECONDS
    async with httpx.AsyncClient(base_url=server.http.base_url, headers=server.http.headers) as me:
        while (began := time.perf_counter()) < until:
            await _send(me, b'{"query": "{ __typename }"}')
            took.append((time.perf_counter() - began) * 1e3)
            await asyncio.sleep(0.005)
    over.set()
    await asyncio.gather(*attacks)
    return quantiles(took, n=100)[98]


async def _attack(server: Served, bodies: Iterator[bytes], over: asyncio.Event) -> None:
    while not over.is_set():
        await _send(server.http, next(bodies))


async def _send(http: httpx.AsyncClient, body: bytes) -> None:
    try:
        await http.post("/graphql", content=body, headers={"content-type": "application/json"})
    except httpx.TransportError:
        """A body that is too large may be refused while it is still being sent."""


async def figures(folder: Path) -> list[Figure]:
    async with served(folder) as mnemos, stock() as plain:
        await mnemos.write(1)
        ours, theirs = await _refusals(mnemos), await _refusals(plain)
        alone, felt = await _felt(mnemos, attacked=False), await _felt(mnemos, attacked=True)
        stock_felt = await _felt(plain, attacked=True)
    return [
        *(
            Figure(
                what=f"{name}: until it is refused",
                value=ours[name],
                unit="ms",
                goal="≤ 50 ms",
                baseline="Strawberry with both caches, which may well execute it",
                baseline_value=theirs[name],
            )
            for name in HOSTILE
        ),
        Figure(
            what=f"another client's p99 beside {AT_ONCE} of them at any time",
            value=felt,
            unit="ms",
            goal="≤ 100 ms",
            baseline="the same on Strawberry with both caches",
            baseline_value=stock_felt,
        ),
        Figure(what="the same client's p99 alone", value=alone, unit="ms"),
    ]
