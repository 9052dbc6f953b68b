"""Which module stands behind the URL of a part.

The one place where anything is imported late: only the parts that were chosen are loaded.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from mnemos.settings import PREFIX, Settings, SettingsError
from mnemos_graph.directory import Directory
from mnemos_graph.errors import Unavailable
from mnemos_graph.identity import LOCAL
from mnemos_graph.memory.services import Parts
from mnemos_graph.model import OrganizationId

STORES: Mapping[str, str] = {"sqlite": "mnemos_graph.sqlite:SqliteStore"}
BUSES: Mapping[str, str] = {"local": "mnemos_graph.feed:LocalBus"}
EMBEDDERS: Mapping[str, str] = {"local": "mnemos_graph.language.minilm:open_minilm", "none": ""}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a process opened: the memory's parts, and who may use them."""

    parts: Parts
    directory: Directory
    away: frozenset[str] = frozenset()
    """Parts that were chosen and cannot be opened, without which the memory does less."""


def check(settings: Settings) -> None:
    """Complain about a URL that names no part that there is.

    Raises:
        SettingsError: it names the setting, and what it may be.
    """
    _target(STORES, "store", settings.store)
    _target(BUSES, "bus", settings.bus)
    _target(EMBEDDERS, "embedder", settings.embedder)


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncGenerator[Opened, None]:
    """Open the parts that were chosen, within the running loop, and close them."""
    async with AsyncExitStack() as stack:
        open_bus = await _load(BUSES, "bus", settings.bus)
        store_class = await _load(STORES, "store", settings.store)
        store = await store_class.open(settings.data)
        stack.push_async_callback(store.close)
        directory: Directory = store.directory
        embedder = await _embedder(settings, stack)

        async def organizations() -> set[OrganizationId]:
            return {LOCAL.id, *(each.id for each in await directory.organizations())}

        yield Opened(
            parts=Parts(
                store=store, bus=open_bus(), embedder=embedder, organizations=organizations
            ),
            directory=directory,
            away=frozenset()
            if embedder or settings.embedder == "none:"
            else frozenset({"embedder"}),
        )


async def _embedder(settings: Settings, stack: AsyncExitStack) -> Any:
    """Return the embedder; None where none was chosen, and where its model cannot be had."""
    if not _target(EMBEDDERS, "embedder", settings.embedder):
        return None
    open_embedder = await _load(EMBEDDERS, "embedder", settings.embedder)
    try:
        return await stack.enter_async_context(open_embedder())
    except Unavailable as away:
        log.warning("nothing is found by meaning: %s", away)
        return None


def _target(known: Mapping[str, str], setting: str, url: str) -> str:
    scheme, colon, rest = url.partition(":")
    if scheme in known and colon and not rest:
        return known[scheme]
    choices = " or ".join(f"{each}:" for each in known)
    near = get_close_matches(scheme, known, n=1)
    hint = f" Did you mean {near[0]}:?" if near else ""
    raise SettingsError(f"{PREFIX}{setting.upper()} is {url!r}. Give {choices}.{hint}")


async def _load(known: Mapping[str, str], setting: str, url: str) -> Any:
    """Import what stands behind a URL, off the loop: it may be large."""
    module, _, name = _target(known, setting, url).partition(":")
    return getattr(await asyncio.to_thread(import_module, module), name)
