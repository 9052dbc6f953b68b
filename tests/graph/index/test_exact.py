"""Whatever a question names exactly is in the result, as far as there is room."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.index.exact import Holding

THINGS = 4


@st.composite
def held(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """Return who holds what, how good each is, and how many are wanted."""
    rows = draw(st.lists(st.lists(st.booleans(), min_size=THINGS, max_size=THINGS), min_size=1))
    total = draw(st.lists(st.floats(-5, 5), min_size=len(rows), max_size=len(rows)))
    return np.array(rows, np.bool_), np.array(total), draw(st.integers(1, 12))


@given(held())
def test_every_thing_that_somebody_holds_is_in_the_result(
    case: tuple[np.ndarray, np.ndarray, int],
) -> None:
    has, total, first = case
    best = list(np.argsort(-total, kind="stable")[:first])
    kept = Holding(has).kept_in(best, total, np.arange(len(has)))
    assert len(kept) == len(best) == len(set(kept))
    assert list(total[kept]) == sorted(total[kept], reverse=True)
    if first >= THINGS:
        assert (has[kept].any(axis=0) == has.any(axis=0)).all()


@given(held())
def test_nothing_changes_where_everything_is_there_already(
    case: tuple[np.ndarray, np.ndarray, int],
) -> None:
    has, total, _ = case
    best = list(np.argsort(-total, kind="stable"))
    assert Holding(has).kept_in(best, total, np.arange(len(has))) == best


def test_the_only_place_goes_to_who_has_the_rarest_thing() -> None:
    has = np.array([[True, False], [True, False], [True, False], [False, True]])
    total = np.array([4.0, 3.0, 2.0, 1.0])
    assert Holding(has).kept_in([0], total, np.arange(4)) == [3]


def test_what_hardly_anybody_has_speaks_louder_than_what_everybody_has() -> None:
    has = np.zeros((100, 2), np.bool_)
    has[0, 0] = True
    has[1:, 1] = True
    values = Holding(has).values
    assert values[0] == 1.0
    assert (values[1:] == 0.0).all()
