"""How a context is written down for a model.

What people wrote is data: it is set off, indented or escaped, so that it cannot pass for the
context's own structure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from xml.sax.saxutils import escape, quoteattr

from mnemos_graph.index.partition import moment
from mnemos_graph.memory.context.pieces import Gone, Part, Piece, day_of, in_order
from mnemos_graph.model import Block, Fact, Memory

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ContextFormat(StrEnum):
    MARKDOWN = "markdown"
    XML = "xml"
    JSON = "json"


class Writer(Protocol):
    """One format."""

    def headings(self, piece: Piece) -> Sequence[str]:
        """Return what is written once before this piece and others like it."""
        ...

    def line(self, piece: Piece) -> str:
        """Return the piece itself."""
        ...

    def whole(self, pieces: Sequence[Piece]) -> str:
        """Return the whole text; empty without pieces."""
        ...


def until(fact_or_memory: Fact | Memory) -> datetime | None:
    """Return when it stopped holding; what was never so, when that was found."""
    if isinstance(fact_or_memory, Fact) and fact_or_memory.invalidated_at:
        return None
    return fact_or_memory.valid_to


class Markdown:
    """Sections, blocks quoted, one line for each fact; memories by the day of each."""

    _TITLES: Mapping[Part, str] = {
        Part.BLOCKS: "## Core memory",
        Part.STANDING: "## Facts",
        Part.ENDED: "## No longer so",
        Part.FACTS: "## Related facts",
        Part.MEMORIES: "## Memories",
        Part.GONE: "## Forgotten",
    }

    def headings(self, piece: Piece) -> Sequence[str]:
        title = self._TITLES[piece.part]
        if piece.part is Part.MEMORIES and isinstance(piece.what, Memory):
            return (title, f"### {day_of(piece.what):%Y-%m-%d}")
        return (title,)

    def line(self, piece: Piece) -> str:
        match piece.what:
            case Block(label=label, value=value):
                return f"### {' '.join(label.split())}\n{_set_off(value)}"
            case Fact() as fact:
                return f"- {_item(fact.statement + _times(fact))}"
            case Memory() as memory if piece.part is Part.ENDED:
                return f"- {_item(_said(memory) + _times(memory))}"
            case Memory() as memory:
                return f"- {_item(_said(memory))}"
            case Gone() as gone:
                return f"- {_named(gone)}"
        return ""

    def whole(self, pieces: Sequence[Piece]) -> str:
        lines: list[str] = []
        opened = set[str]()
        for piece in in_order(pieces):
            for heading in self.headings(piece):
                if heading not in opened:
                    opened.add(heading)
                    lines.append(heading)
            lines.append(self.line(piece))
        return "\n".join(lines) + "\n" if lines else ""


class Xml:
    """An element for each, with its dates and speaker as attributes."""

    def headings(self, piece: Piece) -> Sequence[str]:
        return (f"<{_SECTIONS[piece.part]}>\n</{_SECTIONS[piece.part]}>\n",)

    def line(self, piece: Piece) -> str:
        given = fields(piece)
        text = given.pop("text")
        attributes = "".join(
            f" {key}={quoteattr(_sound(str(value)))}" for key, value in given.items()
        )
        return f"<{_NAMES[piece.part]}{attributes}>{escape(_sound(text))}</{_NAMES[piece.part]}>\n"

    def whole(self, pieces: Sequence[Piece]) -> str:
        sections: dict[str, list[str]] = {}
        for piece in in_order(pieces):
            sections.setdefault(_SECTIONS[piece.part], []).append(self.line(piece))
        inside = "".join(
            f"<{name}>\n{''.join(lines)}</{name}>\n" for name, lines in sections.items()
        )
        return f"<context>\n{inside}</context>\n" if inside else ""


class Json:
    """An object of lists, each item with its own keys."""

    def headings(self, piece: Piece) -> Sequence[str]:
        return (f'"{_SECTIONS[piece.part]}":[],',)

    def line(self, piece: Piece) -> str:
        return _compact(self._item(piece)) + ","

    def whole(self, pieces: Sequence[Piece]) -> str:
        sections: dict[str, list[Mapping[str, Any]]] = {}
        for piece in in_order(pieces):
            sections.setdefault(_SECTIONS[piece.part], []).append(self._item(piece))
        return _compact(sections) if sections else ""

    def _item(self, piece: Piece) -> Mapping[str, Any]:
        given = fields(piece)
        text = given.pop("text")
        name = {Part.BLOCKS: "value", Part.STANDING: "statement", Part.FACTS: "statement"}
        return {**given, name.get(piece.part, "text"): text}


def _safe_in_markdown(text: str) -> str:
    return _item(text)


def _safe_in_xml(text: str) -> str:
    return escape(_sound(text), {'"': "&quot;", "'": "&apos;"})


def _safe_in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


SAFE: Mapping[ContextFormat, Callable[[str], str]] = {
    ContextFormat.MARKDOWN: _safe_in_markdown,
    ContextFormat.XML: _safe_in_xml,
    ContextFormat.JSON: _safe_in_json,
}
"""What makes a text harmless within a format: it stays within its line, element or string."""

_SECTIONS: Mapping[Part, str] = {
    Part.BLOCKS: "core_memory",
    Part.STANDING: "facts",
    Part.ENDED: "no_longer_so",
    Part.FACTS: "related_facts",
    Part.MEMORIES: "memories",
    Part.GONE: "forgotten",
}
_NAMES: Mapping[Part, str] = {
    Part.BLOCKS: "block",
    Part.STANDING: "fact",
    Part.ENDED: "ended",
    Part.FACTS: "fact",
    Part.MEMORIES: "memory",
    Part.GONE: "gone",
}

WRITERS: Mapping[ContextFormat, Writer] = {
    ContextFormat.MARKDOWN: Markdown(),
    ContextFormat.XML: Xml(),
    ContextFormat.JSON: Json(),
}


def fields(piece: Piece) -> dict[str, str]:
    """Return what is told of a piece, by name; ``text`` is always there."""
    given: dict[str, str | None]
    match piece.what:
        case Block(label=label, value=value):
            given = {"label": label, "text": value}
        case Fact() as fact:
            given = {
                "since": _date(fact.valid_from),
                "until": _date(until(fact)),
                "never": "true" if fact.invalidated_at else None,
                "text": fact.statement,
            }
        case Memory() as memory:
            ended = piece.part is Part.ENDED
            given = {
                "date": _date(moment(memory)),
                "until": _date(until(memory)) if ended else None,
                "speaker": memory.speaker,
                "text": memory.told,
            }
        case Gone() as gone:
            given = {"id": gone.id, "date": _date(gone.at), "text": _named(gone)}
        case _:
            given = {"text": ""}
    return {name: value for name, value in given.items() if value is not None}


def _said(memory: Memory) -> str:
    return f"{memory.speaker}: {memory.told}" if memory.speaker else memory.told


def _times(told: Fact | Memory) -> str:
    if isinstance(told, Fact) and told.invalidated_at:
        return " (was never so)"
    since = f" (since {_date(told.valid_from)})" if told.valid_from else ""
    ended = until(told)
    return f"{since} (until {_date(ended)})" if ended else since


def _named(gone: Gone) -> str:
    how = "erased for good" if gone.erased else "deleted"
    on = f" on {_date(gone.at)}" if gone.at else ""
    if gone.id is not None and gone.kind is not None:
        return f"{gone.kind.value} {gone.id} was {how}{on}"
    records = "1 record" if gone.count == 1 else f"{gone.count} records"
    return f"{records} {how}" if gone.erased else f"{records} more {how}"


def _item(text: str) -> str:
    return "\n  ".join(line.strip() for line in text.splitlines() if line.strip())


def _set_off(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _sound(text: str) -> str:
    """Return the text without characters that XML cannot hold."""
    return _NOT_IN_XML.sub("�", text)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _date(instant: datetime | None) -> str | None:
    return f"{instant:%Y-%m-%d}" if instant else None
