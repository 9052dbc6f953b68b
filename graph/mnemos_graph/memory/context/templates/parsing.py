"""From a template's text to its parts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mnemos_graph.memory.context.templates.nodes import (
    Each,
    If,
    Malformed,
    Node,
    Path,
    Text,
    Value,
    With,
)
from mnemos_graph.memory.context.templates.tags import Piece, pieces_of

DEEPEST = 8
"""Blocks within each other."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BLOCKS = ("if", "unless", "each", "with")
_LOOP = ("index", "first", "last")


def parsed(source: str) -> tuple[Node, ...]:
    """Return the parts of a template.

    Raises:
        Malformed: it is none; the message has the line.
    """
    reading = _Reading(pieces_of(source))
    nodes = reading.nodes(0)
    if (left := reading.next()) is not None:
        raise Malformed(left.line, f"{{{{{left.text}}}}} closes nothing that is open.")
    return nodes


class _Reading:
    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._at = 0

    def next(self) -> Piece | None:
        return self._pieces[self._at] if self._at < len(self._pieces) else None

    def nodes(self, depth: int) -> tuple[Node, ...]:
        """Read up to the tag that closes the block around, or to its ``else``."""
        found: list[Node] = []
        while (piece := self.next()) is not None:
            if piece.is_tag and (piece.text.startswith("/") or _is_else(piece)):
                break
            self._at += 1
            if not piece.is_tag:
                found.append(Text(piece.text))
            elif piece.text.startswith("#"):
                found.append(self._block(piece, depth + 1))
            else:
                found.append(Value(_path(piece.text, piece.line), piece.raw))
        return tuple(found)

    def _block(self, opening: Piece, depth: int) -> Node:
        kind, _, argument = opening.text[1:].strip().partition(" ")
        if kind not in _BLOCKS:
            raise Malformed(
                opening.line, f"there is no block {{{{#{kind}}}}}; there are {', '.join(_BLOCKS)}."
            )
        node = self._parts(kind, argument, opening, depth)
        closing = self.next()
        if closing is None or closing.text != f"/{kind}":
            found = f"{{{{{closing.text}}}}} in line {closing.line}" if closing else "the end"
            raise Malformed(opening.line, f"{{{{#{kind}}}}} needs {{{{/{kind}}}}} before {found}.")
        self._at += 1
        return node

    def _parts(self, kind: str, argument: str, opening: Piece, depth: int) -> Node:
        if depth > DEEPEST:
            raise Malformed(opening.line, f"blocks stand at most {DEEPEST} within each other.")
        path = _path(argument.strip(), opening.line)
        body, otherwise = self.nodes(depth), tuple[Node, ...]()
        if (other := self.next()) is not None and _is_else(other):
            self._at += 1
            rest = other.text.removeprefix("^").removeprefix("else").strip()
            if rest:
                chained, _, condition = rest.partition(" ")
                if chained not in _BLOCKS:
                    raise Malformed(other.line, f"after else there is no {chained!r}.")
                otherwise = (self._parts(chained, condition, other, depth + 1),)
            else:
                otherwise = self.nodes(depth)
        match kind:
            case "each":
                return Each(path, body, otherwise)
            case "with":
                return With(path, body, otherwise)
            case "unless":
                return If(path, otherwise, body)
        return If(path, body, otherwise)


def _is_else(piece: Piece) -> bool:
    return piece.is_tag and (piece.text in {"else", "^"} or piece.text.startswith("else "))


def _path(text: str, line: int) -> Path:
    if not text:
        raise Malformed(line, "a name is missing.")
    if text.startswith(">"):
        raise Malformed(line, "a template cannot take in another one.")
    if len(text.split()) > 1:
        raise Malformed(line, f"{text!r} calls a helper; there are only names here.")
    if text.startswith("@") and text[1:] in _LOOP:
        return Path((), 0, line, loop=text[1:])
    root = text == "@root" or text.startswith("@root.")
    rest, up = text.removeprefix("@root").removeprefix("."), 0
    if not root:
        rest = text
        while rest.startswith("../") or rest == "..":
            rest, up = rest[3:], up + 1
        for own in ("this.", "this/", "./"):
            rest = rest.removeprefix(own)
        rest = "" if rest in {"this", "."} else rest
    names = tuple(re.split(r"[./]", rest)) if rest else ()
    for name in names:
        if not _NAME.fullmatch(name):
            raise Malformed(line, f"{text!r} is no name. Names are like memories or this.text.")
    return Path(names, up, line, root=root)
