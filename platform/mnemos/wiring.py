"""Which module stands behind the URL of a part.

The one place where anything is imported late: only the parts that were chosen are loaded.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from mnemos.settings import PREFIX, Settings, SettingsError
from mnemos_graph.directory import Directory
from mnemos_graph.identity import LOCAL
from mnemos_graph.memory.services import Parts
from mnemos_graph.model import OrganizationId

STORES: Mapping[str, str] = {"sqlite": "mnemos_graph.sqlite:SqliteStore"}
BUSES: Mapping[str, str] = {"local": "mnemos_graph.feed:LocalBus"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a process opened: the memory's parts, and who may use them."""

    parts: Parts
    directory: Directory


def check(settings: Settings) -> None:
    """Complain about a URL that names no part that there is.

    Raises:
        SettingsError: it names the setting, and what it may be.
    """
    _target(STORES, "store", settings.store)
    _target(BUSES, "bus", settings.bus)


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncGenerator[Opened, None]:
    """Open the parts that were chosen, within the running loop, and close them."""
    async with AsyncExitStack() as stack:
        store_class, bus_class = await asyncio.to_thread(
            lambda: (
                _load(_target(STORES, "store", settings.store)),
                _load(_target(BUSES, "bus", settings.bus)),
            )
        )
        store = await store_class.open(settings.data)
        stack.push_async_callback(store.close)
        directory: Directory = store.directory

        async def organizations() -> set[OrganizationId]:
            return {LOCAL.id, *(each.id for each in await directory.organizations())}

        parts = Parts(store=store, bus=bus_class(), organizations=organizations)
        yield Opened(parts=parts, directory=directory)


def _target(known: Mapping[str, str], setting: str, url: str) -> str:
    scheme, colon, rest = url.partition(":")
    if scheme in known and colon and not rest:
        return known[scheme]
    choices = " or ".join(f"{each}:" for each in known)
    near = get_close_matches(scheme, known, n=1)
    hint = f" Did you mean {near[0]}:?" if near else ""
    raise SettingsError(f"{PREFIX}{setting.upper()} is {url!r}. Give {choices}.{hint}")


def _load(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
