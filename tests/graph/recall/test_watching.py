"""A watch tells each thing that matches once, in order, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemos_graph.errors import BadInput, NotFound
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.watching.against import AgainstBlock
from mnemos_graph.memory.watching.appearing import Appeared, said
from mnemos_graph.memory.watching.asking import Watched
from mnemos_graph.memory.watching.watching import Sighting, Watching
from mnemos_graph.model import (
    Access,
    Memory,
    OrganizationId,
    Partition,
    Position,
    RecordId,
    Scope,
    new_id,
)
from mnemos_graph.store import Delete
from tests.conformance.samples import ACME, ANN, BOB, block, day, entity, fact, memory
from tests.graph.recall.conftest import Bench

ANNS = ReadScope(user_id="ann")
TEA = Watched(scope=ANNS, text="tea", min_score=0.02)


def watching(bench: Bench) -> Watching:
    return Watching(bench.store, bench.feed, bench.recall, lambda: day(1_000))


def watch(
    bench: Bench, watched: Watched, access: Access = ACME, after: Position | None = None
) -> AsyncGenerator[Sighting, None]:
    return watching(bench).sightings(access, watched, after)


async def told(sightings: AsyncGenerator[Sighting, None], until: int) -> list[Sighting]:
    """What is told until everything up to a position was."""
    found: list[Sighting] = []
    async with asyncio.timeout(10):
        async for each in sightings:
            if each.record is not None:
                found.append(each)
            if each.position >= until:
                return found
    return found


def texts(sightings: Sequence[Sighting]) -> list[str]:
    return [said(each.record) for each in sightings if each.record is not None]


async def test_a_memory_near_a_text_is_told_with_its_score_when_it_appears(bench: Bench) -> None:
    await bench.keep(memory("old tea"), *(memory(f"rain over town {n}") for n in range(20)))
    async with aclosing(watch(bench, TEA)) as sightings:
        start = await anext(sightings)
        await bench.keep(memory("green tea"))
        last = await bench.keep(memory("a blue bicycle"))
        found = await told(sightings, last)
    assert start.record is None
    assert texts(found) == ["green tea"]
    hits = (await bench.ask("tea", scope=ANNS)).hits
    assert found[0].score == pytest.approx(
        next(hit.score for hit in hits if hit.memory.text == "green tea"), abs=0.02
    )


async def test_it_goes_on_behind_a_position_without_a_gap_or_a_repetition(bench: Bench) -> None:
    mia = entity("Mia")
    await bench.keep(mia)
    watched = Watched(entity_id=mia.id)
    async with aclosing(watch(bench, watched)) as sightings:
        await anext(sightings)
        await bench.keep(*(memory(f"Mia says {n}", entity_ids=(mia.id,)) for n in range(4)))
        first = [await anext(sightings) for _ in range(2)]
    last = await bench.keep(memory("Mia is late", entity_ids=(mia.id,)))
    async with aclosing(watch(bench, watched, after=first[-1].position)) as sightings:
        rest = await told(sightings, last)
    assert texts([*first, *rest]) == [*(f"Mia says {n}" for n in range(4)), "Mia is late"]


async def test_what_was_deleted_meanwhile_is_never_told(bench: Bench) -> None:
    (start,) = await bench.store.heads([ACME])
    gone, ended = memory("gone tea"), memory("tea that has ended", valid_to=day(2))
    await bench.keep(gone, ended)
    await bench.commit(Delete(gone.KIND, gone.id, 1))
    last = await bench.keep(memory("tea that stays"))
    async with aclosing(watch(bench, TEA, after=start.position)) as sightings:
        assert texts(await told(sightings, last)) == ["tea that stays"]


async def test_a_memory_is_told_again_only_where_it_says_something_else(bench: Bench) -> None:
    kept = memory("green tea")
    async with aclosing(watch(bench, TEA)) as sightings:
        await anext(sightings)
        assert texts(await told(sightings, await bench.keep(kept))) == ["green tea"]
        last = await bench.keep(replace(kept, version=2, tags=("drink",)))
        assert await told(sightings, last) == []
        last = await bench.keep(replace(kept, version=3, text="white tea"))
        assert texts(await told(sightings, last)) == ["white tea"]


async def test_an_entity_is_watched_at_both_ends_of_facts_and_in_memories(bench: Bench) -> None:
    mia, tom = entity("Mia"), entity("Tom")
    await bench.keep(mia, tom)
    async with aclosing(watch(bench, Watched(entity_id=mia.id))) as sightings:
        await anext(sightings)
        last = await bench.keep(
            fact(mia, "likes", "tea"),
            fact(tom, "knows", mia),
            fact(tom, "likes", "jam"),
            memory("Mia sings", entity_ids=(mia.id,)),
            memory("Tom sings", entity_ids=(tom.id,)),
        )
        found = texts(await told(sightings, last))
    assert sorted(found) == ["Mia likes tea", "Mia sings", "Tom knows Mia"]


async def test_predicates_narrow_facts_and_the_memories_that_state_them(bench: Bench) -> None:
    mia = entity("Mia")
    await bench.keep(mia)
    home, work = fact(mia, "lives_in", "Porto"), fact(mia, "works_at", "Acme")
    watched = Watched(entity_id=mia.id, predicates=["livesIn"])
    async with aclosing(watch(bench, watched)) as sightings:
        await anext(sightings)
        last = await bench.keep(
            home,
            work,
            memory("Her home is Porto", entity_ids=(mia.id,), fact_ids=(home.id,)),
            memory("Her work is Acme", entity_ids=(mia.id,), fact_ids=(work.id,)),
        )
        assert sorted(texts(await told(sightings, last))) == [
            "Her home is Porto",
            "Mia lives_in Porto",
        ]


BLOCK = """Ann lives in Porto.
She takes 5 mg of ramipril each morning.
Ann eats meat with her family.
Ann likes tea.
"""


@pytest.mark.parametrize(
    ("text", "contradicts"),
    [
        ("Ann lives in Lisbon.", True),
        ("Ann lives in Porto.", False),
        ("She takes 50 mg of ramipril each morning.", True),
        ("She takes 5 mg of ramipril each morning.", False),
        ("Ann does not eat meat with her family.", True),
        ("Ann likes coffee.", False),
        ("Bob lives in Lisbon.", False),
        ("The train to Porto leaves at 5.", False),
    ],
)
async def test_what_contradicts_a_block_is_told(
    bench: Bench, text: str, *, contradicts: bool
) -> None:
    core = block(value=BLOCK)
    await bench.keep(core)
    async with aclosing(watch(bench, Watched(block_id=core.id))) as sightings:
        await anext(sightings)
        found = texts(await told(sightings, await bench.keep(memory(text))))
    assert found == ([text] if contradicts else [])


async def test_a_fact_with_another_single_value_contradicts_a_block(bench: Bench) -> None:
    core, ann = block(value="I live in Porto."), entity("Ann")
    await bench.keep(core, ann)
    async with aclosing(watch(bench, Watched(block_id=core.id))) as sightings:
        await anext(sightings)
        last = await bench.keep(fact(ann, "lives_in", "Lisbon"), fact(ann, "likes", "Lisbon"))
        assert texts(await told(sightings, last)) == ["Ann lives_in Lisbon"]


async def test_a_block_is_compared_as_it_reads_now_and_with_its_own_partition(bench: Bench) -> None:
    core = block(value="Ann lives in Porto.")
    await bench.keep(core)
    async with aclosing(watch(bench, Watched(block_id=core.id))) as sightings:
        await anext(sightings)
        last = await bench.keep(memory("Ann lives in Lisbon.", scope=BOB))
        assert await told(sightings, last) == []
        await bench.keep(replace(core, version=2, value="Ann lives in Lisbon."))
        last = await bench.keep(memory("Ann lives in Lisbon."))
        assert await told(sightings, last) == []


@pytest.mark.parametrize(
    "wrong",
    [
        Watched(),
        Watched(text="tea", entity_id=RecordId("1")),
        Watched(text=" "),
        Watched(text="tea", min_score=1.5),
        Watched(text="tea", predicates=["likes"]),
        Watched(entity_id=RecordId("1"), predicates=["..."]),
    ],
)
async def test_a_watch_that_makes_no_sense_is_refused(bench: Bench, wrong: Watched) -> None:
    with pytest.raises(BadInput):
        await anext(watch(bench, wrong))


async def test_what_the_access_may_not_read_cannot_be_watched(bench: Bench) -> None:
    core, bob = block(), entity("Bob", scope=BOB)
    await bench.keep(core, bob)
    narrow = Access(ACME.organization, "bob", reads=frozenset({BOB.partition}))
    strange = Access(OrganizationId("globex"), "stranger")
    for access, watched in [
        (narrow, Watched(block_id=core.id)),
        (strange, Watched(block_id=core.id)),
        (strange, Watched(entity_id=bob.id)),
    ]:
        with pytest.raises(NotFound):
            await anext(watch(bench, watched, access))


Step = tuple[str, int, Any]
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["keep", "reword", "retag", "delete"]),
        st.integers(0, 5),
        st.sampled_from([ANN, BOB, Scope()]),
    ),
    max_size=12,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=_STEPS)
async def test_over_two_users_each_thing_is_told_once_and_nothing_crosses(
    bench: Bench, steps: list[Step]
) -> None:
    mia, access = entity(f"Mia {new_id()}", scope=Scope()), _only("ann")
    await bench.keep(mia)
    (start,) = await bench.store.heads([ACME])
    live = watch(bench, Watched(entity_id=mia.id), access, start.position)
    kept: dict[int, Memory] = {}
    last = start.position
    heard: list[tuple[RecordId, str]] = []
    async with aclosing(live) as sightings:
        for kind, slot, scope in steps:
            last = await _carry_out(bench, kept, mia.id, kind=kind, slot=slot, scope=scope)
            heard += _said(await told(sightings, last))
    expected = [memory for memory in kept.values() if memory.scope.partition != BOB.partition]
    assert len(set(heard)) == len(heard)
    assert {(each.id, each.text) for each in expected} <= set(heard)
    assert not any(text.startswith("bob") for _, text in heard)
    async with aclosing(watch(bench, Watched(entity_id=mia.id), access, start.position)) as again:
        late = _said(await told(again, last))
    assert sorted(late) == sorted((each.id, each.text) for each in expected)


def _only(user: str) -> Access:
    readable: frozenset[Partition] = frozenset({Scope(user).partition, Scope().partition})
    return Access(ACME.organization, user, reads=readable)


def _said(sightings: Sequence[Sighting]) -> list[tuple[RecordId, str]]:
    return [(each.record.id, said(each.record)) for each in sightings if each.record]


async def _carry_out(
    bench: Bench, kept: dict[int, Memory], about: RecordId, *, kind: str, slot: int, scope: Scope
) -> Position:
    held = kept.get(slot)
    if held is None:
        kept[slot] = memory(f"{scope.user_id} said {slot}", scope=scope, entity_ids=(about,))
    elif kind == "delete":
        del kept[slot]
        return await bench.commit(Delete(held.KIND, held.id, held.version))
    elif kind == "reword":
        kept[slot] = replace(held, version=held.version + 1, text=f"{held.text} more")
    else:
        kept[slot] = replace(held, version=held.version + 1, tags=(*held.tags, "x"))
    return await bench.keep(kept[slot])


async def test_a_block_that_is_deleted_is_contradicted_by_nothing(bench: Bench) -> None:
    core, new = block(value="Ann lives in Porto."), memory("Ann lives in Lisbon.")
    await bench.keep(core)
    eye = AgainstBlock(bench.store, ACME, core.id)
    assert list(await eye.sees([Appeared(Position(1), new, None)])) == [0]
    await bench.commit(Delete(core.KIND, core.id, 1))
    assert await eye.sees([Appeared(Position(1), new, None)]) == {}
