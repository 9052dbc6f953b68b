"""Words are scored as SQLite's FTS5 scores windowed rows."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemos_graph.index import text
from mnemos_graph.index.partition import PartitionIndex, as_said
from mnemos_graph.model import Memory, Scope
from mnemos_graph.model.words import words
from tests.conformance.samples import EPOCH, memory

WORDS = ("tea", "milk", "rain", "bicycle", "lisbon", "sister")
Turn = tuple[str, list[str]]
turns = st.lists(
    st.tuples(st.sampled_from(["s1", "s2"]), st.lists(st.sampled_from(WORDS), max_size=6)),
    min_size=1,
    max_size=40,
)


def said(number: int, turn: Turn) -> Memory:
    session, spoken = turn
    scope = Scope(user_id="ann", session_id=session)
    at = EPOCH + timedelta(minutes=number)
    return memory(" ".join(spoken), scope=scope, occurred_at=at)


def index_of(memories: list[Memory]) -> PartitionIndex:
    index = PartitionIndex(2)
    for each in memories:
        index.put(each)
    return index


def own(each: Memory) -> str:
    return " ".join(words(as_said(each)))


def full_text(memories: list[Memory], asked: list[str]) -> list[float]:
    """Return each memory's score by FTS5, its neighbours written into columns."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE f USING fts5(own, before, after, far)")
    for row, each in enumerate(memories):
        session = [m for m in memories if m.scope == each.scope]
        at = session.index(each)
        around = {
            step: own(session[at + step])
            for step in (-2, -1, 1, 2)
            if 0 <= at + step < len(session)
        }
        columns = (own(each), around.get(-1, ""), around.get(1, ""))
        far = f"{around.get(-2, '')} {around.get(2, '')}"
        database.execute(
            "INSERT INTO f (rowid, own, before, after, far) VALUES (?,?,?,?,?)",
            (row, *columns, far),
        )
    match = " OR ".join(f'"{word}"' for word in asked)
    rows = database.execute(
        "SELECT rowid, -bm25(f, 1.0, 0.6, 0.4, 0.3) FROM f WHERE f MATCH ?", (match,)
    )
    found = dict(rows.fetchall())
    return [found.get(row, 0.0) for row in range(len(memories))]


@given(turns, st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True))
@settings(max_examples=60, deadline=None)
def test_windows_are_scored_as_full_text_scores_columns(
    spoken: list[Turn], asked: list[str]
) -> None:
    memories = [said(number, turn) for number, turn in enumerate(spoken)]
    asked = words(" ".join(asked))
    (scores,) = text.score([index_of(memories)], [hash(word) for word in asked])
    assert scores.window.tolist() == pytest.approx(full_text(memories, asked), rel=1e-6, abs=1e-12)


@given(turns, st.integers(0, 39))
@settings(max_examples=40, deadline=None)
def test_two_partitions_are_scored_as_one_table(spoken: list[Turn], cut: int) -> None:
    memories = [said(number, turn) for number, turn in enumerate(spoken)]
    parts = [
        [each for each in memories if each.scope.session_id == session] for session in ("s1", "s2")
    ]
    asked = [hash(word) for word in words(WORDS[cut % len(WORDS)])]
    (together,) = text.score([index_of(parts[0] + parts[1])], asked)
    apart = text.score([index_of(part) for part in parts], asked)
    assert together.window.tolist() == pytest.approx(
        [score for each in apart for score in each.window.tolist()]
    )
