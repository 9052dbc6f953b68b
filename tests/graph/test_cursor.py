from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.errors import BadInput, CursorExpired
from mnemos_graph.feed import cursor
from mnemos_graph.model import Head, OrganizationId, Position

ACME, GLOBEX = OrganizationId("acme"), OrganizationId("globex")
positions = st.integers(min_value=0, max_value=2**63).map(Position)


@given(positions)
def test_a_cursor_reads_back_as_its_position(position: Position) -> None:
    text = cursor.encode(ACME, 1, position)
    assert cursor.decode(ACME, Head(1, position), text) == position


@given(positions, st.integers(0, 27), st.characters())
def test_a_damaged_cursor_is_refused(position: Position, at: int, other: str) -> None:
    text = cursor.encode(ACME, 1, position)
    damaged = text[:at] + other + text[at + 1 :]
    if damaged != text:
        with pytest.raises(BadInput):
            cursor.decode(ACME, Head(1, position), damaged)


@pytest.mark.parametrize("text", ["", "42", "====", "\N{SNOWMAN}" * 28, "A" * 28, "A" * 9_999])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a cursor"):
        cursor.decode(ACME, Head(1, Position(5)), text)


def test_another_organizations_cursor_is_refused() -> None:
    with pytest.raises(BadInput, match="another organization"):
        cursor.decode(GLOBEX, Head(1, Position(9)), cursor.encode(ACME, 1, Position(3)))


def test_a_cursor_from_the_future_is_refused() -> None:
    for ahead in [cursor.encode(ACME, 1, Position(6)), cursor.encode(ACME, 2, Position(3))]:
        with pytest.raises(BadInput, match="ahead"):
            cursor.decode(ACME, Head(1, Position(5)), ahead)


def test_an_older_epochs_cursor_holds_up_to_where_the_new_one_began() -> None:
    head = Head(2, Position(9), began=Position(5))
    assert cursor.decode(ACME, head, cursor.encode(ACME, 1, Position(5))) == 5
    with pytest.raises(CursorExpired, match="restore"):
        cursor.decode(ACME, head, cursor.encode(ACME, 1, Position(6)))
