"""How people are called: short forms of first names, and sentences that say who is who."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mnemos_graph.model.words import fold

NAMING = frozenset(
    {"name", "full_name", "nickname", "known_as", "also_known_as", "goes_by", "called", "alias"}
)
"""Relations between somebody and what they are called."""
_SHORT = """
bob rob robert
bill will william
dick rick richard
jim james
jack john
ted ned edward
liz beth betty elizabeth
peggy meg margaret
kate katie katherine catherine
tony anthony
mike michael
nick nicholas
dave david
joe joseph
tom thomas
andy drew andrew
steve steven stephen
harry henry
chuck charles
hank henry
sasha alexander alexandra
"""
_LEAST = 3
"""Letters of a short form that is only the beginning of a name."""
_FAMILIES = [frozenset(line.split()) for line in _SHORT.strip().splitlines()]
_NAME = r"[^\W\d_a-z][\w.'’-]*(?: [^\W\d_a-z][\w.'’-]*){0,3}"
"""Up to four words that do not begin with a small letter."""
_CALLED = re.compile(
    rf"(?P<one>{_NAME})(?:(?:,| is)(?: also| better)? (?:known as|called)|,? (?:goes by|aka|a\.k\.a\.))"
    rf" (?P<other>{_NAME})"
)
_SHORT_FOR = re.compile(rf"(?P<one>{_NAME}),? (?:is )?short for (?P<other>{_NAME})")
_FULL_NAME = re.compile(rf"(?P<one>{_NAME})['’]s (?:full|real) name is (?P<other>{_NAME})")


def short_for(short: str, name: str) -> bool:
    """Return whether a single name can be the first of a longer one, or short for it.

    Both are folded.
    """
    first, _, rest = name.partition(" ")
    if " " in short or not rest:
        return False
    return (
        short == first
        or (len(short) >= _LEAST and first.startswith(short))
        or any(short in each and first in each for each in _FAMILIES)
    )


def initials(name: str) -> frozenset[str]:
    """Return the letters with which a name, and those that it can be short for, begin."""
    first = name.partition(" ")[0]
    related = {each[0] for family in _FAMILIES if first in family for each in family}
    return frozenset(related | {name[0]})


def said_to_be_called(text: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of names, folded, that a sentence says to be the same one's."""
    for pattern in (_CALLED, _SHORT_FOR, _FULL_NAME):
        for match in pattern.finditer(text):
            yield fold(match["one"].rstrip(".")), fold(match["other"].rstrip("."))
