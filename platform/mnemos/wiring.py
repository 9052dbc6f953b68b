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
from mnemos_graph.language.extractor import Extractor
from mnemos_graph.memory.context.packing import EstimatedTokens
from mnemos_graph.memory.services import Parts
from mnemos_graph.model import OrganizationId
from mnemos_graph.vectors import OpenVectors, VectorStore

STORES: Mapping[str, str] = {"sqlite": "mnemos_graph.sqlite:SqliteStore"}
BUSES: Mapping[str, str] = {"local": "mnemos_graph.feed:LocalBus"}
VECTORS: Mapping[str, str] = {"chroma": "mnemos_graph.vectors.chroma:open_chroma", "none": ""}
EMBEDDERS: Mapping[str, str] = {"local": "mnemos_graph.language.minilm:open_minilm", "none": ""}
MODELS: Mapping[str, str] = {
    "offline": "mnemos_graph.language.offline.extractor:OfflineExtractor",
    "none": "",
}

NONE = "none:"
"""In place of a part that the memory can do without."""
CHROMA = "chroma"
"""The folder of the vectors, in the data folder."""

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
    _target(VECTORS, "vectors", settings.vectors)
    _target(EMBEDDERS, "embedder", settings.embedder)
    _target(MODELS, "model", settings.model)


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

        parts = Parts(
            store=store,
            bus=open_bus(),
            embedder=embedder,
            extractor=await _extractor(settings),
            open_vectors=_open_vectors(settings),
            exact_scan=settings.exact_scan,
            index_bytes=settings.index_bytes,
            tokenizer=embedder.tokenizer if embedder else EstimatedTokens(),
            organizations=organizations,
        )
        away = {"embedder"} if embedder is None and settings.embedder != NONE else set()
        yield Opened(parts=parts, directory=directory, away=frozenset(away))


def _open_vectors(settings: Settings) -> OpenVectors | None:
    """Return what opens the vectors when they are needed first, and only then imports them."""
    if settings.vectors == NONE:
        return None

    @asynccontextmanager
    async def opened() -> AsyncGenerator[VectorStore, None]:
        open_vectors = await _load(VECTORS, "vectors", settings.vectors)
        async with open_vectors(settings.data / CHROMA) as vectors:
            yield vectors

    return opened


async def _embedder(settings: Settings, stack: AsyncExitStack) -> Any:
    """Return the embedder; None where none was chosen, and where its model cannot be had."""
    if settings.embedder == NONE:
        return None
    open_embedder = await _load(EMBEDDERS, "embedder", settings.embedder)
    try:
        return await stack.enter_async_context(open_embedder())
    except Unavailable as away:
        log.warning("nothing is found by meaning: %s", away)
        return None


async def _extractor(settings: Settings) -> Extractor | None:
    if settings.model == NONE:
        return None
    extractor: Extractor = (await _load(MODELS, "model", settings.model))()
    return extractor


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
