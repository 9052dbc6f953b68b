"""What find and search promise: filters, orders, pages, full text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mnemos_graph.errors import BadInput
from mnemos_graph.model import Entity, Memory, MemoryType, RecordKind
from mnemos_graph.store import (
    ChangeSet,
    Condition,
    Delete,
    Equal,
    Find,
    GraphStore,
    HasAll,
    HasPairs,
    HasWords,
    In,
    Mark,
    Order,
    Present,
    Range,
)
from tests.conformance.commits import written
from tests.conformance.samples import ACME, ANN, BOB, EVERYONE, day, entity, memory

NEWEST = Order("created_at", descending=True)


async def texts(store: GraphStore, *where: Condition, **asked: Any) -> list[str]:
    (page,) = await store.find(ACME, [Find(Memory, where, **asked)])
    return [each.text for each in page.records]


class QuestionPromises:
    async def test_each_condition_means_what_it_says(self, store: GraphStore) -> None:
        a = memory(
            "a tea",
            type=MemoryType.CORE,
            tags=("x", "y"),
            metadata={"n": 1, "s": "t", "o": {"p": 1}},
            importance=0.9,
        )
        b = memory("b coffee", scope=BOB, tags=("x",), metadata={"n": True}, valid_to=day(5))
        c = memory("c tea coffee", scope=EVERYONE, importance=0.1, metadata={"n": None})
        await written(store, a, b, c)
        expectations: list[tuple[Condition, list[str]]] = [
            (Equal("type", MemoryType.CORE), ["a tea"]),
            (Equal("user_id", None), ["c tea coffee"]),
            (In("user_id", ("bob", None)), ["b coffee", "c tea coffee"]),
            (In("user_id", ()), []),
            (HasAll("tags", ("y", "x")), ["a tea"]),
            (HasAll("tags", ()), ["a tea", "b coffee", "c tea coffee"]),
            (HasPairs("metadata", {"n": 1}), ["a tea"]),
            (HasPairs("metadata", {"n": True}), ["b coffee"]),
            (HasPairs("metadata", {"n": None}), ["c tea coffee"]),
            (HasPairs("metadata", {"o": {"p": 1}, "s": "t"}), ["a tea"]),
            (Present("tags"), ["a tea", "b coffee"]),
            (Present("valid_to", present=False), ["a tea", "c tea coffee"]),
            (Range("importance", at_least=0.5, below=0.9), ["b coffee"]),
            (Range("importance", above=0.5), ["a tea"]),
            (Range("valid_to", at_most=day(5)), ["b coffee"]),
            (Range("valid_to", above=day(5), or_absent=True), ["a tea", "c tea coffee"]),
            (HasWords("Coffee, tea!"), ["c tea coffee"]),
        ]
        for condition, expected in expectations:
            assert await texts(store, condition) == expected, condition

    @pytest.mark.parametrize(
        "question",
        [
            Find(Memory, (Equal("color", "red"),)),
            Find(Memory, (Equal("text", "a"),)),
            Find(Memory, (Range("type", at_least=1),)),
            Find(Memory, (HasAll("type", ("core",)),)),
            Find(Memory, (HasPairs("tags", {"a": 1}),)),
            Find(Memory, order=Order("tags")),
        ],
    )
    async def test_what_is_not_declared_is_refused(
        self, store: GraphStore, question: Find[Memory]
    ) -> None:
        with pytest.raises(BadInput):
            await store.find(ACME, [question])

    async def test_several_questions_are_answered_in_order(self, store: GraphStore) -> None:
        await written(store, memory("a"), memory("b", scope=BOB))
        pages = await store.find(
            ACME, [Find(Memory, (Equal("user_id", name),)) for name in ("bob", "ann", "eve")]
        )
        assert [[each.text for each in page.records] for page in pages] == [["b"], ["a"], []]

    async def test_absent_values_come_last_in_both_directions(self, store: GraphStore) -> None:
        given = [memory("1", valid_to=day(1)), memory("none"), memory("2", valid_to=day(2))]
        await written(store, *given)
        assert await texts(store, order=Order("valid_to")) == ["1", "2", "none"]
        assert await texts(store, order=Order("valid_to", descending=True)) == ["2", "1", "none"]

    @pytest.mark.parametrize("order", [Order(), NEWEST, Order("valid_to"), Order("importance")])
    async def test_pages_are_stable_while_records_come_and_go(
        self, store: GraphStore, order: Order
    ) -> None:
        given = [
            memory(str(n), created_at=day(n % 3), valid_to=day(n) if n % 2 else None)
            for n in range(9)
        ]
        await written(store, *given)
        (whole,) = await store.find(ACME, [Find(Memory, order=order)])
        (page,) = await store.find(ACME, [Find(Memory, order=order, first=3)])
        assert page.has_more
        seen = list(page.records)
        for turn in range(2):
            last = seen[-1]
            victim = next(each for each in whole.records if each not in seen[:-1])
            if turn == 0:
                await store.commit(ACME, ChangeSet((Delete(RecordKind.MEMORY, last.id, 1),)))
                assert victim == last
            mark = Mark(last.field(order.field), last.id)
            (page,) = await store.find(ACME, [Find(Memory, order=order, first=3, after=mark)])
            seen += page.records
        assert seen == list(whole.records)
        assert not page.has_more

    async def test_matches_are_counted_up_to_a_bound(self, store: GraphStore) -> None:
        await written(store, *(memory(str(n)) for n in range(5)))
        counted = await store.find(
            ACME, [Find(Memory, first=2, count_to=bound) for bound in (0, 4, 5, 100)]
        )
        assert [page.total for page in counted] == [None, None, 5, 5]

    async def test_search_finds_any_word_and_ranks_all_words_first(self, store: GraphStore) -> None:
        await written(
            store,
            memory("Ann likes green tea"),
            memory("The tea was cold"),
            memory("Bob plays chess"),
            memory("Green tea for Bob", scope=BOB),
            entity("Green Tea", "PRODUCT"),
        )
        hits = await store.search(ACME, Memory, "green teas?", where=(Equal("user_id", "ann"),))
        assert [each.text for each, _ in hits] == ["Ann likes green tea", "The tea was cold"]
        assert all(score >= 0 for _, score in hits)
        assert [score for _, score in hits] == sorted((s for _, s in hits), reverse=True)
        assert len(await store.search(ACME, Memory, "tea", first=2)) == 2
        assert [each.name for each, _ in await store.search(ACME, Entity, "tea")] == ["Green Tea"]
        assert await store.search(ACME, Memory, "?!") == []

    async def test_search_sees_only_what_is_current(self, store: GraphStore) -> None:
        kept, gone = memory("Ann likes tea"), memory("Ann likes milk")
        await written(store, kept, gone)
        await written(store, replace(kept, text="Ann likes coffee", version=2))
        await store.commit(ACME, ChangeSet((Delete(RecordKind.MEMORY, gone.id, 1),)))
        for text, expected in [("tea", 0), ("milk", 0), ("coffee", 1), ('"likes" AND (', 1)]:
            assert len(await store.search(ACME, Memory, text)) == expected

    async def test_words_are_found_in_every_script(self, store: GraphStore) -> None:
        await written(store, memory("東京に住んでいます"), memory("Живёт в Москве"), memory("CAFÉ"))
        for text in ["東京", "москве", "café", "ＣＡＦＥ\u0301"]:
            (hit,) = await store.search(ACME, Memory, text)
            assert hit[0].scope == ANN
