"""A template that is known to work, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from mnemos_graph.memory import checks
from mnemos_graph.memory.context.pieces import Part, Piece, in_order
from mnemos_graph.memory.context.templates.checking import check
from mnemos_graph.memory.context.templates.nodes import Node
from mnemos_graph.memory.context.templates.parsing import parsed
from mnemos_graph.memory.context.templates.rendering import Plain, Rendering
from mnemos_graph.memory.context.writing import SAFE, ContextFormat, fields

LONGEST_TEMPLATE = 16_384
"""UTF-8 bytes."""
_MOST = 100
"""Of each list, when a template is tried before it is kept."""


@dataclass(frozen=True, slots=True)
class Compiled:
    _nodes: tuple[Node, ...]

    def render(self, query: str, pieces: Sequence[Piece], form: ContextFormat) -> str:
        """Return the text, every value made safe within ``form``.

        Raises:
            TooMuch: it takes too many steps, or is too long.
        """
        return Rendering(SAFE[form]).render(self._nodes, values(query, pieces))


@lru_cache(maxsize=64)
def compiled(source: str) -> Compiled:
    """Return the template, tried with as much as a context can have. Takes a while: not in a loop.

    Raises:
        BadInput: it is empty, or not well formed, or names what there is not; with the line.
        TooMuch: it is too long, or what it asks for takes too long.
    """
    nodes = parsed(checks.text("text", source, LONGEST_TEMPLATE))
    check(nodes)
    Rendering(str).render(nodes, _FULL)
    return Compiled(nodes)


def values(query: str, pieces: Sequence[Piece]) -> Mapping[str, Plain]:
    """Return what a template is given: plain texts, and lists of them by name."""
    ordered = in_order(pieces)

    def of(part: Part) -> list[Mapping[str, str]]:
        return [fields(each) for each in ordered if each.part is part]

    def facts(part: Part) -> list[Plain]:
        return [_only(each, statement="text", since="since", until="until") for each in of(part)]

    memories = [
        _only(each, text="text", speaker="speaker", date="date") for each in of(Part.MEMORIES)
    ]
    return {
        "query": query,
        "blocks": [_only(each, label="label", value="text") for each in of(Part.BLOCKS)],
        "facts": facts(Part.STANDING),
        "relatedFacts": facts(Part.FACTS),
        "ended": [_only(each, text="text", until="until") for each in of(Part.ENDED)],
        "memories": list(memories),
        "days": [
            {"date": date, "memories": list(said)}
            for date, said in groupby(memories, key=lambda each: each["date"])
        ],
        "forgotten": [_only(each, text="text") for each in of(Part.GONE)],
    }


def _only(given: Mapping[str, str], **names: str) -> dict[str, str]:
    """Return some fields under other names; an absent one is empty."""
    return {name: given.get(field, "") for name, field in names.items()}


def _full() -> Mapping[str, Plain]:
    fact = {"statement": "x", "since": "x", "until": "x"}
    memory = {"text": "x", "speaker": "x", "date": "x"}
    return {
        "query": "x",
        "blocks": [{"label": "x", "value": "x"}] * _MOST,
        "facts": [fact] * _MOST,
        "relatedFacts": [fact] * _MOST,
        "ended": [{"text": "x", "until": "x"}] * _MOST,
        "memories": [memory] * _MOST,
        "days": [{"date": "x", "memories": [memory]}] * _MOST,
        "forgotten": [{"text": "x"}] * _MOST,
    }


_FULL = _full()
