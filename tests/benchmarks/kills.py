"""A hundred kills in the middle of writing: what of the acknowledged writes is lost or torn."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.faults.aftermath import Acknowledged, damage
from tests.faults.test_kill import LONGEST, killed

ABOUT = "SIGKILL at random points of eight concurrent writers, on one file"
KILLS = 100


async def figures(folder: Path) -> list[Figure]:
    acknowledged, damaged = list[Acknowledged](), 0
    for _ in range(KILLS):
        seconds = random.uniform(0, LONGEST)
        acknowledged += await asyncio.to_thread(killed, folder, seconds)
        damaged += bool(await asyncio.to_thread(damage, folder, acknowledged))
    return [
        Figure(
            what="kills after which something acknowledged was lost, torn or not dense",
            value=damaged,
            unit=f"of {KILLS}",
            goal="none",
        ),
        Figure(what="commits acknowledged before a kill", value=len(acknowledged), unit="commits"),
    ]
