"""Another embedder makes other vectors: both serve until every memory has the new ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemos_graph.feed import Journal
from mnemos_graph.index.comparing import Signal
from mnemos_graph.memory.indexing import reembedding
from mnemos_graph.memory.indexing.settling import REEMBED
from mnemos_graph.memory.indexing.succession import Made
from mnemos_graph.memory.indexing.tokens import embedded_mark
from mnemos_graph.memory.indexing.walking import Walk, keep_walk
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recalled
from mnemos_graph.model import JobState, Position
from mnemos_graph.store import ChangeSet, Delete, DerivedRef, GraphStore, Put
from mnemos_graph.vectors.chroma_server import open_chroma_server
from tests.conformance.memory_store import MemoryStore
from tests.conformance.memory_vectors import MemoryVectors
from tests.conformance.samples import ACME, GLOBEX, memory
from tests.embedders import TokenWordEmbedder
from tests.graph.memory.changing import (
    COUNT,
    NEW,
    OLD,
    ORG,
    House,
    Program,
    Sized,
    eventually,
    filled,
    new,
    old,
    until_settled,
)
from tests.graph.stores import EVERY_STORE
from tests.leasing import SharedLeases
from tests.servers.chroma import ChromaProcess
from tests.waiting import until


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnemos_graph.memory.indexing.opening.LINGERS", 0.0)
    monkeypatch.setattr("mnemos_graph.memory.indexing.opening.OTHERS_LINGER", 0.05)
    monkeypatch.setattr("mnemos_graph.memory.indexing.succession.KNOWN_SECONDS", 0.01)
    monkeypatch.setattr("mnemos_graph.memory.indexing.indexing._UNWANTED_SECONDS", 0.05)
    monkeypatch.setattr("mnemos_graph.memory.indexing.collecting._UNWANTED_SECONDS", 0.05)
    monkeypatch.setattr(reembedding, "BATCH", 10)


@pytest.fixture
def house(store: GraphStore) -> House:
    return House(store)


def found(recalled: Recalled) -> str:
    return recalled.hits[0].memory.text if recalled.hits else ""


@EVERY_STORE
async def test_another_embedder_gives_every_memory_other_vectors_in_a_job(house: House) -> None:
    memories = await filled(house)
    async with house.run(new()) as program:
        job = await program.changed()
        recalled = await program.recall("green tea")
    assert (job.kind, job.state) == (REEMBED, JobState.SUCCEEDED)
    assert (job.done, job.total, job.failed) == (COUNT, COUNT, 0)
    assert len(await house.kept(memories, NEW)) == COUNT
    assert await house.kept(memories, OLD) == set()
    assert (found(recalled), recalled.degraded) == ("green tea", ())


@EVERY_STORE
async def test_both_serve_until_all_is_there(house: House) -> None:
    memories = await filled(house)
    after, before = new(), old()
    after.goes_on.clear()
    async with house.run(after, before) as program:
        recalled = await program.recall("green tea")
        assert (found(recalled), recalled.degraded) == ("green tea", ())
        assert before.questions == ["green tea"]
        after.goes_on.set()
        await program.changed()
        before.away = True
        recalled = await program.recall("green tea")
    assert (found(recalled), recalled.degraded) == ("green tea", ())
    assert await house.kept(memories, OLD) == set()


async def test_what_is_written_meanwhile_is_found_at_once_and_has_the_new_vectors(
    house: House,
) -> None:
    await filled(house)
    after = new()
    after.goes_on.clear()
    async with house.run(after, old()) as program:
        await eventually(program.jobs, bool)
        (written,) = await program.write("black coffee")
        recalled = await program.recall("black coffee")
        assert (found(recalled), recalled.degraded) == ("black coffee", ())
        assert await house.kept([written], OLD) == await house.kept([written], NEW) != set()
        after.goes_on.set()
        await program.changed()
        recalled = await program.recall("black coffee")
        (later,) = await program.write("white wine")
    assert (found(recalled), recalled.degraded) == ("black coffee", ())
    assert await house.kept([written, later], OLD) == set()


async def test_without_the_old_embedder_words_serve_and_the_answer_says_so(house: House) -> None:
    await filled(house)
    after = new()
    after.goes_on.clear()
    async with house.run(after) as program:
        recalled = await program.services.recall.recall(ACME, Question(text="green tea"))
        assert (found(recalled), recalled.degraded) == ("green tea", (Signal.VECTOR,))
        after.goes_on.set()
        await program.changed()
        recalled = await program.recall("green tea")
    assert (found(recalled), recalled.degraded) == ("green tea", ())


@EVERY_STORE
async def test_a_job_that_was_cut_off_is_gone_on_with(house: House) -> None:
    memories = await filled(house)
    first, second = new(), new()
    first.stops_after = 10
    async with house.run(first) as program:
        await until(lambda: len(first.texts) >= 10)
        await asyncio.sleep(0.05)
        (begun,) = await program.jobs()
    half = len(await house.kept(memories, NEW))
    assert 0 < half < COUNT
    async with house.run(second) as program:
        job = await program.changed()
        assert len(await program.jobs()) == 1
    assert (job.id, job.state, job.done, job.total) == (
        begun.id, JobState.SUCCEEDED, COUNT, COUNT,
    )  # fmt: skip
    assert len(second.texts) == COUNT - half
    assert len(await house.kept(memories, NEW)) == COUNT


async def test_of_several_processes_one_does_it_and_all_serve(store: GraphStore) -> None:
    house = House(store, leases=SharedLeases(), others=True)
    memories = await filled(house)
    one, other = new(), new()
    async with house.run(one) as first, house.run(other) as second:
        await first.changed()
        assert len(await first.jobs()) == 1
        for program in (first, second):
            recalled = await program.recall("green tea")
            assert (found(recalled), recalled.degraded) == ("green tea", ())
    embedded = [text for each in (one, other) for text in each.texts if text.startswith("note")]
    assert sorted(embedded) == sorted(each.text for each in memories[1:])


@pytest.mark.parametrize("store", ["reference"], indirect=True)
async def test_a_process_with_the_old_setting_makes_no_old_vectors_any_more(
    store: GraphStore,
) -> None:
    house = House(store, leases=SharedLeases(), others=True)
    await filled(house)
    async with house.run(old(), runs_jobs=False) as left, house.run(new()) as program:
        await program.changed()
        await asyncio.sleep(0.05)
        (written,) = await left.write("black coffee")
        (head,) = await store.heads([ACME])
        assert program.services.indexer is not None
        async with asyncio.timeout(15):
            await program.services.indexer.passed(ORG, head.position)
        assert (await left.recall("black coffee")).degraded == (Signal.VECTOR,)
        assert len(await program.jobs()) == 1
    assert await house.kept([written], OLD) == set()
    assert len(await house.kept([written], NEW)) == 1


async def test_who_goes_back_half_way_finds_everything_as_it_was(house: House) -> None:
    memories = await filled(house)
    after, before = new(), old()
    after.stops_after = 10
    async with house.run(after):
        await until(lambda: len(after.texts) >= 10)
    async with house.run(before) as program:
        recalled = await program.recall("green tea")
        assert (found(recalled), recalled.degraded) == ("green tea", ())
        await until_settled(house, Made(OLD))
    assert before.texts == ["green tea"]
    assert await house.kept(memories, NEW) == set()
    assert len(await house.kept(memories, OLD)) == COUNT


async def test_there_and_back_again_nothing_is_left_over(house: House) -> None:
    memories = await filled(house)
    for embedder in (new(), old(), new()):
        async with house.run(embedder) as program:
            await program.changed()
            await until_settled(house, Made(embedder.generation))
            recalled = await program.recall("green tea")
        assert (found(recalled), recalled.degraded) == ("green tea", ())
        assert len(await house.kept(memories, embedder.generation)) == COUNT
        other = NEW if embedder.generation == OLD else OLD
        assert await house.kept(memories, other) == set()


async def test_what_was_noted_of_an_earlier_change_is_not_believed(house: House) -> None:
    memories = await filled(house)
    await keep_walk(house.store, ACME, Made(NEW), Walk(began=Position(1), ended=True))
    await house.store.derive(ACME, {embedded_mark((NEW,)): b"1"})
    async with house.run(new()) as program:
        await program.changed()
    assert len(await house.kept(memories, NEW)) == COUNT


async def test_a_wide_search_has_a_collection_for_each_generation(house: House) -> None:
    vectors = MemoryVectors()
    house.vectors, house.exact_scan, kept = vectors, 5, vectors._kept
    await filled(house)
    after = new()
    after.goes_on.clear()
    async with house.run(after, old()) as program:
        assert found(await answered(program)) == "green tea"
        assert (ORG, OLD) in kept
        after.goes_on.set()
        await program.changed()
        recalled = await program.recall("green tea")
    assert (found(recalled), recalled.degraded) == ("green tea", ())
    assert set(kept) == {(ORG, NEW)}
    assert len(kept[ORG, NEW].points) == COUNT


@pytest.mark.server
@pytest.mark.timeout(180)
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_chromas_server_has_one_for_each_generation_and_then_one(
    house: House, shared_chroma: ChromaProcess
) -> None:
    async with open_chroma_server(shared_chroma.url) as vectors:
        await vectors.drop(ACME)
        house.vectors, house.exact_scan = vectors, 5
        await filled(house)
        after = new()
        after.goes_on.clear()
        async with house.run(after, old()) as program:
            assert found(await answered(program)) == "green tea"
            assert await vectors.stand(ACME, OLD) is not None
            after.goes_on.set()
            await program.changed()
            recalled = await program.recall("green tea")
        assert (found(recalled), recalled.degraded) == ("green tea", ())
        assert await vectors.stand(ACME, OLD) is None
        await vectors.drop(ACME)


async def answered(program: Program) -> Recalled:
    """Return an answer in which nothing is missing."""
    return await eventually(
        lambda: program.recall("green tea"), lambda recalled: not recalled.degraded
    )


async def test_what_was_known_earlier_has_the_new_vectors_too(house: House) -> None:
    async with house.run(old()) as program:
        (tea,) = await program.write("green tea")
        changed = replace(tea, text="black coffee", version=2)
        await program.journal.commit(ACME, ChangeSet((Put(changed),)))
    async with house.run(new()) as program:
        await program.changed()
        then = (await house.store.changes(ACME, limit=1))[0].at
        recalled = await program.recall("green tea", known_at=then)
    assert (found(recalled), recalled.degraded) == ("green tea", ())
    assert len(await house.kept([changed], NEW)) == 2


async def test_nothing_is_kept_of_what_was_deleted(house: House) -> None:
    memories = await filled(house)
    journal = Journal(house.store, house.bus)
    await journal.commit(ACME, ChangeSet((Delete(memories[0].KIND, memories[0].id, 1),)))
    async with house.run(new()) as program:
        await program.changed()
    assert await house.kept(memories[:1], OLD) == set()


async def test_another_organization_is_left_as_it_is(house: House) -> None:
    memories = await filled(house)
    async with house.run(old()) as program:
        theirs = await program.write("their tea", access=GLOBEX)
    ref = DerivedRef(theirs[0].id, 1, OLD)
    async with house.run(new()) as program:
        await program.changed()
        assert ref in await house.store.derived(GLOBEX, [ref])
        await program.write("their coffee", access=GLOBEX)
        await until_settled(house, Made(NEW), GLOBEX)
    assert ref not in await house.store.derived(GLOBEX, [ref])
    assert await house.store.derived(ACME, [ref]) == {}
    assert len(await house.kept(memories, NEW)) == COUNT


async def test_an_organization_that_begins_has_no_such_job(house: House) -> None:
    async with house.run(new()) as program:
        await program.write("green tea")
        await until_settled(house, Made(NEW))
        assert await program.jobs() == ()


async def test_an_embedder_where_none_was_is_a_job_as_well(house: House) -> None:
    journal = Journal(house.store, house.bus)
    memories = [memory(f"note {n}") for n in range(501)]
    await journal.commit(ACME, ChangeSet(tuple(map(Put, memories))))
    async with house.run(new()) as program:
        job = await program.changed()
    assert (job.kind, job.done) == (REEMBED, 501)
    assert len(await house.kept(memories, NEW)) == 501


async def test_reindexing_meanwhile_is_that_job(house: House) -> None:
    await filled(house)
    after = new()
    after.goes_on.clear()
    async with house.run(after) as program:
        assert program.services.reindexing is not None
        jobs = await eventually(program.jobs, bool)
        asked = await program.services.reindexing.reindex(ACME)
        assert asked.record.id == jobs[0].id
        after.goes_on.set()
        await program.changed()
        assert (await program.services.reindexing.reindex(ACME)).record.kind == "reindex"


async def test_vectors_of_tokens_go_with_those_of_texts(house: House) -> None:
    memories = [memory("green tea")]
    async with house.run(TokenWordEmbedder()) as program:
        await program.journal.commit(ACME, ChangeSet((Put(memories[0]),)))
    tokens = TokenWordEmbedder.token_generation
    assert len(await house.kept(memories, tokens)) == 1
    async with house.run(new()) as program:
        await program.changed()
        assert (await program.recall("green tea")).degraded == ()
    assert await house.kept(memories, tokens) == set()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    starts=st.lists(
        st.tuples(st.sampled_from([old, new]), st.booleans(), st.integers(0, 3 * COUNT)),
        min_size=1,
        max_size=4,
    ),
    last=st.sampled_from([old, new]),
)
async def test_whatever_is_set_and_cut_off_the_last_one_has_it_all(
    starts: list[tuple[Callable[[], Sized], bool, int]], last: Callable[[], Sized]
) -> None:
    house = House(MemoryStore())
    memories = await filled(house)
    for number, (make, helped, texts) in enumerate(starts):
        embedder, other = make(), new() if make is old else old()
        async with house.run(embedder, other if helped else None) as program:
            memories += await program.write(f"word{number} {number}")
            recalled = await program.recall(f"word{number} {number}")
            assert recalled.degraded or found(recalled) == f"word{number} {number}"
            embedder.stops_after = len(embedder.texts) + texts
            await asyncio.sleep(0.03)
    async with house.run(embedder := last()) as program:
        await until_settled(house, Made(embedder.generation))
        recalled = await program.recall("green tea")
    assert (found(recalled), recalled.degraded) == ("green tea", ())
    assert len(await house.kept(memories, embedder.generation)) == len(memories)
    assert await house.kept(memories, NEW if last is old else OLD) == set()
