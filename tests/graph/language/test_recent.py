"""The embeddings asked for lately, within their bytes."""

import numpy as np

from mnemos_graph.language.recent import Recent
from mnemos_graph.language.token_embedder import Reading

ROW = Reading(np.ones((1, 384), np.float32), np.ones((1, 64), np.int8), ("a",))


def test_what_was_not_used_longest_goes_first() -> None:
    recent: Recent[Reading] = Recent(3 * 2_000)
    for text in ("a", "b", "c"):
        recent.put(text, ROW)
    assert recent.get("a") is not None
    recent.put("d", ROW)
    assert [text for text in "abcd" if recent.get(text) is not None] == ["a", "c", "d"]


def test_putting_the_same_again_takes_no_more_room() -> None:
    recent: Recent[Reading] = Recent(2 * 2_000)
    recent.put("a", ROW)
    for _ in range(10):
        recent.put("b", ROW)
    assert recent.get("a") is not None


def test_what_is_larger_than_all_room_is_not_kept() -> None:
    recent: Recent[Reading] = Recent(2_000)
    recent.put("x" * 1_000, ROW)
    assert recent.get("x" * 1_000) is None
