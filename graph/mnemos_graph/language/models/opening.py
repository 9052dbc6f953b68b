"""A chain of models, each with everything around it that it needs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from mnemos_graph.errors import Unavailable
from mnemos_graph.language.bills import Bill
from mnemos_graph.language.models.accounting import Accounted
from mnemos_graph.language.models.breaking import Guarded
from mnemos_graph.language.models.falling_back import Fallbacks
from mnemos_graph.language.models.limiting import Bucket, Limited, Minute
from mnemos_graph.language.models.place import Place
from mnemos_graph.language.models.protocol import LanguageModel
from mnemos_graph.language.models.retrying import Retrying
from mnemos_graph.language.models.sharing import SharedBucket
from mnemos_graph.language.models.timing import Timed
from mnemos_graph.language.shares import Shares

Open: TypeAlias = Callable[[Place], AbstractAsyncContextManager[LanguageModel]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What holds for each model of a chain by itself."""

    at_once: int = 10
    requests: int = 0
    """A minute; 0: no limit."""
    tokens: int = 0
    """A minute, read and written; 0: no limit."""
    shares: Shares | None = None
    """Where the minute is counted for all processes; None: each counts for itself."""


@dataclass(frozen=True, slots=True)
class Chain:
    model: LanguageModel
    guarded: tuple[Guarded, ...]

    async def ping(self) -> None:
        """Tell whether one of the models could answer when it was asked last.

        Raises:
            Unavailable: none could.
        """
        for guarded in self.guarded:
            try:
                return await guarded.ping()
            except Unavailable as away:
                told = away
        raise told


@asynccontextmanager
async def open_chain(
    links: Sequence[tuple[Open, Place]], limits: Limits, books: Bill
) -> AsyncGenerator[Chain, None]:
    """Open models that stand in for each other, in order; at least one.

    From the inside out: what a call cost is written down, its time is bounded, what fails again and
    again is left alone, only so much is asked at once and in a minute, what may pass is tried
    again, and then the next model is asked.

    Raises:
        Unusable: one of them cannot be opened as it is set.
    """
    async with AsyncExitStack() as stack:
        guarded, models = [], []
        for open_model, place in links:
            provider = await stack.enter_async_context(open_model(place))
            timed = Timed(Accounted(provider, books, place.price), place.seconds)
            guarded.append(Guarded(timed))
            models.append(Retrying(_limited(guarded[-1], limits)))
        yield Chain(models[0] if len(models) == 1 else Fallbacks(models), tuple(guarded))


def _limited(model: LanguageModel, limits: Limits) -> Limited:
    return Limited(
        model,
        at_once=limits.at_once,
        requests=_minute(f"{model.name} requests", limits.requests, limits.shares),
        tokens=_minute(f"{model.name} tokens", limits.tokens, limits.shares),
    )


def _minute(name: str, most: int, shares: Shares | None) -> Minute | None:
    if not most:
        return None
    return SharedBucket(name, most, shares) if shares else Bucket(most)
