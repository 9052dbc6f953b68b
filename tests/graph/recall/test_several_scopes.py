"""One question in several scopes: each counts by its weight, and nothing else is seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import numpy as np
import pytest

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.index.reading import Generation
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.memory.recall.asking import Question, Strategy
from mnemos_graph.memory.recall.recall import Hit, Recall
from mnemos_graph.memory.scopes import ReadScope, WeightedScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.model import Access, Memory, Partition, Position, Scope
from mnemos_graph.store import ChangeSet, DerivedRef, GraphStore, Put
from tests.conformance.samples import ACME, ANN, BOB, EVERYONE, GLOBEX, day, memory
from tests.embedders import WordEmbedder
from tests.graph.stores import EVERY_STORE

pytestmark = EVERY_STORE

GENERATION = Generation("words 1", WordEmbedder.dimensions)
OF_ANN = WeightedScope(ReadScope(user_id="ann", include_shared=False))
OF_BOB = WeightedScope(ReadScope(user_id="bob", include_shared=False))


class Asking:
    def __init__(self, store: GraphStore, shelf: Shelf) -> None:
        self.store = store
        self.embedder = WordEmbedder()
        self.recall = Recall(store, shelf, self.embedder, lambda: day(1_000))

    async def keep(self, *memories: Memory, access: Access = ACME) -> datetime:
        """Keep memories with their vectors; return when the last of them was."""
        rows = await self.embedder.embed([each.text for each in memories])
        refs = [DerivedRef(each.id, each.version, GENERATION.name) for each in memories]
        await self.store.commit(access, ChangeSet(tuple(map(Put, memories))))
        vectors = [row.astype(np.float16).tobytes() for row in rows]
        await self.store.derive(access, dict(zip(refs, vectors, strict=True)))
        changes = await self.store.changes(access, after=Position(0), limit=100)
        return changes[-1].at

    async def hits(
        self, text: str, *scopes: WeightedScope, access: Access = ACME, **given: object
    ) -> Sequence[Hit]:
        question = Question(text=text, scopes=scopes, **given)  # type: ignore[arg-type]
        return (await self.recall.recall(access, question)).hits

    async def texts(self, text: str, *scopes: WeightedScope, **given: object) -> list[str]:
        return [hit.memory.text for hit in await self.hits(text, *scopes, **given)]  # type: ignore[arg-type]


@pytest.fixture
async def asking(store: GraphStore) -> AsyncIterator[Asking]:
    async with Shelf(store, GENERATION) as shelf:
        asked = Asking(store, shelf)
        for name, scope in (("ann", ANN), ("bob", BOB), ("carol", Scope("carol"))):
            await asked.keep(memory(f"tea of {name}", scope=scope))
        await asked.keep(memory("tea of everyone", scope=EVERYONE))
        await asked.keep(memory("tea of a stranger"), access=GLOBEX)
        yield asked


async def test_only_what_is_in_one_of_the_scopes_is_found(asking: Asking) -> None:
    assert sorted(await asking.texts("tea", OF_ANN, OF_BOB)) == ["tea of ann", "tea of bob"]
    shared = WeightedScope(ReadScope(user_id="ann"))
    assert sorted(await asking.texts("tea", shared, OF_BOB)) == [
        "tea of ann",
        "tea of bob",
        "tea of everyone",
    ]


async def test_agents_and_sessions_narrow_each_scope_for_itself(asking: Asking) -> None:
    for user, agent, session in (("ann", "one", "s1"), ("ann", "two", "s1"), ("bob", "two", "s2")):
        text = f"milk {user} {agent} {session}"
        await asking.keep(memory(text, scope=Scope(user, agent, session)))
    scopes = (
        WeightedScope(ReadScope(user_id="ann", agent_id="one")),
        WeightedScope(ReadScope(user_id="bob", session_id="s2")),
    )
    assert sorted(await asking.texts("milk", *scopes, query=MemoryQuery(text="milk"))) == [
        "milk ann one s1",
        "milk bob two s2",
    ]


async def test_a_scope_without_a_user_is_everybody_of_the_organization(asking: Asking) -> None:
    await asking.keep(memory("tea of the cook", scope=Scope("bob", "cook")))
    cook = WeightedScope(ReadScope(agent_id="cook"))
    assert sorted(await asking.texts("tea", OF_ANN, cook)) == ["tea of ann", "tea of the cook"]


@pytest.mark.parametrize("strategy", [Strategy.HYBRID, Strategy.TEXT, Strategy.VECTOR])
async def test_less_weight_is_less_chance_and_takes_nothing_from_the_others(
    asking: Asking, strategy: Strategy
) -> None:
    plain = scores(await asking.hits("Who has tea?", OF_ANN, OF_BOB, strategy=strategy))
    few = WeightedScope(OF_BOB.scope, 0.1)
    weighed = scores(await asking.hits("Who has tea?", OF_ANN, few, strategy=strategy))
    assert weighed["tea of ann"] == pytest.approx(plain["tea of ann"])
    assert 0.1 <= weighed["tea of bob"] / plain["tea of bob"] < 0.5
    assert list(weighed) == ["tea of ann", "tea of bob"]


def scores(hits: Sequence[Hit]) -> dict[str, float]:
    return {hit.memory.text: hit.score for hit in hits}


async def test_equal_weights_of_any_size_change_nothing(asking: Asking) -> None:
    plain = await asking.hits("tea", OF_ANN, OF_BOB)
    heavy = await asking.hits("tea", WeightedScope(OF_ANN.scope, 7), WeightedScope(OF_BOB.scope, 7))
    assert list(plain) == list(heavy)


async def test_one_scope_of_several_is_the_scope_itself(asking: Asking) -> None:
    alone = await asking.recall.recall(ACME, Question(text="tea", scope=OF_ANN.scope))
    assert tuple(await asking.hits("tea", OF_ANN)) == alone.hits


async def test_what_is_in_two_scopes_is_found_once_and_counts_as_in_the_heavier(
    asking: Asking,
) -> None:
    whole = WeightedScope(ReadScope(user_id="ann"), 0.01)
    hits = await asking.hits("tea", whole, OF_ANN)
    assert [hit.memory.text for hit in hits] == ["tea of ann", "tea of everyone"]
    assert hits[0].score > 20 * hits[1].score


async def test_the_shares_still_add_up_to_the_score(asking: Asking) -> None:
    for hit in await asking.hits("tea", OF_ANN, WeightedScope(OF_BOB.scope, 0.2)):
        assert sum(each.score for each in hit.explanation) == pytest.approx(hit.score)


async def test_a_scope_beyond_the_access_brings_nothing(asking: Asking) -> None:
    only_bob = Access(ACME.organization, "key:1", reads=frozenset({Partition("bob")}))
    assert await asking.texts("tea", OF_ANN, OF_BOB, access=only_bob) == ["tea of bob"]
    everybody = WeightedScope(ReadScope())
    assert await asking.texts("tea", OF_ANN, everybody, access=only_bob) == ["tea of bob"]


async def test_what_was_known_earlier_is_asked_in_each_scope(asking: Asking) -> None:
    before = await asking.keep(memory("milk of ann"), memory("milk of bob", scope=BOB))
    await asking.keep(memory("milk of bob, later", scope=BOB))
    known = MemoryQuery(known_at=before, as_of=day(1_000), text="milk")
    assert sorted(await asking.texts("milk", OF_ANN, OF_BOB, query=known)) == [
        "milk of ann",
        "milk of bob",
    ]


@pytest.mark.parametrize(
    ("scopes", "beside", "error"),
    [
        ([], ReadScope(), BadInput),
        ([OF_ANN], ReadScope(user_id="bob"), BadInput),
        ([WeightedScope(ReadScope(), 0)], ReadScope(), BadInput),
        ([WeightedScope(ReadScope(), -1)], ReadScope(), BadInput),
        ([WeightedScope(ReadScope(), float("nan"))], ReadScope(), BadInput),
        ([WeightedScope(ReadScope(), float("inf"))], ReadScope(), BadInput),
        ([WeightedScope(ReadScope(), 100.5)], ReadScope(), TooMuch),
        ([OF_ANN] * 17, ReadScope(), TooMuch),
    ],
)
async def test_scopes_that_make_no_sense_are_refused(
    asking: Asking, scopes: list[WeightedScope], beside: ReadScope, error: type[BadInput]
) -> None:
    question = Question(text="tea", scope=beside, scopes=scopes)
    with pytest.raises(error):
        await asking.recall.recall(ACME, question)
