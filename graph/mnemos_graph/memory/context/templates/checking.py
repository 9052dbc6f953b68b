"""Whether every name in a template means something where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from mnemos_graph.memory.context.templates.nodes import Each, If, Malformed, Node, Path, Value, With


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value is like: a text, an object with fields, or a list of things of one shape."""

    fields: Mapping[str, Shape] | None = None
    items: Shape | None = None


TEXT = Shape()


def listed(**fields: Shape) -> Shape:
    return Shape(items=Shape(fields))


_FACT = {"statement": TEXT, "since": TEXT, "until": TEXT}
GIVEN = Shape(
    {
        "query": TEXT,
        "blocks": listed(label=TEXT, value=TEXT),
        "facts": listed(**_FACT),
        "relatedFacts": listed(**_FACT),
        "ended": listed(text=TEXT, until=TEXT),
        "days": listed(date=TEXT, memories=listed(text=TEXT, speaker=TEXT)),
        "memories": listed(text=TEXT, speaker=TEXT, date=TEXT),
        "forgotten": listed(text=TEXT),
    }
)
"""What a template is given. A part that is absent is an empty text or list."""


def check(nodes: Sequence[Node], scopes: tuple[Shape, ...] = (GIVEN,), loops: int = 0) -> None:
    """Look up every name of a template.

    Raises:
        Malformed: a name is unknown, or is used as what it is not.
    """
    for node in nodes:
        match node:
            case Value(path):
                shape = _shape(path, scopes, loops)
                if shape.items is not None:
                    raise Malformed(
                        path.line, f"{path} is a list. Go through it: {{{{#each {path}}}}}."
                    )
                if shape.fields is not None:
                    raise Malformed(path.line, f"{path} has parts: {_known(shape)}. Name one.")
            case If(path, body, otherwise):
                _shape(path, scopes, loops)
                check(body, scopes, loops)
                check(otherwise, scopes, loops)
            case Each(path, body, otherwise):
                shape = _shape(path, scopes, loops)
                if shape.items is None:
                    raise Malformed(path.line, f"{path} is no list, so nothing goes through it.")
                check(body, (*scopes, shape.items), loops + 1)
                check(otherwise, scopes, loops)
            case With(path, body, otherwise):
                check(body, (*scopes, _shape(path, scopes, loops)), loops)
                check(otherwise, scopes, loops)


def _shape(path: Path, scopes: tuple[Shape, ...], loops: int) -> Shape:
    if path.loop:
        if not loops:
            raise Malformed(path.line, f"{path} has a meaning only inside of {{{{#each}}}}.")
        return TEXT
    if path.up >= len(scopes):
        raise Malformed(path.line, f"{path} leads out of the template.")
    shape = scopes[0] if path.root else scopes[-1 - path.up]
    for name in path.names:
        inside = shape.fields or {}
        if name not in inside:
            raise Malformed(path.line, _unknown(name, path, shape))
        shape = inside[name]
    return shape


def _unknown(name: str, path: Path, shape: Shape) -> str:
    if not shape.fields:
        return f"{path} is unknown: there is nothing inside of a {_kind(shape)}."
    near = get_close_matches(name, list(shape.fields), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"{path} is unknown here.{hint} There is {_known(shape)}."


def _kind(shape: Shape) -> str:
    return "text" if shape.items is None else "list"


def _known(shape: Shape) -> str:
    return ", ".join(shape.fields or ())
