"""What neighbours promises: hops, validity, past knowledge, merged entities, limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnemos_graph.model import Entity, Fact, Position, Record, RecordKind
from mnemos_graph.store import ChangeSet, Delete, GraphStore, Subgraph, View
from tests.conformance.commits import written
from tests.conformance.samples import ACME, GLOBEX, day, entity, fact

NOW = View(day(10))


async def around(
    store: GraphStore,
    *start: Entity,
    hops: int = 1,
    limit: int = 100,
    view: View = NOW,
) -> Subgraph:
    ids = [each.id for each in start]
    return await store.neighbours(ACME, ids, view=view, hops=hops, limit=limit)


def ids(records: Sequence[Record]) -> list[str]:
    return [each.id for each in records]


class GraphPromises:
    async def test_facts_are_followed_in_both_directions(self, store: GraphStore) -> None:
        a, b, c, d = (entity(name) for name in "abcd")
        ab, cb, cd = fact(a, "knows", b), fact(c, "knows", b), fact(c, "knows", d)
        born = fact(a, "born", "1990")
        await written(store, a, b, c, d, ab, cb, cd, born)
        assert await around(store, a, hops=0) == Subgraph((a,), (), truncated=False)
        assert await around(store, a) == Subgraph((a, b), (ab, born), truncated=False)
        two = await around(store, a, hops=2)
        assert (ids(two.entities), ids(two.facts)) == (ids([a, b, c]), ids([ab, born, cb]))
        assert ids((await around(store, a, hops=3)).entities) == ids([a, b, c, d])

    async def test_only_what_holds_is_followed(self, store: GraphStore) -> None:
        a, b = entity("a"), entity("b")
        was = fact(a, "lives_in", b, valid_from=day(1), valid_to=day(5))
        never = fact(a, "likes", b, invalidated_at=day(2))
        await written(store, a, b, was, never)
        for instant, facts in [(0.9, []), (1, [was]), (4.9, [was]), (5, [])]:
            found = await around(store, a, view=View(day(instant)))
            assert found.facts == tuple(facts), instant

    async def test_past_knowledge_is_followed_as_it_was(self, store: GraphStore) -> None:
        a, b = entity("a"), entity("b")
        knows = fact(a, "knows", b)
        known = await written(store, a, b, knows)
        await written(store, replace(knows, invalidated_at=day(1), version=2))
        assert (await around(store, a)).facts == ()
        then = await around(store, a, view=View(day(10), known_at=known))
        assert (then.facts, ids(then.entities)) == ((knows,), ids([a, b]))
        assert (await around(store, a, view=View(day(10), Position(0)))).entities == ()

    async def test_a_merged_entity_is_the_one_it_was_merged_into(self, store: GraphStore) -> None:
        bob, robert, rob, oslo = entity("Bob"), entity("Robert"), entity("Rob"), entity("Oslo")
        lives, plays = fact(robert, "lives_in", oslo), fact(rob, "plays", "chess")
        await written(store, bob, robert, rob, oslo, lives, plays)
        await written(store, replace(rob, merged_into=robert.id, version=2))
        await written(store, replace(robert, merged_into=bob.id, version=2))
        for start in [bob, robert, rob]:
            found = await around(store, start)
            assert ids(found.entities) == ids([bob, oslo])
            assert found.facts == (lives, plays)
        back = await around(store, oslo)
        assert ids(back.entities) == ids([oslo, bob])

    async def test_an_answer_is_cut_at_the_limit_and_says_so(self, store: GraphStore) -> None:
        hub = entity("hub")
        spokes = [entity(f"spoke {n}") for n in range(6)]
        facts = [fact(hub, "has", each) for each in spokes]
        await written(store, hub, *spokes, *facts)
        cut = await around(store, hub, limit=4)
        assert (ids(cut.entities), ids(cut.facts)) == (ids([hub, *spokes[:3]]), ids(facts[:3]))
        assert cut.truncated
        assert not (await around(store, hub, limit=7)).truncated

    async def test_a_fact_whose_end_is_gone_leads_nowhere(self, store: GraphStore) -> None:
        a, b = entity("a"), entity("b")
        await written(store, a, b, fact(a, "knows", b))
        await store.commit(ACME, ChangeSet((Delete(RecordKind.ENTITY, b.id, 1),)))
        assert await around(store, a) == Subgraph((a,), (), truncated=False)
        assert (await around(store, b)).entities == ()

    async def test_a_circle_is_walked_once(self, store: GraphStore) -> None:
        a, b, c = (entity(name) for name in "abc")
        ring: list[Fact] = [fact(a, "next", b), fact(b, "next", c), fact(c, "next", a)]
        await written(store, a, b, c, *ring)
        found = await around(store, a, hops=3)
        assert (ids(found.entities), sorted(ids(found.facts))) == (ids([a, b, c]), ids(ring))

    async def test_a_stranger_sees_no_neighbours(self, store: GraphStore) -> None:
        a, b = entity("a"), entity("b")
        await written(store, a, b, fact(a, "knows", b))
        found = await store.neighbours(GLOBEX, [a.id], view=NOW, hops=2, limit=10)
        assert found == Subgraph((), (), truncated=False)
