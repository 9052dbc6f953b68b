"""Leaving a model alone that has failed several times in a row, and knowing how it is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, contextmanager

from mnemos_graph.breaker import Breaker
from mnemos_graph.errors import Garbled, MnemosError, TryLater, Unavailable
from mnemos_graph.language.models.protocol import Completion, LanguageModel, Piece, Request

FAILURES = 5
RESTS = (1.0, 5.0, 15.0, 30.0)


class Guarded:
    """A ``LanguageModel`` behind a breaker. What it garbles is no failure: it was there.

    So nobody's text can make it unavailable to others by leading it astray.
    """

    def __init__(self, model: LanguageModel, breaker: Breaker | None = None) -> None:
        self._model = model
        self._breaker = breaker or Breaker(model.name, failures=FAILURES, rests=RESTS)
        self._failure: TryLater | None = None

    @property
    def name(self) -> str:
        return self._model.name

    async def ping(self) -> None:
        """Tell how it was when it was asked last; asks nothing, since an answer costs money.

        Raises:
            Unavailable: it could not answer.
        """
        if self._failure is not None:
            raise Unavailable(str(self._failure)) from self._failure

    async def complete(self, request: Request) -> Completion:
        with self._passing() as garbled:
            try:
                return await self._model.complete(request)
            except Garbled as wrong:
                garbled.append(wrong)
        raise garbled[0]

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        with self._passing() as garbled:
            try:
                async with aclosing(self._model.stream(request)) as pieces:
                    async for piece in pieces:
                        yield piece
            except Garbled as wrong:
                garbled.append(wrong)
        if garbled:
            raise garbled[0]

    @contextmanager
    def _passing(self) -> Generator[list[Garbled]]:
        with self._breaker.passing():
            try:
                yield []
            except TryLater as failure:
                self._failure = failure
                raise
            except MnemosError:
                self._failure = None
                raise
            self._failure = None
