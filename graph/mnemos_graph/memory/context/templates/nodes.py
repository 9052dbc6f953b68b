"""What a template is made of once it is read."""

from __future__ import annotations

from dataclasses import dataclass

from mnemos_graph.errors import BadInput


class Malformed(BadInput):
    """A template that cannot be kept. The message says in which line, and what is wrong there."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"Line {line} of the template: {message}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Path:
    """Where a value is looked up."""

    names: tuple[str, ...]
    """From the scope inwards; none: the scope itself."""
    up: int
    """How many scopes further out it begins."""
    line: int
    root: bool = False
    """Begin at the outermost scope instead."""
    loop: str = ""
    """``index``, ``first`` or ``last`` of the loop around it, in place of names."""

    def __str__(self) -> str:
        if self.loop:
            return f"@{self.loop}"
        start = "@root." if self.root else "../" * self.up
        return start + (".".join(self.names) or "this")


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Value:
    path: Path
    raw: bool
    """Whether it is written as it is, and not made safe for the format."""


@dataclass(frozen=True, slots=True)
class If:
    path: Path
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Each:
    path: Path
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]
    """Where there is nothing to go through."""


@dataclass(frozen=True, slots=True)
class With:
    path: Path
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


Node = Text | Value | If | Each | With
