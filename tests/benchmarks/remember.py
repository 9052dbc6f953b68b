"""How long `remember` takes for one caller, until the next recall finds it by vector."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from tests.benchmarks.figures import Figure, percentile
from tests.process import mnemos_serve

ABOUT = "Remembering over the API, one caller"
CALLS = 200
_REMEMBER = """
mutation Remember($text: String!, $infer: Boolean!) {
  remember(input: {text: $text, scope: {userId: "ann"}, infer: $infer}) { position }
}
"""
_POSITION = "{ position }"


def sentence(number: int) -> str:
    return f"In week {number} Ann repaired {number % 7 + 2} bicycles and sailed to island {number}."


async def times(
    http: httpx.AsyncClient, query: str, first: int = 0, **variables: object
) -> list[float]:
    """Return the milliseconds of each call, after ten that are not counted."""
    taken = []
    for number in range(first, first + CALLS + 10):
        given = {"text": sentence(number)} | variables if variables or "$text" in query else {}
        began = time.perf_counter()
        answer = await http.post("/graphql", json={"query": query, "variables": given})
        taken.append((time.perf_counter() - began) * 1e3)
        assert "errors" not in answer.json(), answer.text
    return taken[10:]


async def figures(folder: Path) -> list[Figure]:
    async with (
        mnemos_serve(folder) as process,
        httpx.AsyncClient(base_url=f"http://{process.address}", timeout=30) as http,
    ):
        nothing = await times(http, _POSITION)
        verbatim = await times(http, _REMEMBER, infer=False)
        inferred = await times(http, _REMEMBER, first=1_000, infer=True)
    return [
        Figure(
            what=f"{what}, p95",
            value=percentile(measured, 0.95),
            unit="ms",
            goal=goal,
            baseline="a query that reads one number",
            baseline_value=percentile(nothing, 0.95),
        )
        for what, measured, goal in (
            ("verbatim, durable and indexed", verbatim, "≤ 50 ms"),
            ("extracted and consolidated without a model", inferred, ""),
        )
    ]
