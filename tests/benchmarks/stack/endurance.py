"""The footprint of a worker over ten minutes, which is asked for by name."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.stack import footprint

ABOUT = f"{footprint.ABOUT}, over ten minutes"
SECONDS = 600


async def figures(folder: Path) -> list[Figure]:
    return await footprint.figures(folder, SECONDS)
