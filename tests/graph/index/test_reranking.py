"""A second look token by token, against one written in plain Python."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemos_graph.index import reranking
from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.index.reranking import AskedTokens, Closeness, closeness, token_weights
from mnemos_graph.index.rows import Rows
from mnemos_graph.model import Scope
from mnemos_graph.store import VersionRef
from tests.conformance.samples import EPOCH, memory

DIMENSIONS = 4
row = st.lists(st.integers(-127, 127), min_size=DIMENSIONS, max_size=DIMENSIONS)
rows = st.lists(row, min_size=1, max_size=5)


@dataclass
class Turn:
    session: str | None
    rows: list[list[int]] | None
    """None: its tokens are not there yet."""


turns = st.lists(
    st.builds(Turn, st.sampled_from(["s1", "s2", None]), st.none() | rows), min_size=1, max_size=12
)


def index_of(said: list[Turn]) -> PartitionIndex:
    index = PartitionIndex(2, token_dimensions=DIMENSIONS)
    for minute, turn in enumerate(said):
        at = EPOCH + timedelta(minutes=minute)
        kept = memory("tea", scope=Scope("ann", None, turn.session), occurred_at=at)
        index.put(kept)
        if turn.rows:
            counts = np.array([len(turn.rows)])
            index.give_tokens(Rows([VersionRef(kept.id, 1)], counts, np.array(turn.rows, np.int8)))
    return index


def cosine(one: list[int], other: list[int]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / 127**2


def plainly(said: list[Turn], place: int, asked: list[list[int]], weights: list[float]) -> float:
    """Return how close a turn with its window is, as the recipe says it in words."""
    session = said[place].session
    order = [n for n, turn in enumerate(said) if turn.session == session and session]
    at = order.index(place) if session else 0
    window = {0: 1.0, -1: 0.95, 1: 0.9, -2: 0.85, 2: 0.8}
    near = {place: 1.0}
    for step, share in window.items():
        if session and 0 <= at + step < len(order):
            near[order[at + step]] = share
    total = 0.0
    for token, weight in zip(asked, weights, strict=True):
        found = [
            (each * share if (each := cosine(token, other)) > 0 else each)
            for n, share in near.items()
            for other in said[n].rows or []
        ]
        total += weight * max(found)
    return total


@given(turns, rows)
@settings(max_examples=150, deadline=None)
def test_every_memory_is_as_close_as_a_plain_count_says(
    said: list[Turn], asked: list[list[int]]
) -> None:
    weights = [1 / len(asked)] * len(asked)
    tokens = AskedTokens(np.array(asked, np.int8), ["tea"] * len(asked))
    found = closeness(index_of(said), np.arange(len(said)), tokens, np.array(weights))
    for place, turn in enumerate(said):
        assert bool(found.known[place]) is (turn.rows is not None)
        if turn.rows is not None:
            own = sum(
                w * max(cosine(t, r) for r in turn.rows)
                for t, w in zip(asked, weights, strict=True)
            )
            assert found.own[place] == pytest.approx(own, abs=1e-5)
            expected = plainly(said, place, asked, weights)
            assert found.around[place] == pytest.approx(expected, abs=1e-5)


def test_a_rare_word_tells_more_than_a_common_one_and_a_stop_word_hardly_anything() -> None:
    index = PartitionIndex(2, token_dimensions=DIMENSIONS)
    for text in ["the tea is hot", "the tea is cold", "the kettle and the tea"]:
        index.put(memory(text))
    tea, kettle, the = token_weights([index], ["tea", "kettle", "the"])
    assert kettle > tea > 2 * the


def test_the_tokens_of_what_is_gone_or_changed_are_not_found() -> None:
    index = index_of([Turn(None, [[127, 0, 0, 0]]), Turn(None, [[0, 127, 0, 0]])])
    first, second = index.ids
    index.drop(first)
    index.put(replace(memory("coffee"), id=second, version=2))
    asked = AskedTokens(np.array([[127, 0, 0, 0]], np.int8), ["tea"])
    found = closeness(index, np.arange(len(index)), asked, np.array([1.0]))
    assert found.known.tolist() == [False, False, False]


def test_there_is_a_most_that_one_question_compares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reranking, "MOST_ROWS", 3)
    index = index_of([Turn(None, [[127, 0, 0, 0]] * 2) for _ in range(3)])
    asked = AskedTokens(np.array([[127, 0, 0, 0]], np.int8), ["tea"])
    found = closeness(index, np.array([2, 0, 1]), asked, np.array([1.0]))
    assert found.known.tolist() == [True, False, False]


def test_token_vectors_count_among_the_bytes_of_an_index() -> None:
    with_tokens = index_of([Turn(None, [[1, 2, 3, 4]] * 5)] * 100)
    without = index_of([Turn(None, None)] * 100)
    assert with_tokens.nbytes - without.nbytes >= 100 * 5 * DIMENSIONS - 500


def test_a_small_scope_is_not_thought_far_from_every_question() -> None:
    def near(count: int) -> float:
        known = np.ones(count, np.bool_)
        return Closeness(np.zeros(count), np.full(count, 0.2), known).near

    assert near(100) == pytest.approx(0.2)
    assert near(100) < near(50) < near(5) < 0.43
