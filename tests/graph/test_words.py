"""Words, by which every store and index finds a text."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.model.words import fingerprint, words

texts = st.text() | st.text(string.printable)


@given(texts)
def test_what_stands_behind_a_text_does_not_change_its_words(text: str) -> None:
    assert words(f"{text} é") == [*words(text), "é"]


def test_plain_text_is_cut_at_what_is_neither_letter_nor_digit() -> None:
    assert words("Ann_Lee moved (2024-05-01), it's\nsaid;\tdon't!") == [
        *("ann", "lee", "move", "2024", "05", "01", "it", "said", "dont")
    ]


def test_case_spacing_and_punctuation_do_not_change_a_fingerprint() -> None:
    assert fingerprint("Hello,  WORLD-wide\n") == fingerprint("hello world wide")
    assert fingerprint("it's") != fingerprint("its")
