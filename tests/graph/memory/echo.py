"""A language model for tests that reads every turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

from mnemos_graph.errors import Unavailable
from mnemos_graph.language.models.protocol import Completion, Piece, Request


class Echo:
    """A ``LanguageModel`` that takes every turn for a memory, and counts how often it is asked."""

    name = "test:echo"

    def __init__(self, away: int = 0) -> None:
        self.requests: list[Request] = []
        self.away = away
        """So many calls fail."""
        self.at_once = 0
        self.most_at_once = 0

    async def complete(self, request: Request) -> Completion:
        self.requests.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        for _ in range(20):
            await asyncio.sleep(0)
        self.at_once -= 1
        if self.away:
            self.away -= 1
            raise Unavailable("The model is away.")
        turns = json.loads(request.messages[0].text.split("\n")[1])
        read = [_read(each) for each in turns if each["take"]]
        return Completion(value={"turns": read})

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        raise AssertionError("nobody watches an extraction")


def _read(turn: Any) -> dict[str, Any]:
    ann, oslo = {"name": "Ann", "kind": "PERSON"}, {"name": "Oslo", "kind": "PLACE"}
    dated = {"since": None, "until": None, "quote": turn["text"]}
    memory = {"text": turn["text"], "type": "semantic", "importance": 0.5, "entities": [ann]}
    fact = {"subject": ann, "predicate": "visits", "object": oslo, "value": None}
    said = {"statement": "Ann visits Oslo.", "ended": False, "confidence": 0.9}
    return {
        "n": turn["n"],
        "memories": [memory | dated],
        "facts": [fact | said | dated],
        "forget": [],
    }
