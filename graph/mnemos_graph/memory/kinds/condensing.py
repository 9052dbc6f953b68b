"""A block's text made shorter by rules: what is pinned stays, then the newest, and nothing twice.

Whoever writes a block adds to its end, so later lines are newer. A line that begins with ``[pinned]``
is never left out. Nothing is rewritten: what stays says what it said, where it stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

PINNED = "[pinned]"
"""What a line begins with that is to stay, behind a list's bullet or not."""
SHARE = 0.75
"""Of a block's limit: to so much it is condensed, so that there is room for more."""
_BULLET = re.compile(r"\s*(?:[-*+•]\s+|\d+[.)]\s+)?")
_HEADING = re.compile(r"(#{1,6})\s")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")
_LONG = 0.25
"""Of the room: a line that takes more is weighed sentence by sentence."""
_CUT = "…"


@dataclass(frozen=True, slots=True)
class _Part:
    """A line, or a sentence of a long one."""

    line: int
    text: str
    level: int = 0
    """Of a heading, from 1 on; 0: it is none."""

    @property
    def pinned(self) -> bool:
        return self.text[_bullet(self.text) :].startswith(PINNED)

    @property
    def cost(self) -> int:
        """Characters, with what parts it from the next."""
        return len(self.text) + 1


def condense(value: str, room: int) -> str:
    """Return ``value`` in at most ``room`` characters, or in as many as its pinned lines need.

    Exact repeats of a line go first, the newest stays; then blank lines; then what is oldest, with
    headings that nothing is left under. What fits already loses its repeats alone.
    """
    lines = list(_once(value.split("\n")))
    whole = "\n".join(line for _, line in lines).strip("\n")
    if len(whole) <= room:
        return whole
    parts = [part for number, line in lines if line.strip() for part in _parts(number, line, room)]
    if sum(part.cost for part in parts) - 1 <= room:
        return _joined(parts)
    kept = _chosen(parts, room)
    if not kept and parts and room > 0:
        last = parts[-1].text
        return _CUT + last[len(last) - room + 1 :] if room > 1 else ""
    return _joined([part for place, part in enumerate(parts) if place in kept])


def _once(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield (number, line) without the earlier ones of those that repeat; headings may."""
    newest = {line.strip(): number for number, line in enumerate(lines)}
    for number, line in enumerate(lines):
        same = line.strip()
        if not same or _HEADING.match(same) or newest[same] == number:
            yield number, line


def _parts(number: int, line: str, room: int) -> Iterator[_Part]:
    heading = _HEADING.match(line.strip())
    whole = _Part(number, line.rstrip(), len(heading[1]) if heading else 0)
    if heading or whole.pinned or len(line) <= _LONG * room:
        yield whole
        return
    yield from (_Part(number, each.strip()) for each in _SENTENCE.split(whole.text) if each.strip())


def _chosen(parts: Sequence[_Part], room: int) -> set[int]:
    """Return the places of the parts that stay: the pinned, then the newest that fit."""
    above = list(_above(parts))
    kept = set[int]()
    left = room + 1
    for must in (True, False):
        for place in reversed(range(len(parts))):
            part = parts[place]
            if part.level or part.pinned is not must:
                continue
            new = ({place} if must else {place, *above[place]}) - kept
            cost = sum(parts[each].cost for each in new)
            if must or cost <= left:
                kept |= new
                left -= cost
    return kept


def _above(parts: Sequence[_Part]) -> Iterator[tuple[int, ...]]:
    """Yield for each part the places of the headings that it stands under."""
    open_: list[int] = []
    for place, part in enumerate(parts):
        if part.level:
            open_ = [each for each in open_ if parts[each].level < part.level]
        yield tuple(open_)
        if part.level:
            open_ = [*open_, place]


def _joined(parts: Sequence[_Part]) -> str:
    by_line = groupby(parts, key=lambda part: part.line)
    return "\n".join(" ".join(part.text for part in some) for _, some in by_line)


def _bullet(text: str) -> int:
    found = _BULLET.match(text)
    return found.end() if found else 0
