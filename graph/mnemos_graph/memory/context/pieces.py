"""What a context is made of, and how it is written down for a model.

What people wrote is data: it is set off, indented or escaped, so that it cannot pass for the
context's own structure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from xml.sax.saxutils import escape, quoteattr

from mnemos_graph.index.partition import moment
from mnemos_graph.model import Block, Fact, Memory, Record

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ContextFormat(StrEnum):
    MARKDOWN = "markdown"
    XML = "xml"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Pieces:
    """What goes in, each part in the order in which it is written."""

    blocks: tuple[Block, ...] = ()
    facts: tuple[Fact, ...] = ()
    memories: tuple[Memory, ...] = ()

    @classmethod
    def of(cls, records: Sequence[Record]) -> Self:
        """Sort records into their parts, keeping their order."""
        return cls(
            tuple(each for each in records if isinstance(each, Block)),
            tuple(each for each in records if isinstance(each, Fact)),
            tuple(each for each in records if isinstance(each, Memory)),
        )

    @property
    def empty(self) -> bool:
        return not (self.blocks or self.facts or self.memories)


def written(pieces: Pieces, form: ContextFormat) -> str:
    """Return the whole text; empty without pieces."""
    return "" if pieces.empty else _WRITERS[form](pieces)


def _markdown(pieces: Pieces) -> str:
    parts: list[str] = []
    if pieces.blocks:
        parts += [
            "## Core memory",
            *(f"### {_line(b.label)}\n{_set_off(b.value)}" for b in pieces.blocks),
        ]
    if pieces.facts:
        parts += ["## Facts", "\n".join(f"- {_item(_fact_line(fact))}" for fact in pieces.facts)]
    if pieces.memories:
        items = (f"- {_item(_memory_line(memory))}" for memory in pieces.memories)
        parts += ["## Memories", "\n".join(items)]
    return "\n".join(parts) + "\n"


def _fact_line(fact: Fact) -> str:
    since = f" (since {_date(fact.valid_from)})" if fact.valid_from else ""
    until = f" (until {_date(fact.valid_to)})" if fact.valid_to else ""
    return f"{fact.statement}{since}{until}"


def _memory_line(memory: Memory) -> str:
    said = f"{memory.speaker}: {memory.text}" if memory.speaker else memory.text
    return f"[{_date(moment(memory))}] {said}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _item(text: str) -> str:
    return "\n  ".join(line.strip() for line in text.splitlines() if line.strip())


def _set_off(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _xml(pieces: Pieces) -> str:
    blocks = (_element("block", block.value, label=block.label) for block in pieces.blocks)
    facts = (
        _element("fact", fact.statement, since=_date(fact.valid_from), until=_date(fact.valid_to))
        for fact in pieces.facts
    )
    memories = (
        _element("memory", memory.text, date=_date(moment(memory)), speaker=memory.speaker)
        for memory in pieces.memories
    )
    sections = (("core_memory", [*blocks]), ("facts", [*facts]), ("memories", [*memories]))
    inside = "".join(
        f"<{name}>\n{''.join(elements)}</{name}>\n" for name, elements in sections if elements
    )
    return f"<context>\n{inside}</context>\n"


def _element(name: str, text: str, **attributes: str | None) -> str:
    given = "".join(
        f" {key}={quoteattr(_sound(value))}" for key, value in attributes.items() if value
    )
    return f"<{name}{given}>{escape(_sound(text))}</{name}>\n"


def _sound(text: str) -> str:
    """Return the text without characters that XML cannot hold."""
    return _NOT_IN_XML.sub("�", text)


def _json(pieces: Pieces) -> str:
    sections = {
        "core_memory": [_given(label=block.label, value=block.value) for block in pieces.blocks],
        "facts": [
            _given(
                statement=fact.statement,
                since=_date(fact.valid_from),
                until=_date(fact.valid_to),
            )
            for fact in pieces.facts
        ],
        "memories": [
            _given(date=_date(moment(memory)), speaker=memory.speaker, text=memory.text)
            for memory in pieces.memories
        ],
    }
    told = {name: section for name, section in sections.items() if section}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _given(**fields: Any) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _date(instant: datetime | None) -> str | None:
    return f"{instant:%Y-%m-%d}" if instant else None


_WRITERS: Mapping[ContextFormat, Callable[[Pieces], str]] = {
    ContextFormat.MARKDOWN: _markdown,
    ContextFormat.XML: _xml,
    ContextFormat.JSON: _json,
}
