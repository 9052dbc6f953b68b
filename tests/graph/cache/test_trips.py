"""How often what is asked again goes to the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mnemos_graph.feed import LocalBus
from mnemos_graph.index.reading import Generation
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.language.estimate import EstimatedTokens
from mnemos_graph.memory.context.asking import ContextQuestion
from mnemos_graph.memory.context.context import Composer
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recall
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.model import Access, Block, Entity, Memory, Partition, Position, RecordId
from mnemos_graph.store import DerivedRef, Equal, Find, HasAll, In, Present, VersionRef
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, BOB, EVERYONE, GLOBEX, block, day, entity, fact, memory
from tests.embedders import WordEmbedder
from tests.graph.cache.processes import Clock, Process, process

GENERATION = Generation("words 1", WordEmbedder.dimensions)
OF_ANN = ReadScope(user_id="ann")


class Bench:
    """Recall and context over one process's cache."""

    def __init__(self, here: Process, shelf: Shelf) -> None:
        self.here = here
        self.embedder = WordEmbedder()
        self.recall = Recall(here.cache.store, shelf, self.embedder, lambda: day(1_000))
        self.composer = Composer(
            here.cache.store, self.recall, EstimatedTokens(), lambda: day(1_000)
        )

    async def embed(self, *memories: Memory) -> None:
        rows = await self.embedder.embed([each.text for each in memories])
        refs = [DerivedRef(each.id, each.version, GENERATION.name) for each in memories]
        vectors = [row.astype(np.float16).tobytes() for row in rows]
        await self.here.cache.store.derive(ACME, dict(zip(refs, vectors, strict=True)))

    async def ask(self, text: str, **given: object) -> list[str]:
        question = Question(text=text, scope=OF_ANN, **given)  # type: ignore[arg-type]
        return [hit.memory.text for hit in (await self.recall.recall(ACME, question)).hits]

    async def trips(self, text: str, **given: object) -> list[str]:
        self.here.store.calls.clear()
        await self.ask(text, **given)
        return list(self.here.store.calls)


@pytest.fixture
async def bench(here: Process) -> AsyncIterator[Bench]:
    async with Shelf(here.cache.store, GENERATION) as shelf:
        ready = Bench(here, shelf)
        people = [entity(name) for name in ("Mia", "Tom", "Zoe")]
        towns = [entity(name, "PLACE", scope=EVERYONE) for name in ("Oslo", "Riga")]
        facts = [fact(who, "lives_in", towns[0]) for who in people]
        told = [
            memory(f"{who.name} owns a {what}", entity_ids=(who.id,), tags=(what,))
            for who in people
            for what in ("bicycle", "kettle", "violin")
        ]
        await here.write(*people, *towns, *facts, *told, block("persona", scope=EVERYONE))
        await ready.embed(*told)
        yield ready


async def test_another_question_in_a_warm_scope_takes_one_trip(bench: Bench) -> None:
    await bench.here.warm(lambda: bench.ask("What does Mia own?"))
    assert await bench.trips("Does Tom from Oslo own a violin or a kettle?") == ["neighbours"]
    assert await bench.trips("Who has a bicycle?") == []


async def test_conditions_that_an_index_decides_take_no_further_trip(bench: Bench) -> None:
    await bench.here.warm(lambda: bench.ask("What does Mia own?"))
    query = MemoryQuery(created_after=day(-1), min_importance=0.1)
    assert await bench.trips("Who owns a kettle?", query=query) == []


async def test_after_a_write_of_its_own_recall_only_reads_the_log_and_the_vectors(
    bench: Bench,
) -> None:
    await bench.here.warm(lambda: bench.ask("What does Mia own?"))
    new = memory("Mia owns a telescope")
    await bench.here.write(new)
    await bench.embed(new)
    assert sorted(await bench.trips("telescope")) == ["changes", "derived"]
    assert await bench.trips("telescope") == []


async def test_a_context_asks_for_no_record_again(bench: Bench) -> None:
    async def compose() -> str:
        question = ContextQuestion(text="What does Mia own?", scope=OF_ANN, token_budget=500)
        return (await bench.composer.compose(ACME, question)).text

    await bench.here.warm(compose)
    assert "Kind." in await compose()
    assert set(bench.here.store.calls) == {"derived", "neighbours"}


async def test_a_record_that_is_known_takes_no_trip(here: Process) -> None:
    kept = memory()
    await here.write(kept)

    async def look() -> object:
        heads = await here.cache.store.heads([ACME])
        return heads, await here.cache.store.get(ACME, Memory, [kept.id])

    await here.warm(look)
    await look()
    assert here.store.calls == []


async def test_those_who_ask_the_same_at_once_share_one_trip(here: Process, there: Process) -> None:
    kept = memory()
    await there.write(kept)
    await here.cache.store.heads([ACME])
    here.store.calls.clear()
    here.store.delays = lambda: 3
    found = await asyncio.gather(
        *(here.cache.store.get(ACME, Memory, [kept.id]) for _ in range(20))
    )
    assert all(each == {kept.id: kept} for each in found)
    assert here.store.calls == ["get"]


@pytest.mark.parametrize(
    "question",
    [
        Find(Entity, (Equal("user_id", "ann"), HasAll("folded_names", ("mia",)))),
        Find(Entity, (In("user_id", ("ann", None)), In("merged_into", ("nobody",)))),
        Find(Entity, (In("user_id", ("ann", None)), Present("merged_into", present=False))),
        Find(Block, (In("user_id", ("ann", None)),)),
    ],
)
async def test_entities_and_blocks_of_a_partition_answer_questions_never_asked(
    here: Process, question: Find[Entity]
) -> None:
    await here.write(entity("Mia"), entity("Oslo", scope=EVERYONE), block(), entity("Z", scope=BOB))
    another = replace(question, where=question.where[:1])
    await here.warm(lambda: here.cache.store.find(ACME, [another]))
    found = await here.cache.store.find(ACME, [question])
    assert here.store.calls == []
    assert found == await here.store.inner.find(ACME, [question])


async def test_a_question_is_asked_again_only_when_its_partition_changed(here: Process) -> None:
    await here.write(memory("hers", tags=("x",)), memory("his", scope=BOB, tags=("x",)))
    hers = Find(Memory, (Equal("user_id", "ann"), HasAll("tags", ("x",))))
    everybodys = Find(Memory, (HasAll("tags", ("x",)),))

    async def trips(question: Find[Memory]) -> int:
        here.store.calls.clear()
        (page,) = await here.cache.store.find(ACME, [question])
        assert [page] == await here.store.inner.find(ACME, [question])
        return len([each for each in here.store.calls if each == "find"])

    await here.warm(
        lambda: asyncio.gather(
            *(here.cache.store.find(ACME, [each]) for each in (hers, everybodys))
        )
    )
    assert [await trips(each) for each in (hers, everybodys)] == [0, 0]
    await here.write(memory("his too", scope=BOB, tags=("x",)))
    await here.cache.store.heads([ACME])
    assert [await trips(each) for each in (hers, everybodys)] == [0, 1]


async def test_what_is_kept_is_seen_by_nobody_who_may_not_read_it(here: Process) -> None:
    hers, shared = memory("hers", tags=("x",)), entity("Oslo", scope=EVERYONE)
    await here.write(hers, shared, entity("Mia"))
    tagged = Find(Memory, (HasAll("tags", ("x",)),))
    named = Find(Entity, (In("user_id", ("ann", None)),))

    async def read(access: Access) -> list[int]:
        store = here.cache.store
        got = await store.get(access, Memory, [hers.id])
        (memories,) = await store.find(access, [tagged])
        (entities,) = await store.find(access, [named])
        return [len(got), len(memories.records), len(entities.records)]

    await here.warm(lambda: read(ACME))
    assert await read(ACME) == [1, 1, 2]
    assert here.store.calls == []
    bobs = Access(ACME.organization, "key:bob", reads=frozenset({Partition("bob")}))
    shareds = Access(ACME.organization, "key:any", reads=frozenset({Partition("")}))
    assert [await read(each) for each in (bobs, shareds, GLOBEX)] == [[0, 0, 0], [0, 0, 1], [0] * 3]
    assert await read(ACME) == [1, 1, 2]


async def test_what_is_kept_is_bounded_and_what_was_used_last_stays(
    inner: MemoryStore, bus: LocalBus, clock: Clock
) -> None:
    async with process(inner, bus, clock, most_bytes=200_000) as here:
        told = [memory(f"Memory {n} " + "tea " * 200) for n in range(300)]
        for start in range(0, 300, 50):
            await here.write(*told[start : start + 50])
            await here.cache.store.get(ACME, Memory, [told[0].id])
            await here.cache.settle()
        assert 100_000 < here.cache.nbytes <= 200_000
        here.store.calls.clear()
        await here.cache.store.get(ACME, Memory, [told[0].id])
        assert here.store.calls.count("get") == 0
        await here.cache.store.get(ACME, Memory, [RecordId(told[1].id)])
        assert here.store.calls.count("get") == 1


async def test_a_partition_with_too_many_entities_is_asked_by_question(
    inner: MemoryStore, bus: LocalBus, clock: Clock
) -> None:
    async with process(inner, bus, clock, most_bytes=200_000) as here:
        await here.write(*(entity(f"Person {n}") for n in range(100)))
        question = Find(Entity, (Equal("user_id", "ann"), HasAll("folded_names", ("person 7",))))
        await here.warm(lambda: here.cache.store.find(ACME, [question]))
        assert len((await here.cache.store.find(ACME, [question]))[0].records) == 1
        assert here.store.calls == []


async def test_an_answer_from_memory_waits_for_nothing(here: Process) -> None:
    kept, store = memory(tags=("x",)), here.cache.store
    await here.write(kept, entity("Mia"))
    reads: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        lambda: store.heads([ACME]),
        lambda: store.get(ACME, Memory, [kept.id]),
        lambda: store.find(ACME, [Find(Memory, (HasAll("tags", ("x",)),))]),
        lambda: store.find(ACME, [Find(Entity, (Equal("user_id", "ann"),))]),
        lambda: store.versions(ACME, Memory, [VersionRef(kept.id, 1)]),
        lambda: store.changes(ACME, after=Position(1)),
    ]
    await here.warm(lambda: asyncio.gather(*(read() for read in reads)))
    for read in reads:
        with pytest.raises(StopIteration):
            read().send(None)
