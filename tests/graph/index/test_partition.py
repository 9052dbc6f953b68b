"""However an index came to be, it answers as one built from what is there."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.index.ranking import Asked, rank
from mnemos_graph.index.rows import Rows, rows_of
from mnemos_graph.index.sessions import STRETCH
from mnemos_graph.model import Memory, Scope
from mnemos_graph.store import VersionRef
from tests.conformance.samples import EPOCH, memory

WORDS = ("tea", "milk", "rain", "bicycle", "lisbon", "sister")
deeds = st.lists(
    st.tuples(
        st.sampled_from(["say", "change", "drop"]),
        st.integers(0, 1_000),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    ),
    max_size=120,
)


def said(minute: int, spoken: list[str]) -> Memory:
    scope = Scope(user_id="ann", session_id=f"s{minute % 3}" if minute % 7 else None)
    speaker = ("Ann", "Bob", None)[minute % 3]
    at = EPOCH + timedelta(minutes=minute)
    return memory(" ".join(spoken), scope=scope, speaker=speaker, occurred_at=at)


def of_one(kept: Memory, rows: list[list[float]]) -> Rows[np.float32]:
    ref = VersionRef(kept.id, kept.version)
    return Rows([ref], np.array([len(rows)]), np.array(rows, np.float32))


def answers(index: PartitionIndex) -> list[tuple[str, object]]:
    ranking = rank([index], Asked(text="Did Ann have tea in Lisbon?", first=50))
    return [(each.ref.id, pytest.approx(each.total, abs=1e-6)) for each in ranking.best]


@given(deeds)
@settings(max_examples=60, deadline=None)
def test_an_index_that_followed_changes_answers_as_one_built_anew(
    done: list[tuple[str, int, list[str]]],
) -> None:
    index, live = PartitionIndex(2), dict[str, Memory]()
    for deed, number, spoken in done:
        known = list(live.values())[number % len(live)] if live else None
        if deed == "drop" and known:
            index.drop(live.pop(known.id).id)
            continue
        told = said(number, spoken)
        if deed == "change" and known:
            told = replace(known, version=known.version + 1, text=told.text)
        live[told.id] = told
        index.put(told)
    anew = PartitionIndex(2)
    anew.put(*live.values())
    anew.settle()
    assert [id_ for id_, _ in answers(index)] == [id_ for id_, _ in answers(anew)]
    assert answers(index) == answers(anew)


def test_a_session_is_scored_in_stretches_whatever_the_order_of_arrival() -> None:
    turns = [
        memory("tea", scope=Scope("ann", None, "s"), occurred_at=EPOCH + timedelta(minutes=n))
        for n in range(3 * STRETCH)
    ]
    index, shuffled = PartitionIndex(2), turns.copy()
    random.Random(7).shuffle(shuffled)
    for turn in shuffled:
        index.put(turn)
    stretches = [int(index.sessions.stretch[index.numbers[turn.id]]) for turn in turns]
    for first in range(0, len(turns), STRETCH):
        assert len(set(stretches[first : first + STRETCH])) == 1
    assert len(set(stretches)) == 3


def test_an_older_version_that_comes_late_changes_nothing() -> None:
    index, first = PartitionIndex(2), memory("tea")
    index.put(replace(first, version=2, text="coffee"))
    index.put(first)
    assert index.refs(index.numbers.values()) == [VersionRef(first.id, 2)]


def test_a_vector_of_an_earlier_version_is_not_taken() -> None:
    index, first = PartitionIndex(2), memory("tea")
    index.put(replace(first, version=2))
    index.give_vectors(of_one(first, [[1, 1]]))
    assert index.lacking(10) == [0]


def test_the_best_window_of_a_long_text_counts() -> None:
    index, kept = PartitionIndex(2), memory("long")
    index.put(kept)
    index.give_vectors(of_one(kept, [[1, 0], [0, 1]]))
    likeness, has = index.likeness(np.array([[0, 1]], np.float32))
    assert (likeness.tolist(), has.tolist()) == ([pytest.approx(1.0)], [True])


def test_cosines_are_those_of_the_whole_numbers_but_for_a_little() -> None:
    noise, index = np.random.default_rng(7), PartitionIndex(384)
    kept = [memory(f"tea {number}") for number in range(600)]
    rows = noise.standard_normal((601, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index.put(*kept)
    refs = [VersionRef(each.id, each.version) for each in kept]
    index.give_vectors(Rows(refs, np.ones(600, np.int64), rows[:600]))
    likeness, has = index.likeness(rows[600:])
    assert has.all()
    assert likeness == pytest.approx(rows[:600] @ rows[600], abs=0.003)


def test_a_memory_that_comes_twice_at_once_is_there_once_at_its_newest() -> None:
    index, first = PartitionIndex(2), memory("tea")
    index.put(replace(first, version=3), memory("milk"), replace(first, version=2))
    assert [ref.version for ref in index.refs(index.numbers.values())] == [3, 1]


def test_room_for_more_is_given_back() -> None:
    index = PartitionIndex(2)
    for _ in range(300):
        index.put(memory("tea and milk"))
    before = index.nbytes
    index.settle()
    assert index.nbytes < before
    settled = index.nbytes
    index.settle()
    assert index.nbytes == settled


def test_bytes_of_another_length_are_no_rows() -> None:
    good, bad = VersionRef(memory("tea").id, 1), VersionRef(memory("milk").id, 1)
    given = rows_of({bad: b"123", good: bytes([1, 2, 3, 4])}, np.int8, 2)
    assert (given.refs, given.rows.tolist()) == ([good], [[1, 2], [3, 4]])
