"""How long a change that one worker commits takes to a subscriber of another."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from tests.benchmarks.delivery import CHANGES, Delay, delays
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.stack.servers import servers
from tests.process import mnemos_serve

ABOUT = "Stack: from a write over the API of one worker until a subscriber of another has it"
ROUNDS = 3


async def figures(folder: Path) -> list[Figure]:
    for name in ("one", "other", "own"):
        (folder / name).mkdir()
    async with AsyncExitStack() as opened:
        stack = await opened.enter_async_context(servers(folder / "servers"))
        one, other = [
            await opened.enter_async_context(mnemos_serve(folder / name, stack.environment))
            for name in ("one", "other")
        ]
        between = await rounds(one.address, other.address)
    async with mnemos_serve(folder / "own") as process:
        within = await rounds(process.address, process.address)
    return told(between, within)


async def rounds(writing: str, listening: str) -> list[Delay]:
    """Return the delays of all rounds but one that comes first."""
    await delays(writing, 2, listening=listening)
    return [each for _ in range(ROUNDS) for each in await delays(writing, 1, listening=listening)]


def told(between: list[Delay], within: list[Delay]) -> list[Figure]:
    figures = []
    for since, goal in (("since_sent", ""), ("since_answered", "≤ 60 ms")):
        ours, own = ([getattr(each, since) for each in some] for some in (between, within))
        what = since.replace("since_", "since the write was ")
        figures += [
            Figure(
                what=f"{what}, p{share * 100:.0f} of {ROUNDS * CHANGES}",
                value=percentile(ours, share),
                unit="ms",
                goal=goal if share > 0.5 else "",
                baseline="embedded, one process",
                baseline_value=percentile(own, share),
            )
            for share in (0.5, 0.99)
        ]
    return figures
