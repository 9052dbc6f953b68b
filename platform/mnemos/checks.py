"""How each part that the program stands on is: asked at most once a second, whoever wants to know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from mnemos_graph.errors import MnemosError

PATIENCE_SECONDS = 2.0
"""How long a part may take to answer before it counts as away."""
FRESH_SECONDS = 1.0

Ask = Callable[[], Awaitable[object]]


class State(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    """It is away, and everything else goes on."""
    UNHEALTHY = "unhealthy"
    """It is away, and nothing can be answered."""


STORE = "store"
"""The one part without which nothing can be answered."""
_WEIGHTS: Mapping[str, int] = {"bus": 20, "vectors": 15, "embedder": 15, "model": 15}
"""What the score loses with each of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one part said when it was asked last."""

    state: State
    latency_ms: float | None = None
    """None: it did not answer, or there is nothing to ask."""
    last_error: str | None = None
    """What was wrong last, also when it is no longer."""
    last_error_at: datetime | None = None


class Checks:
    """Asks every part at the same time. Parts that could not be opened are away for good."""

    def __init__(
        self,
        asked: Mapping[str, Ask],
        away: frozenset[str] = frozenset(),
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._asked = asked
        self._tick = tick
        self._found = dict.fromkeys(away, Check(state=State.DEGRADED))
        self._asking: asyncio.Task[None] | None = None
        self._at = 0.0

    async def found(self) -> Mapping[str, Check]:
        """Return how each part is, as it was no longer than ``FRESH_SECONDS`` ago."""
        if self._asking is None or (
            self._asking.done() and self._tick() - self._at >= FRESH_SECONDS
        ):
            self._asking = asyncio.create_task(self._ask_all(), name="ask how the parts are")
        await asyncio.shield(self._asking)
        order = [*self._asked, *(name for name in self._found if name not in self._asked)]
        return {name: self._found[name] for name in order}

    async def _ask_all(self) -> None:
        await asyncio.gather(*(self._ask(name, ask) for name, ask in self._asked.items()))
        self._at = self._tick()

    async def _ask(self, name: str, ask: Ask) -> None:
        before, began = self._found.get(name), self._tick()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await ask()
        except (MnemosError, TimeoutError) as failure:
            self._found[name] = Check(
                state=State.UNHEALTHY if name == STORE else State.DEGRADED,
                last_error=str(failure) or f"No answer within {PATIENCE_SECONDS:g} s.",
                last_error_at=datetime.now(UTC),
            )
        else:
            self._found[name] = Check(
                state=State.HEALTHY,
                latency_ms=round((self._tick() - began) * 1_000, 1),
                last_error=before.last_error if before else None,
                last_error_at=before.last_error_at if before else None,
            )


def score(found: Mapping[str, Check]) -> int:
    """Return how much of the program works, from 100 down to 0, where the store is away."""
    if found[STORE].state is not State.HEALTHY:
        return 0
    missed = (name for name, check in found.items() if check.state is not State.HEALTHY)
    return 100 - sum(_WEIGHTS.get(name, 0) for name in missed)


def worst(found: Mapping[str, Check]) -> State:
    return max((check.state for check in found.values()), key=list(State).index)
