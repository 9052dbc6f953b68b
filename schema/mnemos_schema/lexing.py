"""How long and how deep a document is, seen without parsing it.

The parser says so too, but only once it has built what it then throws away: a document of 10,000
aliases keeps it busy for a hundred times as long.
"""

from __future__ import annotations

import re

from mnemos_graph.errors import TooMuch

MOST_TOKENS = 5_000
MOST_NESTED = 64
"""Brackets within brackets. The deepest operation that is not refused has fewer than half."""

_TOKEN = re.compile(
    r"""
    \#[^\r\n]*+                                              # a comment, which counts for nothing
  | [_A-Za-z][_0-9A-Za-z]*+
  | -?[0-9][0-9A-Za-z.+-]*+
  | \"\"\"(?:[^"\\]|\\\"\"\"|\\|"(?!""))*+(?:\"\"\"|\Z)
  | "(?:[^"\\\r\n]|\\.)*+"?
  | \.\.\.
  | [!$&()\[\]{}:=@|?]
    """,
    re.VERBOSE,
)


def check_length(text: str) -> None:
    """Do nothing for a document that may be parsed.

    Raises:
        TooMuch: it has more tokens than one may have, or is nested too deeply.
    """
    tokens = depth = 0
    for match in _TOKEN.finditer(text):
        begins = text[match.start()]
        if begins == "#":
            continue
        tokens += 1
        if begins in "{([":
            depth += 1
        elif begins in "})]":
            depth -= 1
        if tokens > MOST_TOKENS or depth > MOST_NESTED:
            raise TooMuch(
                f"The document has more than {MOST_TOKENS} tokens or is nested too deeply. Ask in "
                "parts, and pass long values as variables."
            )
