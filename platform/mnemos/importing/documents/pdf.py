"""PDF: the text of its pages, under the headings of its outline.

pypdf is a library in Python alone, without servers or models beside it. It is slow on large files
and can be led astray by broken ones, so it only ever runs apart: see ``apart``.
"""

from __future__ import annotations

import io
import logging
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

from mnemos.importing.documents.told import DEEPEST_HEADING, Headings, Told, Written
from mnemos_graph.errors import BadInput, TooMuch

MOST_PAGES = 2_000
_MOST_OUTLINED = 10_000
_PARAGRAPH = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])-\n(?=[a-zà-ÿ])")
_SPACES = re.compile(r"\s+")

Outline = Mapping[int, Sequence[tuple[int, str]]]
"""Of each page, by its index, the headings that begin on it: (level from 1 on, title)."""


def read_pdf(data: bytes) -> Told:
    """Return the text of a PDF, page by page.

    Raises:
        BadInput: it is damaged, locked, or has no text, as where its pages are pictures.
        TooMuch: it has more than 2,000 pages, or too much text.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        return _read(PdfReader(io.BytesIO(data)))
    except LimitReachedError as bomb:
        raise TooMuch(f"The PDF unpacks to more than can be read: {bomb}.") from bomb
    except DependencyError as locked:
        raise BadInput(_LOCKED) from locked
    except PyPdfError as broken:
        raise BadInput(f"The PDF is damaged: {broken}. Save it anew, and import that.") from broken


_LOCKED = "The PDF is locked with a password. Save it without one, and import that."


def _read(reader: PdfReader) -> Told:
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        raise BadInput(_LOCKED)
    if len(reader.pages) > MOST_PAGES:
        raise TooMuch(
            f"The PDF has {len(reader.pages)} pages; at most {MOST_PAGES} are read. Split it."
        )
    outline = _outline(reader)
    written, headings = Written(), Headings()
    for number, page in enumerate(reader.pages):
        text = _HYPHENATED.sub("", page.extract_text())
        for part in _under_headings(text, outline.get(number, ()), headings):
            for paragraph in _PARAGRAPH.split(part):
                written.add(paragraph.strip("\n"), headings.path, number + 1)
    if not written.passages:
        raise BadInput("The PDF has no text: its pages are pictures. Import one with its text.")
    title = reader.metadata.title if reader.metadata else None
    return Told(title=str(title or ""), passages=written.passages)


def _under_headings(text: str, met: Sequence[tuple[int, str]], headings: Headings) -> Iterator[str]:
    """Yield the parts of a page, each once ``headings`` say what it stands under.

    A heading that is not found as a line of its own is taken to stand at the top.
    """
    lines = text.split("\n")
    tidy = [_tidy(line) for line in lines]
    begin = 0
    for level, title in met:
        at = next((n for n in range(begin, len(tidy)) if tidy[n] == _tidy(title)), begin)
        yield "\n".join(lines[begin:at])
        headings.meet(level, title)
        begin = at + 1 if at < len(tidy) and tidy[at] == _tidy(title) else at
    yield "\n".join(lines[begin:])


def _tidy(line: str) -> str:
    return _SPACES.sub(" ", line).strip().casefold()


def _outline(reader: PdfReader) -> Outline:
    found = defaultdict[int, list[tuple[int, str]]](list)
    try:
        listed = reader.outline
    except Exception:  # noqa: BLE001 - a broken outline is no reason to leave the pages unread
        return {}
    for level, entry in _entries(listed):
        try:
            page = reader.get_destination_page_number(entry)
        except Exception:  # noqa: BLE001, S112 - nor is one entry that leads nowhere
            continue
        if page is not None and page >= 0:
            found[page].append((level, str(entry.title)))
    return found


def _entries(listed: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Yield (level, entry) of an outline, where a list stands below the entry before it."""
    waiting = [(1, iter(listed))]
    for _ in range(_MOST_OUTLINED):
        if not waiting:
            return
        level, rest = waiting[-1]
        entry = next(rest, None)
        if entry is None:
            waiting.pop()
        elif isinstance(entry, list):
            waiting.append((level + 1, iter(entry)))
        else:
            yield min(level, DEEPEST_HEADING), entry
