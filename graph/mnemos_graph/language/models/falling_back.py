"""Asking the next model where the first cannot answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from mnemos_graph.errors import Declined, TryLater
from mnemos_graph.language.models.protocol import Completion, LanguageModel, Piece, Request


class Fallbacks:
    """A ``LanguageModel`` of several, the first of which that can answers.

    Another one is asked also where one declined or garbled, for models differ in that. Where none
    can, the first one's error is told: it is the one that is wanted. A stream that has begun stays
    with its model.
    """

    def __init__(self, models: Sequence[LanguageModel]) -> None:
        self._models = models

    @property
    def name(self) -> str:
        return self._models[0].name

    async def complete(self, request: Request) -> Completion:
        first: TryLater | Declined | None = None
        for model in self._models:
            try:
                return await model.complete(request)
            except (TryLater, Declined) as error:
                first = first or error
        assert first is not None  # noqa: S101 - there is at least one model
        raise first

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        first: TryLater | Declined | None = None
        for model in self._models:
            begun = False
            try:
                async with aclosing(model.stream(request)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
            except (TryLater, Declined) as error:
                if begun:
                    raise
                first = first or error
            else:
                return
        assert first is not None  # noqa: S101 - there is at least one model
        raise first
