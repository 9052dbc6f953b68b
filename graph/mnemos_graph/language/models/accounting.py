"""Writing down what calls of a model cost."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, contextmanager
from dataclasses import replace

from mnemos_graph.errors import Garbled, RateLimited, TooMuch, Unavailable
from mnemos_graph.language.bills import Bill, open_bill
from mnemos_graph.language.models.prices import Price, price_of
from mnemos_graph.language.models.protocol import Completion, LanguageModel, Piece, Request


class Accounted:
    """A ``LanguageModel`` whose calls are written down, and whose completions say what they cost."""

    def __init__(self, model: LanguageModel, books: Bill, price: Price | None = None) -> None:
        """Write into ``books`` too. ``price``: the operator's own, in place of the table's."""
        self._model = model
        self._books = books
        self._price = price or price_of(model.name)

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Completion:
        with self._written_down() as answers:
            completion = self._priced(await self._model.complete(request))
            answers.append(completion)
        return completion

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        with self._written_down() as answers:
            async with aclosing(self._model.stream(request)) as pieces:
                async for piece in pieces:
                    told = self._priced(piece) if isinstance(piece, Completion) else piece
                    answers.append(told)
                    yield told

    def _priced(self, completion: Completion) -> Completion:
        dollars = self._price.of(completion.usage) if self._price else None
        return replace(completion, dollars=dollars)

    @contextmanager
    def _written_down(self) -> Generator[list[Piece]]:
        came: list[Piece] = []
        free = False
        try:
            yield came
        except _REFUSED as error:
            free = not came and not isinstance(error, Garbled)
            raise
        finally:
            for bill in {self._books, open_bill() or self._books}:
                if came and isinstance(came[-1], Completion):
                    bill.answered(self.name, came[-1].usage, came[-1].dollars)
                else:
                    bill.failed(self.name, free=free)


_REFUSED = (RateLimited, Unavailable, TooMuch)
"""What a provider does not ask money for, as long as it has written nothing."""
