"""The vectors of tokens stand beside memories while they are wanted, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from mnemos_graph.feed import Feed, Journal, LocalBus
from mnemos_graph.memory.indexing.indexing import Indexer, IndexingJournal
from mnemos_graph.model import Memory, Position, RecordKind
from mnemos_graph.store import ChangeSet, DerivedRef, Erase, GraphStore, Put
from tests.conformance.samples import ACME, memory
from tests.embedders import TokenWordEmbedder


@asynccontextmanager
async def writing(
    store: GraphStore, embedder: TokenWordEmbedder, *, tokens: bool = True
) -> AsyncIterator[tuple[IndexingJournal, Indexer]]:
    bus = LocalBus()
    async with Feed(store, bus) as feed, Indexer(store, feed, embedder, tokens=tokens) as indexer:
        yield IndexingJournal(store, bus, indexer), indexer


async def put(journal: Journal, *memories: Memory) -> Position:
    return (await journal.commit(ACME, ChangeSet(tuple(map(Put, memories))))).last


async def kept(store: GraphStore, of: Memory, version: int = 1) -> bytes | None:
    ref = DerivedRef(of.id, version, TokenWordEmbedder.token_generation)
    return (await store.derived(ACME, [ref])).get(ref)


async def test_a_memory_has_its_token_vectors_when_its_commit_is_answered(
    store: GraphStore,
) -> None:
    tea, embedder = memory("green tea"), TokenWordEmbedder()
    async with writing(store, embedder) as (journal, _):
        await put(journal, tea)
    (reading,) = await embedder.read(["green tea"])
    assert await kept(store, tea) == reading.tokens.tobytes()


async def test_where_they_are_not_wanted_none_are_kept(store: GraphStore) -> None:
    tea = memory("green tea")
    async with writing(store, TokenWordEmbedder(), tokens=False) as (journal, indexer):
        position = await put(journal, tea)
        await indexer.passed(ACME.organization, position)
    assert await kept(store, tea) is None


async def test_a_changed_memory_gets_new_ones_and_an_unchanged_text_keeps_them(
    store: GraphStore,
) -> None:
    tea, embedder = memory("green tea"), TokenWordEmbedder()
    async with writing(store, embedder) as (journal, _):
        await put(journal, tea)
        await put(journal, replace(tea, version=2, importance=0.9))
        await put(journal, replace(tea, version=3, text="black coffee"))
    first, second, third = [await kept(store, tea, version) for version in (1, 2, 3)]
    assert first == second is not None
    assert third not in (first, None)
    assert embedder.texts == ["green tea", "black coffee"]


async def test_what_was_kept_before_they_were_wanted_is_filled(store: GraphStore) -> None:
    tea = memory("green tea")
    async with writing(store, TokenWordEmbedder(), tokens=False) as (journal, indexer):
        position = await put(journal, tea)
        await indexer.passed(ACME.organization, position)
    async with writing(store, TokenWordEmbedder()) as (_, indexer):
        await indexer.passed(ACME.organization, position)
    assert await kept(store, tea) is not None


async def test_switched_off_they_are_dropped_and_switched_on_again_filled(
    store: GraphStore,
) -> None:
    tea = memory("green tea")
    async with writing(store, TokenWordEmbedder()) as (journal, indexer):
        position = await put(journal, tea, memory("milk"))
        await indexer.passed(ACME.organization, position)
    for wanted in (False, True):
        async with writing(store, TokenWordEmbedder(), tokens=wanted) as (_, indexer):
            await indexer.passed(ACME.organization, position)
        assert (await kept(store, tea) is not None) is wanted


async def test_what_is_erased_leaves_none(store: GraphStore) -> None:
    tea = memory("green tea")
    async with writing(store, TokenWordEmbedder()) as (journal, _):
        await put(journal, tea)
        await put(journal, replace(tea, version=2, text="black coffee"))
        await journal.commit(ACME, ChangeSet((Erase(RecordKind.MEMORY, tea.id),)))
    assert [await kept(store, tea, version) for version in (1, 2)] == [None, None]
