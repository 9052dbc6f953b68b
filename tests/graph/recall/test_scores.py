"""What the score of a hit takes into account."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.index.grounds import Grounds, crowd
from mnemos_graph.memory.recall.asking import Strategy
from mnemos_graph.memory.recall.relevance import CURVES, SECOND_CURVE
from mnemos_graph.memory.scopes import ReadScope
from tests.conformance.samples import memory
from tests.graph.recall.conftest import Bench

OF_ANN = ReadScope(user_id="ann")
sums = st.floats(-1e6, 1e6)
share = st.floats(0, 1)
grounds = st.builds(
    Grounds,
    apart=st.floats(-10, 50),
    near=st.floats(-1, 1),
    missing=share,
    uncovered=share,
    unlike=share,
    crowd=sums,
)


@given(st.lists(sums, min_size=2), grounds)
def test_a_score_is_a_chance_that_never_falls_while_the_sum_grows(
    totals: list[float], shared: Grounds
) -> None:
    for curve in (*CURVES.values(), SECOND_CURVE):
        found = [curve.chance(total, shared) for total in sorted(totals)]
        assert found == sorted(found)
        assert all(0 <= chance <= 1 for chance in found)


@pytest.mark.parametrize(
    "poorer",
    [
        {"apart": 3.0},
        {"near": 0.3},
        {"missing": 0.5},
        {"uncovered": 0.6},
        {"unlike": 1.0},
    ],
)
def test_a_hit_is_worth_less_where_less_says_that_anything_answers(
    poorer: dict[str, float],
) -> None:
    good = Grounds(apart=5.0, near=0.45, missing=0.0, uncovered=0.2, unlike=0.0, crowd=14.5)
    assert SECOND_CURVE.chance(14, good) > 0.5
    assert SECOND_CURVE.chance(14, replace(good, **poorer)) < SECOND_CURVE.chance(14, good)


def test_a_hit_is_worth_less_where_others_stand_as_high() -> None:
    alone, among_equals = (
        Grounds(crowd=crowd(np.array([8.0, 2.0]))),
        Grounds(crowd=crowd(np.full(9, 8.0))),
    )
    for curve in (CURVES[Strategy.HYBRID], SECOND_CURVE):
        assert curve.chance(8, alone) > curve.chance(8, among_equals)


async def test_a_hit_is_worth_less_where_what_is_named_is_nowhere(bench: Bench) -> None:
    await bench.keep(memory("SHOP-1841 is about slow carts"), *(memory(f"{n}") for n in range(9)))
    (there, *_) = (await bench.ask("What is SHOP-1841 about?", scope=OF_ANN)).hits
    (absent, *_) = (await bench.ask("What is SHOP-1842 about?", scope=OF_ANN)).hits
    assert there.memory.text.startswith("SHOP-1841")
    assert absent.score < 0.6 * there.score
