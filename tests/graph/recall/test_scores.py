"""What the score of a hit takes into account."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.index.grounds import Grounds
from mnemos_graph.memory.recall.asking import Strategy
from mnemos_graph.memory.recall.relevance import CURVES, SECOND_CURVE
from mnemos_graph.memory.scopes import ReadScope
from tests.conformance.samples import memory
from tests.graph.recall.conftest import Bench

OF_ANN = ReadScope(user_id="ann")
sums = st.floats(-1e6, 1e6)
grounds = st.builds(
    Grounds, alike=st.floats(-1, 1), close=st.floats(-1, 1), missing=st.floats(0, 1)
)


@given(st.lists(sums, min_size=2), st.integers(0, 10**7), grounds)
def test_a_score_is_a_chance_that_never_falls_while_the_sum_grows(
    totals: list[float], among: int, shared: Grounds
) -> None:
    for curve in (*CURVES.values(), SECOND_CURVE):
        found = [curve.chance(total, among, shared) for total in sorted(totals)]
        assert found == sorted(found)
        assert all(0 <= chance <= 1 for chance in found)


def test_the_same_sum_is_worth_more_where_the_best_fits_by_itself() -> None:
    poor, good = Grounds(alike=0.1, close=0.2), Grounds(alike=0.8, close=0.9)
    for curve in (CURVES[Strategy.HYBRID], SECOND_CURVE):
        assert curve.chance(3, 100, good) > curve.chance(3, 100, poor)


async def test_a_hit_is_worth_less_where_what_is_named_is_nowhere(bench: Bench) -> None:
    await bench.keep(memory("SHOP-1841 is about slow carts"), *(memory(f"{n}") for n in range(9)))
    (there, *_) = (await bench.ask("What is SHOP-1841 about?", scope=OF_ANN)).hits
    (absent, *_) = (await bench.ask("What is SHOP-1842 about?", scope=OF_ANN)).hits
    assert there.memory.text.startswith("SHOP-1841")
    assert absent.score < 0.6 * there.score
