"""Everything that the memory does, put together over the parts that it stands on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from mnemos_graph.cache.opening import open_stores
from mnemos_graph.feed import Bus, Feed, Journal, LocalBus
from mnemos_graph.index.shelf import MOST_BYTES, Shelf
from mnemos_graph.language.embedder import Embedder, RemembersTexts
from mnemos_graph.language.estimate import EstimatedTokens
from mnemos_graph.language.extractor import Extractor
from mnemos_graph.language.offline.extractor import OfflineExtractor
from mnemos_graph.language.summarizer import Summarizer
from mnemos_graph.leases import Leases, LocalLeases
from mnemos_graph.memory.consolidating.consolidating import CONSOLIDATE, Consolidating
from mnemos_graph.memory.consolidating.consolidating import EVERY as BETWEEN_PASSES
from mnemos_graph.memory.consolidating.passes import Passes
from mnemos_graph.memory.context.context import Composer
from mnemos_graph.memory.context.kept_templates import Templates
from mnemos_graph.memory.context.packing import CountsTokens
from mnemos_graph.memory.expiring import EVERY as BETWEEN_EXPIRIES
from mnemos_graph.memory.expiring import EXPIRE, Expiring
from mnemos_graph.memory.facts.entities import Entities
from mnemos_graph.memory.facts.episodes import Episodes
from mnemos_graph.memory.facts.facts import Facts
from mnemos_graph.memory.forget import FORGET_USER, Forgetting, Scrub, Scrubs
from mnemos_graph.memory.indexing.collecting import OUTGROWN, Collecting
from mnemos_graph.memory.indexing.indexing import Indexer, IndexingJournal
from mnemos_graph.memory.indexing.opening import Embedders, Indexing, Wide, open_indexing
from mnemos_graph.memory.indexing.reembedding import Reembedding
from mnemos_graph.memory.indexing.reindexing import Reindexing
from mnemos_graph.memory.jobs import heart, watch
from mnemos_graph.memory.jobs.heart import Heart
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.jobs.runner import AT_ONCE, Handler, Runner
from mnemos_graph.memory.jobs.watch import Watch
from mnemos_graph.memory.kinds.feedback import Feedback
from mnemos_graph.memory.kinds.levels import Levels
from mnemos_graph.memory.kinds.pinning import Pinning
from mnemos_graph.memory.kinds.types import WORKING_LASTS, Types
from mnemos_graph.memory.kinds.uses import EVERY as BETWEEN_WRITES
from mnemos_graph.memory.kinds.uses import Uses
from mnemos_graph.memory.leveling import EVERY as BETWEEN_WALKS
from mnemos_graph.memory.leveling import Leveling
from mnemos_graph.memory.recall.live import LiveRecall
from mnemos_graph.memory.recall.recall import Recall
from mnemos_graph.memory.receipts import Receipts
from mnemos_graph.memory.records.blocks import Blocks
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.remember.ontologies import Ontologies
from mnemos_graph.memory.remember.readings import Sweeper
from mnemos_graph.memory.remember.remember import PENDING, Rememberer
from mnemos_graph.memory.remember.remember_many import REMEMBER_MANY, RememberingMany
from mnemos_graph.memory.rounds import Rounds
from mnemos_graph.memory.sweeping import EVERY as BETWEEN_SWEEPS
from mnemos_graph.memory.sweeping import Sweeping
from mnemos_graph.memory.transfer.importing import IMPORT, Importing
from mnemos_graph.memory.watching.watching import Watching
from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.ready import LocalReady, ReadyJobs
from mnemos_graph.store import GraphStore
from mnemos_graph.vectors import OpenVectors
from mnemos_graph.witness.grounds import Grounds
from mnemos_graph.witness.store import WitnessedStore
from mnemos_graph.witness.witness import noted

Look = tuple[str, Callable[[], Awaitable[int]], float]
"""Of what is looked at again and again: its name, how it is, and every how many seconds."""


def now() -> datetime:
    return datetime.now(UTC)


async def nobody() -> Collection[OrganizationId]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the memory stands on. Whoever opened a part closes it, after the services."""

    store: GraphStore
    bus: Bus = field(default_factory=LocalBus)
    embedder: Embedder | None = None
    """None: nothing is found by vector."""
    previous: Embedder | None = None
    """The one that was set before, to be asked until all has vectors of the other."""
    rerank: bool = True
    """Whether vectors of tokens are kept, where the embedder has them, to look at the best again."""
    open_vectors: OpenVectors | None = None
    """For organizations that outgrow the exact scan; None: they are scanned all the same."""
    exact_scan: int = OUTGROWN
    """Memories up to which an organization is scanned exactly."""
    index_bytes: int = MOST_BYTES
    """What the partition indexes that are kept ready may take."""
    cache_bytes: int = 0
    """What may be kept of records that were read; 0: nothing, for a store in this process."""
    tokenizer: CountsTokens = field(default_factory=EstimatedTokens)
    """Whose tokens the budget of a context counts."""
    extractor: Extractor | None = field(default_factory=OfflineExtractor)
    """None: what is told is kept, and decided about once there is one."""
    working: timedelta = WORKING_LASTS
    """How long a WORKING memory is kept that has been given no expiry."""
    extractor_patience: float | None = None
    """Seconds that the extractor may take while somebody waits; then a job goes on."""
    extractions_ahead: int = 0
    """Tellings of one job that are read at the same time; 0: each when it is its turn."""
    levels: Levels | None = None
    """By what memories move up and down; None: they stay where they are."""
    consolidates: bool = False
    """Whether what is known is improved in the background, where it is quiet."""
    summarizer: Summarizer | None = None
    """Writes what is known of an entity in a few sentences; None: by rules."""
    clock: Callable[[], datetime] = now
    leases: Leases = field(default_factory=LocalLeases)
    """For what only one of the processes over this store should do at a time."""
    ready: ReadyJobs = field(default_factory=LocalReady)
    """Says to those who work jobs off which there are."""
    others: bool = False
    """Whether there are other processes on the same store."""
    runs_jobs: bool = True
    """Whether this process works jobs off; another one does, where it does not."""
    jobs_at_once: int = AT_ONCE
    jobs_drain: float = 0.0
    """Seconds that jobs which are under way may go on for at the end, before they are put back."""
    organizations: Callable[[], Awaitable[Collection[OrganizationId]]] = nobody
    """Those whose jobs and vectors are gone on with at the start, and whose stale receipts go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the product does. Every operation takes the caller's ``Access`` first."""

    store: GraphStore
    clock: Callable[[], datetime]
    feed: Feed
    journal: Journal
    """By which everything is written."""
    grounds: Grounds
    """What answers that are kept stand on."""
    indexer: Indexer | None
    collecting: Collecting | None
    reindexing: Reindexing | None
    reembedding: Reembedding | None
    memories: Memories
    pinning: Pinning
    feedback: Feedback
    uses: Uses
    facts: Facts
    entities: Entities
    blocks: Blocks
    episodes: Episodes
    rememberer: Rememberer
    remembering_many: RememberingMany
    jobs: Jobs
    runner: Runner | None
    """None: this process works no jobs off."""
    forgetting: Forgetting
    recall: Recall
    live: LiveRecall
    watching: Watching
    consolidating: Consolidating
    composer: Composer
    templates: Templates
    ontologies: Ontologies
    importing: Importing
    wait_for: Callable[[OrganizationId, Position], Awaitable[None]]
    """Wait until a position that somebody was told is visible here: see ``cache.opening``."""


@asynccontextmanager
async def open_services(parts: Parts) -> AsyncGenerator[Services, None]:
    """Open every service within the running event loop; on the way out, end all that follows."""
    parts = replace(parts, clock=noted(parts.clock))
    async with Feed(parts.store, parts.bus) as feed, AsyncExitStack() as stack:
        feed.on_erasure = _forget_texts(parts)  # also where another process erased
        organizations = await parts.organizations()
        stores = await stack.enter_async_context(open_stores(parts.store, feed, parts.cache_bytes))
        grounds = Grounds(feed, stores.reading, parts.clock)
        stack.push_async_callback(grounds.close)
        store = WitnessedStore(stores.reading, grounds.committed)
        deciding = WitnessedStore(stores.deciding, grounds.committed)
        jobs = Jobs(Journal(deciding, parts.bus), parts.clock, parts.ready)
        indexing = await _indexing(parts, store, feed, jobs, stack)
        journal = IndexingJournal(deciding, parts.bus, *indexing.indexers)
        types = Types(parts.working)
        rememberer = Rememberer(
            journal,
            jobs,
            parts.clock,
            extractor=parts.extractor,
            embedder=parts.embedder,
            types=types,
            patience=parts.extractor_patience,
            ahead=parts.extractions_ahead,
        )
        many, forgetting = (
            RememberingMany(jobs, rememberer, parts.clock),
            Forgetting(journal, jobs, _scrubs(parts, indexing)),
        )
        importing = Importing(journal, jobs, rememberer, parts.clock)
        handlers: dict[str, Handler] = {
            REMEMBER_MANY: many.handle,
            PENDING: rememberer.handle,
            FORGET_USER: forgetting.handle,
            IMPORT: importing.handle,
        }
        handlers |= indexing.handlers
        for organization in organizations:
            if indexing.makers:
                indexing.makers.follow(organization)
        expiring = Expiring(journal, jobs, parts.clock, parts.organizations)
        handlers[EXPIRE] = expiring.handle
        passes = Passes(journal, parts.clock, parts.embedder, parts.summarizer)
        consolidating = Consolidating(parts.store, jobs, passes, parts.clock, parts.organizations)
        handlers[CONSOLIDATE] = consolidating.handle
        uses = Uses(parts.store, parts.clock, every=BETWEEN_WRITES if parts.levels else None)
        await stack.enter_async_context(uses)
        runner = None
        if parts.runs_jobs:
            looks: list[Look] = [("expiry", expiring.look, BETWEEN_EXPIRIES)]
            if parts.consolidates:
                looks.append(("consolidation", consolidating.look, BETWEEN_PASSES))
            await _go_round(parts, journal, jobs, looks, stack)
            runner = await _work_off(parts, journal, jobs, handlers, stack)
        shelf = await stack.enter_async_context(
            Shelf(
                store,
                indexing.generations.vectors,
                tokens=indexing.generations.tokens,
                most_bytes=parts.index_bytes,
            )
        )
        recall = Recall(
            store, shelf, parts.embedder, parts.clock, makers=indexing.makers, rerank=parts.rerank
        )
        yield Services(
            store=store,
            clock=parts.clock,
            feed=feed,
            journal=journal,
            grounds=grounds,
            indexer=indexing.indexer,
            collecting=indexing.collecting,
            reindexing=indexing.reindexing,
            reembedding=indexing.reembedding,
            memories=Memories(journal, parts.clock, types),
            pinning=Pinning(journal, parts.clock, types),
            feedback=Feedback(journal, parts.clock),
            uses=uses,
            facts=Facts(journal, parts.clock),
            entities=Entities(journal, parts.clock),
            blocks=Blocks(journal, parts.clock),
            episodes=Episodes(journal, parts.clock),
            rememberer=rememberer,
            remembering_many=many,
            jobs=jobs,
            runner=runner,
            forgetting=forgetting,
            recall=recall,
            live=LiveRecall(
                recall, feed, store, parts.clock, vectors_come=parts.embedder is not None
            ),
            watching=Watching(store, feed, recall, parts.clock),
            consolidating=consolidating,
            composer=Composer(store, recall, parts.tokenizer, parts.clock),
            templates=Templates(journal, parts.clock),
            ontologies=Ontologies(journal, parts.clock),
            importing=importing,
            wait_for=stores.wait_for,
        )


async def _work_off(
    parts: Parts,
    journal: Journal,
    jobs: Jobs,
    handlers: Mapping[str, Handler],
    stack: AsyncExitStack,
) -> Runner:
    """Work jobs off, those that were left behind too, and watch that none is left alone."""
    if not parts.others:
        await jobs.take_up(await parts.organizations())
    beats = Heart(parts.store, every=heart.EVERY if parts.others else None)
    watching = Watch(parts.store, jobs, beats, parts.organizations)
    await stack.enter_async_context(Rounds("jobs", parts.leases, watching.look, every=watch.EVERY))
    await stack.enter_async_context(beats)
    return await stack.enter_async_context(
        Runner(
            journal,
            jobs,
            handlers,
            parts.clock,
            heart=beats,
            at_once=parts.jobs_at_once,
            drain=parts.jobs_drain,
        )
    )


async def _go_round(
    parts: Parts, journal: Journal, jobs: Jobs, looks: Sequence[Look], stack: AsyncExitStack
) -> None:
    receipts = Receipts(parts.store, parts.clock)
    readings = Sweeper(parts.store, parts.clock)
    sweeping = Sweeping(parts.organizations, receipts.sweep, jobs.sweep, readings.sweep)
    rounds: list[Look] = [*looks, ("sweeping", sweeping.sweep, BETWEEN_SWEEPS)]
    if parts.levels is not None:
        leveling = Leveling(journal, parts.store, parts.clock, parts.organizations, parts.levels)
        rounds.append(("levels", leveling.look, BETWEEN_WALKS))
    for name, go, every in rounds:
        await stack.enter_async_context(Rounds(name, parts.leases, go, every=every))


async def _indexing(
    parts: Parts, reading: GraphStore, feed: Feed, jobs: Jobs, stack: AsyncExitStack
) -> Indexing:
    if parts.embedder is None:
        return Indexing()
    wide = parts.open_vectors and Wide(open_vectors=parts.open_vectors, outgrown=parts.exact_scan)
    return await open_indexing(
        stack,
        Embedders(configured=parts.embedder, previous=parts.previous, tokens=parts.rerank),
        wide,
        store=parts.store,
        reading=reading,
        feed=feed,
        jobs=jobs,
        leases=parts.leases,
        others=parts.others,
    )


def _scrubs(parts: Parts, indexing: Indexing) -> list[Scrub]:
    """Return what drops the words of somebody who is forgotten, beside the journal's store."""
    scrubs: list[Scrub] = [collecting.scrub for collecting in indexing.collectings]
    if isinstance(parts.store, Scrubs):
        files = parts.store
        scrubs.append(lambda _: files.scrub())
    forget_texts = _forget_texts(parts)

    async def forget(organization: OrganizationId) -> None:
        forget_texts()

    return [*scrubs, forget]


def _forget_texts(parts: Parts) -> Callable[[], None]:
    embedders: tuple[object, ...] = (parts.embedder, parts.previous)
    remembering = [each for each in embedders if isinstance(each, RemembersTexts)]

    def forget() -> None:
        for each in remembering:
            each.forget()

    return forget
