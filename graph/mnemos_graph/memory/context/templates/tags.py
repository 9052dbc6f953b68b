"""A template as texts and tags, with the white space around tags taken away as Handlebars does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mnemos_graph.memory.context.templates.nodes import Malformed

_TAG = re.compile(
    r"\{\{(?P<left>~?)(?:"
    r"!--(?P<long>.*?)--"
    r"|!(?P<short>.*?)"
    r"|\{(?P<raw>[^{}]*)\}"
    r"|(?P<inside>[^{}!][^{}]*)"
    r")(?P<right>~?)\}\}",
    re.DOTALL,
)
_BEFORE = re.compile(r"(?:^|\n)[ \t]*\Z")
_BEHIND = re.compile(r"[ \t]*(?:\r?\n|\Z)")
_ALONE = re.compile(r"[#/!^]|else(?: |\Z)")
"""Beginnings of tags that take the line on which nothing else stands."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A text, or what stands inside of a tag."""

    text: str
    line: int
    is_tag: bool = False
    raw: bool = False
    is_alone: bool = False
    trims: tuple[bool, bool] = (False, False)
    """Whether it takes the white space before it, and behind it."""


def pieces_of(source: str) -> list[Piece]:
    """Return texts and tags in turn.

    Raises:
        Malformed: two braces begin no tag.
    """
    found: list[Piece] = []
    at = 0
    for match in _TAG.finditer(source):
        _plain(found, source, at, match.start())
        found.append(_tag(source, match))
        at = match.end()
    _plain(found, source, at, len(source))
    return _trimmed(found)


def _plain(found: list[Piece], source: str, start: int, end: int) -> None:
    text = source[start:end]
    for braces in ("{{", "}}"):
        stray = text.find(braces)
        if stray < 0 and braces == "{{" and text.endswith("{") and source[end : end + 3] == "{{{":
            stray = len(text) - 1
        if stray >= 0:
            line = source.count("\n", 0, start + stray) + 1
            raise Malformed(line, f"{braces} is part of no tag. A tag is {{{{name}}}}.")
    found.append(Piece(text, source.count("\n", 0, start) + 1))


def _tag(source: str, match: re.Match[str]) -> Piece:
    line = source.count("\n", 0, match.start()) + 1
    raw = match["raw"] is not None
    inside = match["raw"] if raw else match["inside"]
    text = "!" if inside is None else " ".join(inside.rstrip("~").split())
    trims = (bool(match["left"]), bool(match["right"]) or (inside or "").endswith("~"))
    if text.startswith("&"):
        raw, text = True, text[1:].strip()
    lines_up = bool(_BEFORE.search(source, 0, match.start())) and bool(
        _BEHIND.match(source, match.end())
    )
    alone = lines_up and not raw and bool(_ALONE.match(text))
    return Piece(text, line, is_tag=True, raw=raw, is_alone=alone, trims=trims)


def _trimmed(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces without the white space that belongs to tags, and without comments."""
    texts = [each.text for each in pieces]
    for n, piece in enumerate(pieces):
        if not piece.is_tag:
            continue
        if piece.is_alone:
            texts[n - 1] = texts[n - 1].rstrip(" \t")
            texts[n + 1] = _BEHIND.sub("", texts[n + 1], count=1)
        if piece.trims[0]:
            texts[n - 1] = texts[n - 1].rstrip()
        if piece.trims[1]:
            texts[n + 1] = texts[n + 1].lstrip()
    both = (replace(each, text=text) for each, text in zip(pieces, texts, strict=True))
    return [each for each in both if (each.text != "!" if each.is_tag else each.text)]
