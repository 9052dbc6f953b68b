"""Answers of a language model, kept in a file and given again without it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from mnemos_graph.language.models.protocol import Completion, LanguageModel, Piece, Request


class Recording:
    """A ``LanguageModel`` that notes what another one answers to which request."""

    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self._model = model
        self._answers: dict[str, Any] = {}

    async def complete(self, request: Request) -> Completion:
        completion = await self._model.complete(request)
        self._answers[_named(request)] = completion.value
        return completion

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        return self._model.stream(request)

    def save(self, file: Path) -> None:
        """Write what was answered; a request that was made twice has its last answer."""
        told = {"model": self.name, "answers": dict(sorted(self._answers.items()))}
        file.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")


class Recorded:
    """A ``LanguageModel`` that gives the answers of a file. Another request has none."""

    def __init__(self, file: Path) -> None:
        told = msgspec.json.decode(file.read_bytes())
        self.name: str = told["model"]
        self._file = file
        self._answers: dict[str, Any] = told["answers"]

    async def complete(self, request: Request) -> Completion:
        name = _named(request)
        if name not in self._answers:
            raise LookupError(
                f"{self._file} has no answer to this: the conversations or the instructions are "
                "others than when it was recorded. Record it again."
            )
        return Completion(value=self._answers[name], model=self.name)

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        raise LookupError(f"{self._file} has whole answers only.")


def _named(request: Request) -> str:
    schema = request.schema.whole if request.schema else None
    texts = [message.text for message in request.messages]
    whole = msgspec.json.encode((request.system, texts, schema))
    return blake2b(whole, digest_size=16).hexdigest()
