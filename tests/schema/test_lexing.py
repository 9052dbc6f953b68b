"""What is refused before it is parsed is what the parser would find too long."""

from __future__ import annotations

import pytest
from graphql import GraphQLSyntaxError, Lexer, Source, TokenKind
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.errors import TooMuch
from mnemos_schema import lexing
from mnemos_schema.lexing import MOST_NESTED, MOST_TOKENS, check_length

PIECES = st.sampled_from(
    [
        "memories", "_a1", "-12.5e+3", "0", '"a \\" } # b"', '""', '"""block " "" \\""" }"""',
        '""""""', "...", "{", "}", "(", ")", "[", "]", "$", "&", "!", "|", "=", ":", "@",
        "# comment { ( [\n", ",", " ", "\n", "\ufeff",
    ]
)  # fmt: skip


def tokens_of(text: str) -> int:
    """Count as the parser's own lexer does."""
    lexer, count = Lexer(Source(text)), 0
    while lexer.advance().kind is not TokenKind.EOF:
        count += 1
    return count


def passes(text: str) -> bool:
    try:
        check_length(text)
    except TooMuch:
        return False
    return True


@given(st.lists(PIECES).map(" ".join))
def test_tokens_are_counted_as_the_parser_does(text: str) -> None:
    count = tokens_of(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexing, "MOST_NESTED", len(text))
        patch.setattr(lexing, "MOST_TOKENS", count)
        assert passes(text)
        patch.setattr(lexing, "MOST_TOKENS", count - 1)
        assert not passes(text) or count == 0


@given(st.text(alphabet='ab"\\#{}()[]\n\r.$é🙂', max_size=200))
def test_whatever_is_no_document_is_left_to_the_parser(text: str) -> None:
    check_length(text)
    try:
        tokens_of(text)
    except GraphQLSyntaxError:
        return


@pytest.mark.parametrize("text", ['"' * MOST_TOKENS, '"""' + "a" * 1_000_000, "\\" * 1_000_000])
def test_what_has_no_end_is_soon_seen_through(text: str) -> None:
    check_length(text)


@pytest.mark.parametrize("pair", ["{}", "()", "[]"])
def test_brackets_may_be_nested_so_deep_and_no_deeper(pair: str) -> None:
    begin, end = pair[0], pair[1]
    check_length(begin * MOST_NESTED + end * MOST_NESTED)
    with pytest.raises(TooMuch, match="nested too deeply"):
        check_length(begin * (MOST_NESTED + 1))
