"""What models were used for: tokens and dollars, for each operation and since the start.

Who asks for what is far from where a model is called, and nothing in between has to do with money.
So an operation opens a bill for itself and for every task that it starts, and each call of a model
is written on the bill that is open where it is made. Work that goes on after the answer, as a job,
is on nobody's bill, and in the books of the process alone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from mnemos_graph.errors import Garbled, RateLimited, TooMuch, Unavailable
from mnemos_graph.language.models.prices import Price, price_of
from mnemos_graph.language.models.protocol import (
    Completion,
    LanguageModel,
    Piece,
    Request,
    Usage,
)


@dataclass(slots=True)
class Spent:
    """With one model."""

    calls: int = 0
    failures: int = 0
    """Calls without an answer."""
    usage: Usage = field(default_factory=Usage)
    dollars: float = 0.0
    """Of the calls whose price is known."""
    unpriced: int = 0
    """Calls whose price is not, and those that failed and may have cost something all the same."""


class Bill:
    """What was spent, by model."""

    def __init__(self) -> None:
        self.by_model: dict[str, Spent] = {}

    def answered(self, model: str, completion: Completion) -> None:
        spent = self._of(model)
        spent.calls += 1
        spent.usage += completion.usage
        if completion.dollars is None:
            spent.unpriced += 1
        else:
            spent.dollars += completion.dollars

    def failed(self, model: str, *, free: bool) -> None:
        spent = self._of(model)
        spent.calls += 1
        spent.failures += 1
        spent.unpriced += not free

    @property
    def dollars(self) -> float | None:
        """What all of it cost; None as soon as the price of one answer is not known."""
        if any(spent.unpriced for spent in self.by_model.values()):
            return None
        return sum(spent.dollars for spent in self.by_model.values())

    def _of(self, model: str) -> Spent:
        return self.by_model.setdefault(model, Spent())


_open: ContextVar[Bill | None] = ContextVar("bill", default=None)


@contextmanager
def billed() -> Generator[Bill]:
    """Open a bill for what is done within, also by tasks that are started there."""
    bill = Bill()
    token = _open.set(bill)
    try:
        yield bill
    finally:
        _open.reset(token)


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
            for bill in {self._books, _open.get() or self._books}:
                if came and isinstance(came[-1], Completion):
                    bill.answered(self.name, came[-1])
                else:
                    bill.failed(self.name, free=free)


_REFUSED = (RateLimited, Unavailable, TooMuch)
"""What a provider does not ask money for, as long as it has written nothing."""
