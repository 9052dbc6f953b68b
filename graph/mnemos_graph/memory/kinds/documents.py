"""Documents as memories: cut into chunks that each say where they stand.

How a document is cut depends on its text alone, never on a model, so that the same document always
comes to the same chunks. A chunk's id follows from its document and what it says: importing the
document again finds its chunks, and a change to it changes only those that say something else.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.language.estimate import EstimatedTokens
from mnemos_graph.memory import checks
from mnemos_graph.model import Memory, MemoryType, RecordId, Scope
from mnemos_graph.model.words import fingerprint

LARGEST_CHUNK = 240
"""Tokens by ``EstimatedTokens``: some 200 of a model's in English prose."""
MOST_CHUNKS = 10_000
"""In one document."""
LONGEST_NAME = 1_024
"""UTF-8 bytes of a document's name."""
_LONGEST_HEADING = 200
_LONGEST_PATH = 6
_CUT = 200
"""Characters of a piece of what has no spaces: at most as many tokens, whatever the script."""

_BORDER = re.compile(r"\n+|(?<=[.!?…])\s+|(?<=[。！？])")
_WORD = re.compile(rf"\S{{1,{_CUT}}}")
_SPACES = re.compile(r"\s+")
_count = EstimatedTokens().count


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph, a list item, a row of a table: what belongs together."""

    text: str
    headings: tuple[str, ...] = ()
    """Those that it stands under, the widest first."""
    offset: int
    """Characters of the document's text before it."""
    page: int | None = None
    """From 1 on, where the document has pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    id: RecordId
    text: str
    """With the title and headings that it stands under as its first line."""
    headings: tuple[str, ...]
    offset: int
    page: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    id: RecordId
    """The same for the same name in the same place."""
    scope: Scope
    name: str
    title: str
    chunks: Sequence[Chunk]

    def memory(self, index: int) -> tuple[str, dict[str, object]]:
        """Return what the memory of a chunk says, and its metadata."""
        chunk = self.chunks[index]
        told: dict[str, object] = {
            "document": self.id,
            "title": self.title,
            "source": self.name,
            "index": index,
            "heading": " › ".join(chunk.headings),
            "offset": chunk.offset,
        }
        return chunk.text, told if chunk.page is None else told | {"page": chunk.page}


def document_of(scope: Scope, name: str, title: str, passages: Sequence[Passage]) -> Document:
    """Cut a document into chunks.

    Raises:
        BadInput: nothing is written in it, or its name cannot be kept.
        TooMuch: it comes to more than 10,000 chunks.
    """
    checks.text("name", name, LONGEST_NAME)
    named = _line(title) or _line(name)
    id_ = _id("document", scope.partition, scope.agent_id or "", name)
    found, said = list[Chunk](), Counter[str]()
    for piece in _pieces(passages):
        headings = tuple(heading for each in piece.headings if (heading := _line(each)))
        headings = headings[-_LONGEST_PATH:]
        path = headings if headings[:1] == (named,) else (named, *headings)
        text = f"{' › '.join(path)}\n{piece.text}"
        mark = fingerprint(text)
        said[mark] += 1
        found.append(
            Chunk(
                id=_id("chunk", id_, mark, str(said[mark])),
                text=text,
                headings=headings,
                offset=piece.offset,
                page=piece.page,
            )
        )
        if len(found) > MOST_CHUNKS:
            raise TooMuch(f"The document comes to more than {MOST_CHUNKS} chunks. Split it.")
    if not found:
        raise BadInput("Nothing is written in the document that could be read.")
    return Document(id=id_, scope=scope, name=name, title=named, chunks=found)


def is_chunk(memory: Memory) -> bool:
    """Return whether a memory was made from a document, not written by a caller."""
    return memory.type is MemoryType.RESOURCE and UUID(memory.id).version == _DERIVED


_DERIVED = 8
"""The version of a UUID that follows from what it names (RFC 9562); all others here are of 7."""


def _id(*names: str) -> RecordId:
    digest = int.from_bytes(hashlib.sha256("\0".join(names).encode()).digest()[:16], "big")
    whole = digest & ~(0xF << 76) & ~(0b11 << 62) | _DERIVED << 76 | 0b10 << 62
    return RecordId(str(UUID(int=whole)))


def _line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()[:_LONGEST_HEADING]


def _pieces(passages: Sequence[Passage]) -> Iterator[Passage]:
    """Yield the passages under one heading joined, as long as they fit, and cut where they do not."""
    for headings, some in groupby(passages, key=lambda each: each.headings):
        joined: list[Passage] = []
        size = 0
        for piece in (each for passage in some for each in _cut(passage)):
            tokens = _count(piece.text)
            if joined and size + tokens > LARGEST_CHUNK:
                yield _joined(headings, joined)
                joined, size = [], 0
            joined.append(piece)
            size += tokens
        if joined:
            yield _joined(headings, joined)


def _joined(headings: tuple[str, ...], passages: Sequence[Passage]) -> Passage:
    first = passages[0]
    text = "\n\n".join(each.text for each in passages)
    return Passage(text=text, headings=headings, offset=first.offset, page=first.page)


def _cut(passage: Passage) -> Iterator[Passage]:
    """Yield a passage, in parts where it is too large: at sentences, words, or anywhere."""
    for start, end in _spans(passage.text):
        whole = passage.text[start:end]
        text = whole.strip()
        if text:
            yield Passage(
                text=text,
                headings=passage.headings,
                offset=passage.offset + start + len(whole) - len(whole.lstrip()),
                page=passage.page,
            )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    if _count(text) <= LARGEST_CHUNK:
        yield 0, len(text)
        return
    begin, size, behind = 0, 0, 0
    for start, end in _atoms(text):
        tokens = _count(text[start:end])
        if size and size + tokens > LARGEST_CHUNK:
            yield begin, behind
            begin, size = start, 0
        size += tokens
        behind = end
    yield begin, behind


def _atoms(text: str) -> Iterator[tuple[int, int]]:
    """Yield what is not cut if it can be avoided: sentences, or words of those that are too long."""
    begin = 0
    for end in [*(border.end() for border in _BORDER.finditer(text)), len(text)]:
        if _count(text[begin:end]) <= LARGEST_CHUNK:
            yield begin, end
        else:
            yield from (
                (begin + w.start(), begin + w.end()) for w in _WORD.finditer(text[begin:end])
            )
        begin = end
