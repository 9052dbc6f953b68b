"""The text of one generated function, and the objects that it refers to.

Of a client's document only names come into the text, and ``quoted`` lets nothing through but what
GraphQL's own grammar calls a name. Everything else that is not written in this package is bound as
an object under a name of ours.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from typing import Any, cast

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_FILE = "<selection>"


class NotCompiled(Exception):
    """What is selected is left to the stock executor."""


class Source:
    """One function of one argument, ``v0``, written line by line."""

    def __init__(self, most_lines: int) -> None:
        """``most_lines``: a longer function is not worth its memory."""
        self._most_lines = most_lines
        self._lines: list[str] = []
        self._bound: dict[str, object] = {"__builtins__": {}}
        self._names: dict[int, str] = {}
        self._depth = 1
        self._count = 0

    @property
    def size(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line(self, text: str) -> None:
        """Add a line to the innermost block.

        Raises:
            NotCompiled: the function is too long.
        """
        if len(self._lines) >= self._most_lines:
            raise NotCompiled
        self._lines.append("    " * self._depth + text)

    def block(self, text: str) -> Block:
        """Add the first line of a block; ``with`` it, the lines of the block follow."""
        self.line(text)
        return Block(self)

    def enter(self) -> None:
        self._depth += 1

    def leave(self) -> None:
        self._depth -= 1

    def variable(self) -> str:
        """Return a name that is not used yet."""
        self._count += 1
        return f"v{self._count}"

    def bind(self, value: object) -> str:
        """Return the name by which the function refers to ``value``."""
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = f"b{len(self._names)}"
            self._bound[name] = value
        return name

    def function(self, result: str) -> Callable[[Any], Any]:
        """Return the function, which returns ``result``."""
        text = "\n".join(("def read(v0):", *self._lines, f"    return {result}"))
        # Its text is this package's, and names that ``quoted`` and ``attribute`` have let through.
        exec(compile(text, _FILE, "exec"), self._bound)  # noqa: S102
        return cast("Callable[[Any], Any]", self._bound["read"])


class Block:
    """The lines of a block, while it is entered."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __enter__(self) -> None:
        self._source.enter()

    def __exit__(self, *_: object) -> None:
        self._source.leave()


def quoted(name: str) -> str:
    """Return a GraphQL name as a literal.

    Raises:
        NotCompiled: it is no name by GraphQL's grammar.
    """
    if not _NAME.fullmatch(name):
        raise NotCompiled
    return f"'{name}'"


def attribute(name: str) -> str:
    """Return the name of an attribute of ours, which may follow a dot.

    Raises:
        NotCompiled: it may not.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise NotCompiled
    return name
