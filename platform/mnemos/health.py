"""How the program is, for those who watch over it: `/health`, `/health/live`, `/health/ready`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mnemos import __version__
from mnemos.answers import json_response
from mnemos.program import Program
from mnemos_graph.errors import MnemosError, Unavailable
from mnemos_graph.identity import LOCAL_CALLER
from mnemos_schema.errors import formatted

PATIENCE_SECONDS = 2.0
"""How long a part may take to answer before it counts as away."""


class State(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class Health:
    def __init__(self, program: Program) -> None:
        self._program = program
        self.routes = [
            Route("/health", self.whole),
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
        ]

    async def live(self, _: Request) -> Response:
        """Answer that the process runs, whatever else is away."""
        return json_response({"status": "live"})

    async def ready(self, _: Request) -> Response:
        """Answer whether requests should be sent here now."""
        if self._program.connections.draining:
            return _unavailable("draining", "Mnemos is stopping.")
        if (await self._checks())["store"] is not State.HEALTHY:
            return _unavailable("unhealthy", "The store does not answer.")
        return json_response({"status": "ready"})

    async def whole(self, _: Request) -> Response:
        """Answer how each part is; 503 where requests cannot be served."""
        checks = await self._checks()
        worst = max(checks.values(), key=list(State).index)
        told = {
            "status": worst,
            "version": __version__,
            "uptime_seconds": round(time.monotonic() - self._program.began, 1),
            "checks": checks,
        }
        return json_response(told, 503 if worst is State.UNHEALTHY else 200)

    async def _checks(self) -> Mapping[str, State]:
        away = dict.fromkeys(self._program.away, State.DEGRADED)
        return {"store": await self._store(), **away}

    async def _store(self) -> State:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._program.services.store.heads([LOCAL_CALLER.access])
        except (MnemosError, TimeoutError):
            return State.UNHEALTHY
        return State.HEALTHY


def _unavailable(status: str, reason: str) -> Response:
    return json_response({"status": status, "errors": [formatted(Unavailable(reason))]}, 503)
