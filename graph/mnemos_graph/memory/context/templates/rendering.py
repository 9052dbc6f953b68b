"""A template with its values filled in: bounded in steps and in length, over plain values only.

Values are texts, flags, numbers of loops, and objects and lists of them, as the context gives them;
there is no way from any of them to anything of the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mnemos_graph.errors import TooMuch
from mnemos_graph.memory.context.templates.nodes import Each, If, Node, Path, Text, Value, With

Plain = str | bool | int | Sequence["Plain"] | Mapping[str, "Plain"]

MOST_STEPS = 50_000
"""Parts of a template that are written, each as often as a loop comes by."""
LONGEST_OUTPUT = 400_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class _Scope:
    value: Plain
    index: int = 0
    last: int = 0
    loops: bool = False


class Rendering:
    """Fills a template in, once."""

    def __init__(self, safe: Callable[[str], str]) -> None:
        """``safe`` makes a text harmless within the format that is written."""
        self._safe = safe
        self._written: list[str] = []
        self._steps = 0
        self._length = 0

    def render(self, nodes: Sequence[Node], given: Mapping[str, Plain]) -> str:
        """Return the text.

        Raises:
            TooMuch: it takes more steps, or is longer, than is allowed.
        """
        self._write(nodes, (_Scope(given),))
        return "".join(self._written)

    def _write(self, nodes: Sequence[Node], scopes: tuple[_Scope, ...]) -> None:
        for node in nodes:
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise TooMuch(
                    f"The template takes more than {MOST_STEPS:,} steps. "
                    "Do not go through a list within a loop over another."
                )
            match node:
                case Text(text):
                    self._say(text)
                case Value(path, raw):
                    text = _text(_found(path, scopes))
                    self._say(text if raw else self._safe(text))
                case If(path, body, otherwise):
                    self._write(body if _found(path, scopes) else otherwise, scopes)
                case With(path, body, otherwise):
                    value = _found(path, scopes)
                    if value:
                        self._write(body, (*scopes, _Scope(value)))
                    else:
                        self._write(otherwise, scopes)
                case Each():
                    self._loop(node, scopes)

    def _loop(self, node: Each, scopes: tuple[_Scope, ...]) -> None:
        items = _found(node.path, scopes)
        if not isinstance(items, list) or not items:
            self._write(node.otherwise, scopes)
            return
        for index, item in enumerate(items):
            inner = _Scope(item, index, len(items) - 1, loops=True)
            self._write(node.body, (*scopes, inner))

    def _say(self, text: str) -> None:
        self._length += len(text)
        if self._length > LONGEST_OUTPUT:
            raise TooMuch(f"The template writes more than {LONGEST_OUTPUT:,} characters.")
        self._written.append(text)


def _text(value: Plain) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _found(path: Path, scopes: tuple[_Scope, ...]) -> Plain:
    if path.loop:
        around = next(each for each in reversed(scopes) if each.loops)
        places: Mapping[str, Plain] = {
            "index": around.index,
            "first": around.index == 0,
            "last": around.index == around.last,
        }
        return places[path.loop]
    value = scopes[0].value if path.root else scopes[-1 - path.up].value
    for name in path.names:
        value = value.get(name, "") if isinstance(value, Mapping) else ""
    return value
