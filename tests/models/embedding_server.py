"""A server of embeddings on a real socket, which speaks as OpenAI does and fails as told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from zlib import crc32

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.models.deeds import Does, Fails
from tests.models.dialects import KEY
from tests.models.provider import serving

DIMENSIONS = 16


class EmbeddingServer:
    """Gives each text a direction of its own, of any length."""

    def __init__(self) -> None:
        self.at = ""
        self.dimensions = DIMENSIONS
        self.longest = 10_000
        self.most = 32
        self.deeds: list[Fails | Does] = []
        """What it does before it answers again."""
        self.bodies: list[Any] = []
        self.odd: Any = None
        """What it answers in place of embeddings."""
        self.goes_on = asyncio.Event()
        """Until it is set, what has more than one text waits."""
        self.pause = 0.0
        """Seconds that more than one text takes."""
        self.goes_on.set()
        self.at_once = 0
        self.most_at_once = 0

    async def answer(self, request: Request) -> Response:
        body = await request.json()
        self.bodies.append(body)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0.001)
            if len(body["input"]) > 1:
                await self.goes_on.wait()
                await asyncio.sleep(self.pause)
            return await self._answer(request, body)
        finally:
            self.at_once -= 1

    async def _answer(self, request: Request, body: Any) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _refused(401, "Incorrect API key provided.")
        deed = self.deeds.pop(0) if self.deeds else None
        if deed is Does.HANGS:
            await asyncio.sleep(60)
        if isinstance(deed, Fails):
            return _refused(deed.status, deed.message, dict(deed.headers))
        return JSONResponse(self.odd) if self.odd is not None else self._embedded(body)

    def _embedded(self, body: Any) -> Response:
        texts = body["input"]
        if len(texts) > self.most:
            return _refused(413, f"batch size {len(texts)} > maximum allowed batch size")
        if any(len(text) > self.longest for text in texts):
            return _refused(400, "This model's maximum context length is 8192 tokens.")
        if not all(texts):
            return _refused(400, "input cannot be an empty string")
        size = body.get("dimensions", self.dimensions)
        data = [
            {"object": "embedding", "index": at, "embedding": _direction(text, size)}
            for at, text in enumerate(texts)
        ]
        return JSONResponse({"object": "list", "data": data[::-1], "model": body["model"]})


def _direction(text: str, size: int) -> list[float]:
    return [(crc32(f"{at} {text}".encode()) % 2_000 - 999.5) / 10 for at in range(size)]


def _refused(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    told = {"message": message, "type": "invalid_request_error", "code": None}
    return JSONResponse({"error": told}, status, headers=headers)


@asynccontextmanager
async def embedding_server() -> AsyncGenerator[EmbeddingServer, None]:
    server = EmbeddingServer()
    route = Route("/v1/embeddings", server.answer, methods=["POST"])
    async with serving(Starlette(routes=[route])) as server.at:
        yield server
