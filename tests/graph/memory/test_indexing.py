from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from mnemos_graph.errors import Conflict
from mnemos_graph.feed import Feed, Journal, LocalBus
from mnemos_graph.memory.indexing.embedding import said
from mnemos_graph.memory.indexing.indexing import Indexer, IndexingJournal
from mnemos_graph.model import Access, Memory, Position, RecordKind
from mnemos_graph.store import ChangeSet, Delete, DerivedRef, Erase, GraphStore, Put
from tests.conformance.samples import ACME, GLOBEX, memory
from tests.embedders import WINDOW, WordEmbedder


class BreaksOn(WordEmbedder):
    """Has a defect that one word brings out."""

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        if any("abracadabra" in text for text in texts):
            raise ZeroDivisionError
        return await super().embed(texts)


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture
async def feed(store: GraphStore, bus: LocalBus) -> AsyncIterator[Feed]:
    async with Feed(store, bus) as opened:
        yield opened


@pytest.fixture
async def indexer(store: GraphStore, feed: Feed, embedder: WordEmbedder) -> AsyncIterator[Indexer]:
    async with Indexer(store, feed, embedder, retry_seconds=(0.01,)) as opened:
        yield opened


@pytest.fixture
def writer(store: GraphStore, bus: LocalBus, indexer: Indexer) -> IndexingJournal:
    return IndexingJournal(store, bus, indexer)


@pytest.fixture
def other(store: GraphStore, bus: LocalBus) -> Journal:
    """Writes and leaves the vectors to others."""
    return Journal(store, bus)


async def put(journal: Journal, *memories: Memory, access: Access = ACME) -> Position:
    return (await journal.commit(access, ChangeSet(tuple(map(Put, memories))))).last


async def rows(
    store: GraphStore, kept: Memory, access: Access = ACME, generation: str = "words 1"
) -> NDArray[np.float16] | None:
    ref = DerivedRef(kept.id, kept.version, generation)
    data = (await store.derived(access, [ref])).get(ref)
    return None if data is None else np.frombuffer(data, np.float16).reshape(-1, 64)


async def passed(indexer: Indexer, position: int, access: Access = ACME) -> None:
    async with asyncio.timeout(10):
        await indexer.passed(access.organization, Position(position))


async def test_a_memory_has_its_vector_when_its_commit_is_answered(
    store: GraphStore, writer: IndexingJournal, embedder: WordEmbedder
) -> None:
    tea = memory("likes tea", speaker="Ann")
    await put(writer, tea)
    kept = await rows(store, tea)
    (expected,) = await embedder.embed(["Ann: likes tea"])
    assert kept is not None
    assert kept.tolist() == expected.astype(np.float16).tolist()


async def test_a_long_text_has_a_row_for_each_window(
    store: GraphStore, writer: IndexingJournal
) -> None:
    long = memory(" ".join(f"word{n}" for n in range(3 * WINDOW)))
    await put(writer, long)
    kept = await rows(store, long)
    assert kept is not None
    assert kept.shape == (3, 64)


async def test_what_a_writer_embeds_is_not_embedded_again_by_the_follower(
    writer: IndexingJournal, indexer: Indexer, embedder: WordEmbedder
) -> None:
    memories = [memory(f"note {n}") for n in range(50)]
    positions = await asyncio.gather(*(put(writer, each) for each in memories))
    await passed(indexer, max(positions))
    assert sorted(embedder.texts) == sorted(each.text for each in memories)


async def test_what_a_writer_kept_the_follower_does_not_look_for(
    store: GraphStore, feed: Feed, bus: LocalBus, embedder: WordEmbedder
) -> None:
    asked: list[DerivedRef] = []

    class Watched:
        """The store, and what was asked for of what it keeps."""

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        async def derived(self, access: Access, refs: Sequence[DerivedRef]) -> Any:
            asked.extend(refs)
            return await store.derived(access, refs)

    watched = cast("GraphStore", Watched())
    async with Indexer(watched, feed, embedder) as indexer:
        journal = IndexingJournal(store, bus, indexer)
        own, others = memory("Ann plays chess."), memory("Bob sails.")
        await passed(indexer, await put(journal, memory("Mia paints.")))
        await put(journal, own)
        await passed(indexer, await put(Journal(store, bus), others))
    assert others.id in {ref.id for ref in asked}
    assert own.id not in {ref.id for ref in asked}


async def test_what_others_wrote_is_embedded_by_following(
    store: GraphStore, other: Journal, indexer: Indexer
) -> None:
    before, after = memory("before"), memory("after")
    await put(other, before)
    indexer.follow(ACME.organization)
    await passed(indexer, await put(other, after))
    assert await rows(store, before) is not None
    assert await rows(store, after) is not None


async def test_a_write_goes_on_without_the_model_and_is_caught_up(
    store: GraphStore, writer: IndexingJournal, indexer: Indexer, embedder: WordEmbedder
) -> None:
    embedder.away = True
    tea = memory("tea")
    position = await put(writer, tea)
    assert await rows(store, tea) is None
    embedder.away = False
    await passed(indexer, position)
    assert await rows(store, tea) is not None


async def test_a_version_that_says_the_same_needs_no_model(
    store: GraphStore, writer: IndexingJournal, embedder: WordEmbedder
) -> None:
    tea = memory("tea")
    await put(writer, tea)
    dearer = replace(tea, importance=0.9, version=2)
    await put(writer, dearer)
    coffee = replace(dearer, text="coffee", version=3)
    await put(writer, coffee)
    assert embedder.texts == ["tea", "coffee"]
    first, second, third = [await rows(store, each) for each in (tea, dearer, coffee)]
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.tolist() == second.tolist() != third.tolist()


async def test_who_lost_a_race_leaves_no_vector(
    store: GraphStore, writer: IndexingJournal, indexer: Indexer, embedder: WordEmbedder
) -> None:
    tea = memory("tea")
    position = await put(writer, tea)
    with pytest.raises(Conflict):
        await put(writer, replace(tea, text="coffee"))
    await passed(indexer, position)
    kept, (expected,) = await rows(store, tea), await embedder.embed(["tea"])
    assert kept is not None
    assert kept.tolist() == expected.astype(np.float16).tolist()


async def test_what_is_gone_is_never_embedded(
    store: GraphStore, other: Journal, indexer: Indexer, embedder: WordEmbedder
) -> None:
    deleted, erased, kept = memory("deleted"), memory("erased"), memory("kept")
    await put(other, deleted, erased, kept)
    await other.commit(ACME, ChangeSet((Delete(RecordKind.MEMORY, deleted.id, 1),)))
    end = await other.commit(ACME, ChangeSet((Erase(RecordKind.MEMORY, erased.id),)))
    await passed(indexer, end.last)
    assert embedder.texts == ["kept"]


async def test_a_defect_at_one_text_keeps_no_other_waiting(
    store: GraphStore, feed: Feed, other: Journal
) -> None:
    memories = [memory("abracadabra"), memory("tea"), memory("coffee")]
    position = await put(other, *memories)
    async with Indexer(store, feed, BreaksOn()) as indexer:
        await passed(indexer, position)
    kept = [await rows(store, each) for each in memories]
    assert [each is not None for each in kept] == [False, True, True]


async def test_a_follower_goes_on_from_its_mark(
    store: GraphStore, bus: LocalBus, feed: Feed, other: Journal, embedder: WordEmbedder
) -> None:
    old, new = memory("old"), memory("new")
    end = await put(other, old)
    async with Indexer(store, feed, embedder) as first:
        await passed(first, end)
    ref = DerivedRef(old.id, 1, embedder.generation)
    await store.derive(ACME, {}, drop=[ref])
    end = await put(other, new)
    async with Indexer(store, feed, embedder) as second:
        await passed(second, end)
    assert embedder.texts == ["old", "new"]


async def test_another_generation_embeds_everything_anew(
    store: GraphStore, feed: Feed, writer: IndexingJournal
) -> None:
    tea = memory("tea")
    position = await put(writer, tea)
    async with Indexer(store, feed, WordEmbedder("words 2")) as later:
        await passed(later, position)
    assert await rows(store, tea, generation="words 2") is not None
    assert await rows(store, tea) is not None


async def test_indexing_embeds_only_what_has_no_vector(
    store: GraphStore, other: Journal, indexer: Indexer, embedder: WordEmbedder
) -> None:
    tea, coffee = memory("tea"), memory("coffee")
    await put(other, tea, coffee)
    await indexer.index(ACME, [tea])
    await indexer.index(ACME, [tea, coffee])
    assert embedder.texts == ["tea", "coffee"]
    assert await rows(store, coffee) is not None


async def test_organizations_are_followed_apart(
    store: GraphStore, other: Journal, indexer: Indexer
) -> None:
    ours, theirs = memory("ours"), memory("theirs")
    await put(other, theirs, access=GLOBEX)
    await passed(indexer, await put(other, ours))
    assert await rows(store, ours) is not None
    assert await rows(store, theirs, access=GLOBEX) is None


def test_what_was_said_carries_its_speaker() -> None:
    assert said(memory("I like tea", speaker="Ann")) == "Ann: I like tea"
    assert said(memory("Ann likes tea")) == "Ann likes tea"
