"""The language models that the settings choose. Loaded only where they choose one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeAlias

from mnemos.schemes import Scheme, links, named
from mnemos.settings import Settings, SettingsError
from mnemos_graph.errors import MnemosError, Unusable
from mnemos_graph.language.bills import Bill
from mnemos_graph.language.models.extracting import ModelExtractor
from mnemos_graph.language.models.opening import Chain, Limits, open_chain
from mnemos_graph.language.models.place import Place
from mnemos_graph.language.models.summarizing import ModelSummarizer
from mnemos_graph.language.shares import Shares

Pings: TypeAlias = MutableMapping[str, Callable[[], Awaitable[None]]]
Load = Callable[[str], Any]
"""Imports what a ``module:name`` says."""


def places(
    settings: Settings, environ: Mapping[str, str] = os.environ
) -> list[tuple[Scheme, Place]]:
    """Return where each model is that was chosen, with its key.

    Raises:
        SettingsError: a URL has no model or an unknown option, or there are more keys than models.
    """
    chosen = links(settings)
    given = [each.strip() for each in settings.model_key.split(",")] if settings.model_key else []
    if len(given) > len(chosen):
        raise SettingsError(
            f"{named('model_key')} has {len(given)} keys for {len(chosen)} of {named('model')}."
        )
    given += [""] * (len(chosen) - len(given))
    found = []
    for (scheme, url), own in zip(chosen, given, strict=True):
        usual = (environ.get(name, "") for name in scheme.keys)
        key = own or next(filter(None, usual), None)
        try:
            found.append((scheme, Place.read(url.whole, key=key, seconds=settings.model_seconds)))
        except MnemosError as wrong:
            raise SettingsError(f"{named('model')} is {url}: {wrong}") from wrong
    return found


@asynccontextmanager
async def open_understanding(
    settings: Settings, pings: Pings, books: Bill, load: Load, shares: Shares | None = None
) -> AsyncGenerator[tuple[ModelExtractor, ModelSummarizer], None]:
    """Open what asks them to extract and to summarize; add what tells how they are to ``pings``.

    ``shares``: where their limits are counted for all processes.

    Raises:
        SettingsError: one cannot be opened as it is set.
    """
    async with open_models(settings, books, load, shares) as chain:
        pings["model"] = chain.ping
        yield ModelExtractor(chain.model), ModelSummarizer(chain.model)


@asynccontextmanager
async def open_models(
    settings: Settings, books: Bill, load: Load, shares: Shares | None = None
) -> AsyncGenerator[Chain, None]:
    """Open the models, and write what they cost into ``books``.

    Raises:
        SettingsError: one cannot be opened as it is set.
    """
    limits = Limits(
        at_once=settings.model_at_once,
        requests=settings.model_requests,
        tokens=settings.model_tokens,
        shares=shares,
    )
    async with AsyncExitStack() as stack:
        try:
            opens = await _opens(settings, load)
            chain = await stack.enter_async_context(open_chain(opens, limits, books))
        except Unusable as wrong:
            raise _unset(settings, wrong) from wrong
        yield chain


async def look(settings: Settings, load: Load) -> list[tuple[str, MnemosError | None]]:
    """Ask each model whether it is there, which costs nothing; return what is wrong with each.

    Raises:
        SettingsError: what is set names no models.
    """
    found: list[tuple[str, MnemosError | None]] = []
    for open_model, place in await _opens(settings, load):
        wrong = None
        try:
            async with open_model(place) as model:
                await model.look()
        except MnemosError as error:
            wrong = error
        found.append((place.name, wrong))
    return found


async def _opens(settings: Settings, load: Load) -> list[tuple[Any, Place]]:
    return [
        (await asyncio.to_thread(load, scheme.target), place) for scheme, place in places(settings)
    ]


def _unset(settings: Settings, wrong: Unusable) -> SettingsError:
    usual = [name for scheme, _ in links(settings) for name in scheme.keys]
    hint = f" Set {named('model_key')}" + (f", or {' or '.join(usual)}." if usual else ".")
    return SettingsError(f"{named('model')}: {wrong}{hint}")
