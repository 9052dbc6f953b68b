"""An organization that outgrew the exact scan is answered as well as one that did not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from mnemos_graph.feed import Journal
from mnemos_graph.memory.indexing.indexing import IndexingJournal
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.model import Access, Memory, MemoryType, Partition, Scope
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Delete, Put
from mnemos_graph.vectors import OpenVectors, VectorStore
from mnemos_graph.vectors.chroma_server import open_chroma_server
from tests.conformance.memory_vectors import MemoryVectors
from tests.conformance.samples import ACME, day, memory
from tests.embedders import WordEmbedder
from tests.servers.chroma import ChromaProcess

THINGS = ("tea", "milk", "rain", "bicycle", "violin", "lighthouse")


class Wide:
    def __init__(self, services: Services, journal: Journal) -> None:
        self.services = services
        self._journal = journal

    async def keep(self, *memories: Memory) -> None:
        committed = await self._journal.commit(ACME, ChangeSet(tuple(map(Put, memories))))
        assert self.services.collecting is not None
        await self.services.collecting.passed(ACME.organization, committed.last)

    async def texts(self, text: str, access: Access = ACME, **query: object) -> list[str]:
        question = Question(text=text, query=MemoryQuery(**query), limit=5)  # type: ignore[arg-type]
        answer = await self.services.recall.recall(access, question)
        assert answer.degraded == ()
        return [hit.memory.text for hit in answer.hits]


@pytest.fixture(params=["reference", pytest.param("chroma", marks=pytest.mark.server)])
async def open_vectors(request: pytest.FixtureRequest) -> OpenVectors:
    if request.param == "chroma":
        server: ChromaProcess = request.getfixturevalue("shared_chroma")
        async with open_chroma_server(server.url) as vectors:
            await vectors.drop(ACME)
        return partial(open_chroma_server, server.url)

    @asynccontextmanager
    async def reference() -> AsyncIterator[VectorStore]:
        yield MemoryVectors()

    return reference


@pytest.fixture
async def wide(tmp_path: Path, open_vectors: OpenVectors) -> AsyncIterator[Wide]:
    store = await SqliteStore.open(tmp_path)
    parts = Parts(
        store=store,
        embedder=WordEmbedder(),
        open_vectors=open_vectors,
        exact_scan=5,
        clock=lambda: day(1_000),
    )
    async with open_services(parts) as services:
        assert services.indexer is not None
        opened = Wide(services, IndexingJournal(store, parts.bus, services.indexer))
        await opened.keep(
            *(
                memory(f"{user} has {thing}", scope=Scope(user))
                for user in ("ann", "bob")
                for thing in THINGS
            )
        )
        yield opened
    await store.close()


async def test_the_best_of_all_users_are_found(wide: Wide) -> None:
    assert sorted((await wide.texts("violin"))[:2]) == ["ann has violin", "bob has violin"]


async def test_a_narrow_access_sees_only_its_partitions(wide: Wide) -> None:
    only_bob = Access(ACME.organization, "key:1", reads=frozenset({Partition("bob")}))
    found = await wide.texts("violin", only_bob)
    assert found[0] == "bob has violin"
    assert all(text.startswith("bob") for text in found)


async def test_a_condition_is_kept_and_all_that_match_are_found(wide: Wide) -> None:
    await wide.keep(*(memory(f"plan {n}", type=MemoryType.CORE) for n in range(3)))
    assert sorted(await wide.texts("violin", types=[MemoryType.CORE])) == [
        "plan 0",
        "plan 1",
        "plan 2",
    ]


async def test_what_the_vector_store_has_not_seen_yet_is_found(wide: Wide) -> None:
    late = memory("zither", scope=Scope("ann"))
    await wide.services.store.commit(ACME, ChangeSet((Put(late),)))
    question = Question(text="zither", limit=1)
    answer = await wide.services.recall.recall(ACME, question)
    assert [hit.memory.id for hit in answer.hits] == [late.id]


async def test_what_was_deleted_is_not_found(wide: Wide) -> None:
    gone = memory("a zither", scope=Scope("ann"))
    await wide.keep(gone)
    assert (await wide.texts("zither"))[0] == "a zither"
    await wide.services.store.commit(ACME, ChangeSet((Delete(gone.KIND, gone.id, 1),)))
    assert "a zither" not in await wide.texts("zither")


async def test_what_is_named_exactly_is_found_among_very_many(wide: Wide) -> None:
    await wide.keep(
        memory("closed as SHOP-1841", scope=Scope("ann"), created_at=day(1)),
        memory("she left 'The Salt Path' there", scope=Scope("bob"), created_at=day(1)),
        *(memory(f"violin {n}", scope=Scope("ann"), created_at=day(2)) for n in range(20)),
    )
    assert "closed as SHOP-1841" in await wide.texts("Which violin was SHOP-1841 about?")
    found = await wide.texts("Whose violin is in 'the salt path'?")
    assert "she left 'The Salt Path' there" in found


async def test_as_many_are_found_as_there_is_room_for(wide: Wide) -> None:
    await wide.keep(*(memory(f"plan {n}", type=MemoryType.CORE) for n in range(50)))
    for text in ("violin", "plan 7", "nothing of the kind", "SHOP-1841"):
        assert len(await wide.texts(text, types=[MemoryType.CORE])) == 5
