"""What models were used for: tokens and dollars, for each operation and since the start.

Who asks for what is far from where a model is called, and nothing in between has to do with money.
So an operation opens a bill for itself and for every task that it starts, and each call of a model
is written on the bill that is open where it is made. Work that goes on after the answer is on its
job's bill.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens, as the provider counted them."""

    read: int = 0
    """All of the request, also what is in ``cached`` and ``kept``."""
    cached: int = 0
    """Of those, what the provider still had of earlier requests."""
    kept: int = 0
    """Of those, what it kept for later ones at a price of its own."""
    written: int = 0
    """All of the answer, thoughts included."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            read=self.read + other.read,
            cached=self.cached + other.cached,
            kept=self.kept + other.kept,
            written=self.written + other.written,
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

    def answered(self, model: str, usage: Usage, dollars: float | None) -> None:
        spent = self._of(model)
        spent.calls += 1
        spent.usage += usage
        if dollars is None:
            spent.unpriced += 1
        else:
            spent.dollars += dollars

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
def billed(bill: Bill | None = None) -> Generator[Bill]:
    """Open a bill, a new one where none is given, for what is done within and by tasks from there."""
    bill = bill or Bill()
    token = _open.set(bill)
    try:
        yield bill
    finally:
        _open.reset(token)


def open_bill() -> Bill | None:
    """Return the bill on which a call that is made here is written."""
    return _open.get()
