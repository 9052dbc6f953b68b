"""Taking back a source takes what rests on it alone, and gives back what it had ended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from mnemos_graph.errors import NotFound
from mnemos_graph.memory.facts.book import Book
from mnemos_graph.memory.facts.episodes import Episodes
from mnemos_graph.memory.facts.facts import Facts
from mnemos_graph.model import Entity, Episode, Fact, Memory, Origin, Record, RecordId
from mnemos_graph.store import ChangeSet, GraphStore, Put
from tests.conformance.samples import ACME, EPOCH, GLOBEX, day, entity, episode, fact, memory
from tests.graph.stores import EVERY_STORE

ANN = entity("Ann")


@pytest.fixture(autouse=True)
async def ann(store: GraphStore) -> Entity:
    await put(store, ANN)
    return ANN


async def put(store: GraphStore, *records: Record) -> None:
    await store.commit(ACME, ChangeSet(tuple(Put(each) for each in records)))


async def now(store: GraphStore, record: Record) -> Any:
    """Return a record as it is now; None where it is gone."""
    return (await store.get(ACME, Record, [record.id])).get(record.id)


async def told(
    store: GraphStore, place: str, since: float, *sources: Episode, **given: Any
) -> Fact:
    """Keep what a source says of Ann's home, as the line then is."""
    book = Book(store, ACME, EPOCH)
    new = fact(
        ANN,
        "lives_in",
        place,
        valid_from=day(since),
        sources=tuple(each.id for each in sources),
        **given,
    )
    kept = (await book.tell(new)).fact
    await store.commit(ACME, ChangeSet(await book.operations()))
    return kept


def says(text: str, *sources: Episode, **given: Any) -> Memory:
    base: dict[str, Any] = {"origin": Origin.INFERRED}
    return memory(text, sources=tuple(each.id for each in sources), **(base | given))


@EVERY_STORE
async def test_what_only_it_supported_goes_and_what_it_ended_holds_again(
    store: GraphStore, episodes: Episodes
) -> None:
    first, second = episode("I live in Oslo."), episode("I moved to Bergen.")
    await put(store, first, second)
    oslo = await told(store, "Oslo", 1, first)
    in_oslo = says("Ann lives in Oslo", first, fact_ids=(oslo.id,))
    await put(store, in_oslo)
    bergen = await told(store, "Bergen", 5, second)
    in_bergen = says("Ann lives in Bergen", second, fact_ids=(bergen.id,))
    await put(store, in_bergen)
    was = await now(store, in_oslo)
    await put(store, replace(was, superseded_by=in_bergen.id, version=was.version + 1))

    retracted = await episodes.retract(ACME, second.id)

    assert retracted.count == 3
    held, memory_held = await now(store, oslo), await now(store, in_oslo)
    assert (held.valid_to, held.closed_by) == (None, None)
    assert (memory_held.valid_to, memory_held.superseded_by) == (None, None)
    assert (await now(store, bergen)).invalidated_at is not None
    assert [await now(store, each) for each in (second, in_bergen)] == [None, None]
    assert await now(store, first) == first


async def test_what_another_source_says_too_stays(store: GraphStore, episodes: Episodes) -> None:
    first, second = episode("I live in Oslo."), episode("Still in Oslo.")
    await put(store, first, second)
    oslo = await told(store, "Oslo", 1, first, second)
    kept = says("Ann lives in Oslo", first, second, fact_ids=(oslo.id,))
    await put(store, kept)
    assert (await episodes.retract(ACME, first.id)).count == 1
    for record in (oslo, kept):
        left = await now(store, record)
        assert (left.sources, left.valid_to) == ((second.id,), None)


async def test_an_end_that_only_it_told_of_is_taken_back(
    store: GraphStore, episodes: Episodes
) -> None:
    first, second = episode("I live in Oslo."), episode("I left Oslo.")
    await put(store, first, second)
    oslo = await told(store, "Oslo", 1, first)
    left = await told(store, "Oslo", 1, second, ended_at=day(4), ended_by=second.id)
    assert (left.id, left.valid_to) == (oslo.id, day(4))
    await episodes.retract(ACME, second.id)
    held = await now(store, oslo)
    assert (held.valid_to, held.ended_by, held.sources) == (None, None, (first.id,))


async def test_what_somebody_stated_needs_no_source(
    store: GraphStore, episodes: Episodes, facts: Facts
) -> None:
    source = episode()
    await put(store, source)
    oslo = replace(await told(store, "Oslo", 1, source), asserted=True, version=2)
    await put(store, oslo)
    await episodes.retract(ACME, source.id)
    left = await now(store, oslo)
    assert (left.invalidated_at, left.sources) == (None, ())


async def test_the_detail_that_a_source_added_goes_with_it(
    store: GraphStore, episodes: Episodes
) -> None:
    first, second = episode("I have a dog."), episode("His name is Rex.")
    await put(store, first, second)
    dog = says("Ann has a dog", first)
    await put(store, dog)
    more = replace(dog, text="Ann has a dog, Rex", sources=(first.id, second.id), version=2)
    await put(store, more)
    await episodes.retract(ACME, second.id)
    left = await now(store, dog)
    assert (left.text, left.sources, left.version) == ("Ann has a dog", (first.id,), 3)


async def test_what_somebody_wrote_since_is_kept(store: GraphStore, episodes: Episodes) -> None:
    first, second = episode("I have a dog."), episode("His name is Rex.")
    await put(store, first, second)
    dog = says("Ann has a dog", first)
    await put(store, dog)
    more = replace(dog, text="Ann has a dog, Rex", sources=(first.id, second.id), version=2)
    await put(store, more)
    await put(store, replace(more, text="Ann has a cat", version=3))
    await episodes.retract(ACME, second.id)
    assert (await now(store, dog)).text == "Ann has a cat"


async def test_a_memory_that_was_superseded_without_facts_holds_again(
    store: GraphStore, episodes: Episodes
) -> None:
    first, second = episode("I like tea."), episode("No, coffee.")
    await put(store, first, second)
    coffee = says("Ann likes coffee", second)
    tea = says("Ann likes tea", first, valid_to=day(3), superseded_by=coffee.id)
    await put(store, coffee, tea)
    await episodes.retract(ACME, second.id)
    left = await now(store, tea)
    assert (left.valid_to, left.superseded_by) == (None, None)


async def test_a_memory_whose_place_is_taken_stays_ended(
    store: GraphStore, episodes: Episodes
) -> None:
    first, second = episode("I like tea."), episode("No, coffee.")
    await put(store, first, second)
    coffee, again = says("Ann likes coffee", second), says("Ann likes tea", first)
    tea = says("Ann likes tea", first, valid_to=day(3), superseded_by=coffee.id)
    await put(store, coffee, tea, again)
    await episodes.retract(ACME, second.id)
    assert await now(store, tea) == tea
    assert await now(store, again) == again


@EVERY_STORE
async def test_a_source_of_many_is_taken_back_whole(store: GraphStore, episodes: Episodes) -> None:
    source = episode()
    await put(store, source)
    many = [says(f"Ann likes tea {number}", source) for number in range(400)]
    await put(store, *many)
    assert (await episodes.retract(ACME, source.id)).count == 401
    assert await store.get(ACME, Record, [source.id, *(each.id for each in many)]) == {}


@EVERY_STORE
async def test_only_one_of_two_takes_a_source_back(store: GraphStore, episodes: Episodes) -> None:
    source = episode()
    await put(store, source, says("Ann likes tea", source))
    results = await asyncio.gather(
        *(episodes.retract(ACME, source.id) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in results) == ["Deleted", "NotFound"]


async def test_a_source_that_is_not_there_cannot_be_taken_back(
    store: GraphStore, episodes: Episodes
) -> None:
    source = episode()
    await put(store, source)
    for access, id_ in [(ACME, RecordId("unknown")), (GLOBEX, source.id), (ACME, ANN.id)]:
        with pytest.raises(NotFound):
            await episodes.retract(access, id_)
    assert await now(store, source) == source
