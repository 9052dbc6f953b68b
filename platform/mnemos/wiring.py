"""Opening the parts that the settings choose.

Only those that were chosen are loaded: each is imported when it is opened.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any, Protocol

from mnemos.part_url import PartUrl
from mnemos.rates import Buckets
from mnemos.schemes import Scheme, chosen, links, named
from mnemos.settings import OnOff, Settings, SettingsError, YesNo
from mnemos_graph.directory import Directory
from mnemos_graph.errors import MnemosError, TryLater, Unavailable, Unusable
from mnemos_graph.identity import LOCAL
from mnemos_graph.language.bills import Bill
from mnemos_graph.language.estimate import EstimatedTokens
from mnemos_graph.language.extractor import Extractor
from mnemos_graph.language.shares import Shares
from mnemos_graph.language.summarizer import Summarizer
from mnemos_graph.looking import Looked
from mnemos_graph.memory.kinds.levels import Levels
from mnemos_graph.memory.services import Parts
from mnemos_graph.model import OrganizationId
from mnemos_graph.store.copying import Seal
from mnemos_graph.vectors import OpenVectors, VectorStore

CHROMA = "chroma"
"""The folder of the vectors, in the data folder."""
EXTRACTOR_PATIENCE = 8.0
"""Seconds that somebody who waits for an answer waits for a language model."""
BETWEEN_TRIES = 0.5
"""Seconds until a server that is away at the start is asked again."""

_LANGUAGE_MODELS = "mnemos.language_models"

Ping = Callable[[], Awaitable[None]]
"""Asks a server whether it is there; raises ``Unavailable`` where it is not."""

log = logging.getLogger(__name__)


class Counted(Buckets, Shares, Protocol):
    """What is counted for all processes: requests that come in, and what models are asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a process opened: the memory's parts, and who may use them."""

    parts: Parts
    directory: Directory
    away: frozenset[str] = frozenset()
    """Parts that were chosen and cannot be opened, without which the memory does less."""
    pings: Mapping[str, Ping] = field(default_factory=dict)
    """The servers that it stands on, by the setting that chooses each."""
    buckets: Buckets | None = None
    """Of the rates of all processes, where there are several."""
    books: Bill = field(default_factory=Bill)
    """What language models were used for since they were opened."""


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncGenerator[Opened, None]:
    """Open the parts that were chosen, within the running loop, and close them.

    Raises:
        SettingsError: a server cannot be used as it is; the setting and the remedy are named.
        Unavailable: a server is away, also after ``start_seconds``.
        MnemosError: a part of this process cannot be opened.
    """
    async with AsyncExitStack() as stack:
        pings: dict[str, Ping] = {}
        books = Bill()
        store = await _store(settings, stack, pings)
        await _check_lives_here(settings, store)
        between, buckets = await _between(settings, stack, pings)
        open_vectors = await _vectors(settings, stack, pings)
        embedder = await _embedder(settings, stack, pings)
        previous = await _previous_embedder(settings, stack) if embedder else None
        extractor, summarizer = await _understanding(settings, stack, pings, books, buckets)
        directory: Directory = store.directory

        async def organizations() -> set[OrganizationId]:
            known = {LOCAL.id, *(each.id for each in await directory.organizations())}
            sealed = {each for each, seal in (await store.copying.stored()).items() if seal}
            return known - sealed

        remote = chosen(settings, "store").remote
        parts = Parts(
            store=store,
            embedder=embedder,
            previous=previous,
            extractor=extractor,
            summarizer=summarizer,
            extractor_patience=EXTRACTOR_PATIENCE if links(settings) else None,
            extractions_ahead=settings.model_at_once if links(settings) else 0,
            open_vectors=open_vectors,
            exact_scan=settings.exact_scan,
            working=timedelta(hours=settings.working_hours),
            levels=_levels(settings),
            consolidates=settings.consolidate is OnOff.ON,
            index_bytes=settings.index_bytes,
            rerank=settings.rerank is OnOff.ON,
            tokenizer=embedder.tokenizer if embedder else EstimatedTokens(),
            jobs_at_once=settings.jobs_at_once,
            organizations=organizations,
            others=remote,
            cache_bytes=settings.cache_bytes if remote else 0,
            **between,
        )
        missed = embedder is None and chosen(settings, "embedder").target
        away = frozenset({"embedder"} if missed else ())
        yield Opened(
            parts=parts,
            directory=directory,
            away=away,
            pings=pings,
            buckets=buckets,
            books=books,
        )


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncGenerator[Any, None]:
    """Open the store that was chosen, alone.

    Raises:
        SettingsError, MnemosError: as ``open_parts``.
    """
    async with AsyncExitStack() as stack:
        yield await _store(settings, stack, {})


async def look_at(settings: Settings, part: str) -> Looked:
    """Look at the server of a part, and change nothing.

    Raises:
        SettingsError: it cannot be used as it is.
        Unavailable: it is away.
    """
    url: PartUrl = getattr(settings, part)
    look = await asyncio.to_thread(_imported, chosen(settings, part).look)
    try:
        looked: Looked = await look(url.whole)
    except MnemosError as why:
        raise _named(part, url, why) from why
    return looked


async def look_at_models(settings: Settings) -> Sequence[tuple[str, MnemosError | None]]:
    """Ask each language model whether it is there; return what is wrong with each.

    Raises:
        SettingsError: what is set names no models.
    """
    look = await asyncio.to_thread(_imported, f"{_LANGUAGE_MODELS}:look")
    found: Sequence[tuple[str, MnemosError | None]] = await look(settings, _imported)
    return found


async def look_at_embedder(settings: Settings) -> str:
    """Ask a hosted embedder for one text; return its generation.

    Raises:
        SettingsError: it cannot be used as it is set.
        TryLater: it is away.
    """
    open_embedder = await _load(chosen(settings, "embedder"))
    async with open_embedder(settings) as embedder:
        await embedder.embed(["."], urgent=True)
        generation: str = embedder.generation
        return generation


async def _store(settings: Settings, stack: AsyncExitStack, pings: dict[str, Ping]) -> Any:
    scheme = chosen(settings, "store")
    if not scheme.remote:
        open_store = await _load(scheme)
        return await stack.enter_async_context(open_store(settings.data))
    store = await _awaited(settings, "store", stack)
    pings["store"] = _scrubbed(settings.store, store.ping)
    return store


async def _check_lives_here(settings: Settings, store: Any) -> None:
    seals = (await store.copying.stored()).values()
    if seals and all(seal is Seal.MOVED for seal in seals):
        raise SettingsError(
            f"{named('store')} is {settings.store}, from where `mnemos migrate` moved everything. "
            "Point it to the store that it was moved to."
        )


async def _between(
    settings: Settings, stack: AsyncExitStack, pings: dict[str, Ping]
) -> tuple[Mapping[str, Any], Counted | None]:
    """Return the parts of the memory that lie between processes, and the buckets of their rates."""
    if not chosen(settings, "bus").remote:
        return {}, None
    redis = await _awaited(settings, "bus", stack)
    if redis.persistent is False and settings.redis_may_forget is YesNo.NO:
        raise SettingsError(
            f"{named('bus')} is {settings.bus}: this Redis keeps nothing on disk, so that jobs "
            "would be forgotten when it restarts, and be found late. Start it with `--appendonly "
            f"yes`, or set {named('redis_may_forget')} to yes."
        )

    async def ping() -> None:
        await redis.ping()
        if not redis.bus.health.connected:
            raise Unavailable(redis.bus.health.error or "Changes of other processes are not heard.")

    pings["bus"] = _scrubbed(settings.bus, ping)
    parts = {"bus": redis.bus, "leases": redis.leases, "ready": redis.ready, "runs_jobs": False}
    return parts, redis.buckets


async def _vectors(
    settings: Settings, stack: AsyncExitStack, pings: dict[str, Ping]
) -> OpenVectors | None:
    """Return what opens the vectors when they are needed first.

    Those of this process are loaded only then. A server is asked at once, so that a wrong setting
    is told at the start; where it is merely away the memory does without it until it is back.
    """
    scheme = chosen(settings, "vectors")
    if not scheme.target:
        return None

    @asynccontextmanager
    async def opened() -> AsyncGenerator[VectorStore, None]:
        open_vectors = await _load(scheme)
        where = settings.vectors.whole if scheme.remote else settings.data / CHROMA
        async with open_vectors(where) as vectors:
            yield vectors

    if not scheme.remote:
        return opened
    server = _Vectors(settings.vectors, opened)
    pings["vectors"] = server.ping
    try:
        await server.ping()
    except Unavailable as away:
        log.warning("wide searches do without vectors: %s", away)
    return server.opened


class _Vectors:
    """A server of vectors, which need not be there when the program starts."""

    def __init__(self, url: PartUrl, open_vectors: OpenVectors) -> None:
        self._url = url
        self._open = open_vectors
        self._ping: Ping | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[VectorStore, None]:
        async with self._open() as vectors:
            self._ping = getattr(vectors, "ping", None)
            try:
                yield vectors
            finally:
                self._ping = None

    async def ping(self) -> None:
        try:
            if self._ping is not None:
                await self._ping()
            else:
                async with self._open():
                    pass
        except MnemosError as why:
            raise _named("vectors", self._url, why) from why


def _scrubbed(url: PartUrl, ping: Ping) -> Ping:
    """Return a ping whose complaint has none of the URL's secrets, whatever a library says."""

    async def scrubbed() -> None:
        try:
            await ping()
        except MnemosError as why:
            raise Unavailable(url.without_secrets(str(why))) from why

    return scrubbed


async def _awaited(settings: Settings, part: str, stack: AsyncExitStack) -> Any:
    """Open the server of a part, waiting for it a while if it is away."""
    url: PartUrl = getattr(settings, part)
    open_part = await _load(chosen(settings, part))
    loop = asyncio.get_running_loop()
    give_up = loop.time() + settings.start_seconds
    waiting = False
    while True:
        try:
            return await stack.enter_async_context(open_part(url.whole))
        except MnemosError as why:
            told = _named(part, url, why)
            if not why.retryable or loop.time() > give_up:
                raise told from why
            if not waiting:
                log.warning("waiting up to %g s: %s", settings.start_seconds, told)
                waiting = True
        await asyncio.sleep(BETWEEN_TRIES)


def _named(part: str, url: PartUrl, why: MnemosError) -> Exception:
    """Return what a part complains of, with the setting that it is about and without secrets."""
    told = f"{named(part)} is {url}: {url.without_secrets(str(why))}"
    later = why.retryable and not isinstance(why, Unusable)
    return Unavailable(told) if later else SettingsError(told)


async def _embedder(settings: Settings, stack: AsyncExitStack, pings: dict[str, Ping]) -> Any:
    """Return the embedder; None where none was chosen, and where its model cannot be had."""
    scheme = chosen(settings, "embedder")
    if not scheme.target:
        return None
    open_embedder = await _load(scheme)
    try:
        if not scheme.remote:
            return await stack.enter_async_context(open_embedder())
        embedder = await stack.enter_async_context(open_embedder(settings))
        pings["embedder"] = embedder.ping
    except TryLater as away:
        log.warning("nothing is found by meaning: %s", away)
        return None
    else:
        return embedder


async def _previous_embedder(settings: Settings, stack: AsyncExitStack) -> Any:
    """Return the embedder that was set before; None where none is named, and while it is away."""
    part = "embedder_previous"
    scheme = chosen(settings, part)
    if not scheme.target:
        return None
    open_embedder = await _load(scheme)
    opening = open_embedder(settings, part=part) if scheme.remote else open_embedder()
    try:
        return await stack.enter_async_context(opening)
    except TryLater as away:
        log.warning("what has no vectors yet is found by words alone: %s", away)
        return None


def _levels(settings: Settings) -> Levels | None:
    if settings.levels is YesNo.NO:
        return None
    return Levels(timedelta(days=settings.unused_days) if settings.unused_days else None)


async def _understanding(
    settings: Settings,
    stack: AsyncExitStack,
    pings: dict[str, Ping],
    books: Bill,
    shares: Shares | None,
) -> tuple[Extractor | None, Summarizer | None]:
    """Return what understands what is told, and what says in short what is known."""
    scheme = chosen(settings, "model")
    if not scheme.target:
        return None, None
    if not links(settings):
        return (await _load(scheme))(), None
    open_both = await asyncio.to_thread(_imported, f"{_LANGUAGE_MODELS}:open_understanding")
    opening = open_both(settings, pings, books, _imported, shares)
    both: tuple[Extractor, Summarizer] = await stack.enter_async_context(opening)
    return both


async def _load(scheme: Scheme) -> Any:
    """Import what stands behind a URL, off the loop: it may be large."""
    return await asyncio.to_thread(_imported, scheme.target)


def _imported(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
