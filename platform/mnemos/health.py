"""How the program is, for those who watch over it: `/health` and what is below it.

Only a store that is away, or a stop, keeps requests from being sent here. Nothing that is away
elsewhere makes this process worth restarting: live says so as long as it runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mnemos import __version__
from mnemos.answers import json_response
from mnemos.checks import STORE, Checks, State, score, worst
from mnemos.program import Program
from mnemos_graph.errors import Unavailable
from mnemos_graph.identity import LOCAL_CALLER
from mnemos_schema.errors import formatted


class Health:
    def __init__(self, program: Program) -> None:
        self.answers: Callable[[], Mapping[str, Any]] = dict
        """Says what there is to say about the answers that are kept."""
        self._program = program
        self._checks = Checks({STORE: self._heads, **program.pings}, program.away)
        self._started = False
        self.routes = [
            Route("/health", self.whole),
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
            Route("/health/startup", self.startup),
        ]

    async def live(self, _: Request) -> Response:
        """Answer that the process runs, whatever else is away."""
        return json_response({"status": "live"})

    async def ready(self, _: Request) -> Response:
        """Answer whether requests should be sent here now."""
        if self._program.connections.draining:
            return _unavailable("draining", "Mnemos is stopping.")
        if not await self._store_answers():
            return _unavailable("unhealthy", "The store does not answer.")
        return json_response({"status": "ready"})

    async def startup(self, _: Request) -> Response:
        """Answer whether the store was ever there; from then on a yes."""
        self._started = self._started or await self._store_answers()
        if not self._started:
            return _unavailable("starting", "The store has not answered yet.")
        return json_response({"status": "started"})

    async def whole(self, _: Request) -> Response:
        """Answer how each part is; 503 where requests cannot be served."""
        found = await self._checks.found()
        status = worst(found)
        told = {
            "status": status,
            "score": score(found),
            "version": __version__,
            "uptime_seconds": round(time.monotonic() - self._program.began, 1),
            "checks": {name: check.state for name, check in found.items()},
            "parts": {name: msgspec.to_builtins(check) for name, check in found.items()},
            "answers": self.answers(),
        }
        consolidation = self._program.services.consolidating.standing
        if consolidation.last_look is not None:
            told["consolidation"] = msgspec.to_builtins(consolidation)
        if status is not State.UNHEALTHY:
            told |= await self._reembedding()
        return json_response(told, 503 if status is State.UNHEALTHY else 200)

    async def _store_answers(self) -> bool:
        return (await self._checks.found())[STORE].state is State.HEALTHY

    async def _reembedding(self) -> dict[str, object]:
        """Return how far memories have vectors of another embedder, while they are given some."""
        reembedding = self._program.services.reembedding
        progress = await reembedding.progress() if reembedding else None
        return {} if progress is None else {"reembedding": msgspec.to_builtins(progress)}

    async def _heads(self) -> None:
        await self._program.services.store.heads([LOCAL_CALLER.access])


def _unavailable(status: str, reason: str) -> Response:
    return json_response({"status": status, "errors": [formatted(Unavailable(reason))]}, 503)
