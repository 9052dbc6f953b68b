"""What was said around a memory counts for its likeness to a question as well."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from mnemos_graph.index.gathered import Gathered
from mnemos_graph.index.likeness import Likeness, likeness
from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.index.rows import Rows
from mnemos_graph.model import Scope
from mnemos_graph.store import VersionRef
from tests.conformance.samples import EPOCH, memory

ALIKE, APART = [1.0, 0.0], [0.0, 1.0]


def found(directions: list[list[float] | None], session: str | None = "s1") -> Likeness:
    index = PartitionIndex(2)
    for minute, direction in enumerate(directions):
        at = EPOCH + timedelta(minutes=minute)
        kept = memory("tea", scope=Scope("ann", None, session), occurred_at=at)
        index.put(kept)
        if direction is not None:
            ref = VersionRef(kept.id, 1)
            index.give_vectors(Rows([ref], np.ones(1, np.int64), np.array([direction], np.float32)))
    scope = Gathered([index], [index.alive])
    return likeness(scope, np.array([ALIKE], np.float32))


def test_a_turn_beside_what_is_alike_stands_before_one_that_is_not() -> None:
    like = found([ALIKE, APART, APART, APART, APART])
    with_turns_around = like.with_turns_around.values
    assert with_turns_around[1] > with_turns_around[2] > with_turns_around[3]
    assert like.own.values[1] == like.own.values[3]


def test_what_was_not_said_in_a_session_is_as_alike_as_it_is_by_itself() -> None:
    like = found([ALIKE, APART, APART], session=None)
    assert np.array_equal(like.with_turns_around.values, like.own.values)


def test_a_turn_whose_direction_is_not_known_adds_nothing_and_stays_unknown() -> None:
    like = found([APART, None, APART])
    assert like.with_turns_around.known.tolist() == [True, False, True]
    assert like.with_turns_around.values.tolist() == [0.0, 0.0, 0.0]
