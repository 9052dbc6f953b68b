"""Which document a file is, and what is in it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import BinaryIO

from mnemos.importing.documents.apart import read_apart
from mnemos.importing.documents.plain import read_markdown, read_text
from mnemos.importing.documents.told import Told
from mnemos.importing.items import Options
from mnemos.importing.reading import Format
from mnemos_graph.errors import TooMuch
from mnemos_graph.memory.kinds.documents import Document, document_of

LARGEST: Mapping[Format, int] = {
    Format.TEXT: 32_000_000,
    Format.MARKDOWN: 32_000_000,
    Format.HTML: 32_000_000,
    Format.PDF: 128_000_000,
}
"""Bytes of a file of each format of documents."""
_SUFFIXES: Mapping[str, Format] = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".pdf": Format.PDF,
}
_HERE: Mapping[Format, Callable[[bytes], Told]] = {
    Format.TEXT: read_text,
    Format.MARKDOWN: read_markdown,
}
"""Read in a thread: what they do is bounded by the file's size."""
_HEAD = 1_024
_PAGES = (b"<!doctype html", b"<html")


def form_of(file: BinaryIO, name: str | None) -> Format | None:
    """Return which format of documents a file is in, by its name or beginning; None: in none."""
    if name and (found := _SUFFIXES.get(PurePath(name).suffix.lower())):
        return found
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    if b"%PDF-" in head:
        return Format.PDF
    return Format.HTML if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES) else None


async def open_document(file: BinaryIO, form: Format, options: Options, digest: str) -> Document:
    """Return a document cut into chunks. One without a name is known by its ``digest``.

    Raises:
        BadInput: it cannot be read, or nothing is written in it.
        TooMuch: there is too much in it.
    """
    size = os.fstat(file.fileno()).st_size
    if size > LARGEST[form]:
        raise TooMuch(
            f"The document has {size} bytes; at most {LARGEST[form]} of this format are read. "
            "Split it."
        )
    read = _HERE.get(form)
    if read is None:
        told = await read_apart(file, form)
    else:
        told = await asyncio.to_thread(lambda: read(_whole(file)))
    name = options.name or f"sha256:{digest}"
    title = told.title or options.name or "Document"
    return await asyncio.to_thread(
        document_of, options.scope(None, None), name, title, told.passages
    )


def _whole(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()
