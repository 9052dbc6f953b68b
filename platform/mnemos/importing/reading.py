"""Any file that Mnemos can take in: what it is, and what is in it."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import BinaryIO

import msgspec

from mnemos.importing import archive, chatgpt, claude, lines, locomo
from mnemos.importing.items import Item, Options
from mnemos_graph.errors import BadInput
from mnemos_graph.memory.transfer.portable import FORMAT


class Format(StrEnum):
    MNEMOS = "mnemos"
    MESSAGES = "messages"
    LOCOMO = "locomo"
    CHATGPT = "chatgpt"
    CLAUDE = "claude"
    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"


DOCUMENTS = frozenset({Format.TEXT, Format.MARKDOWN, Format.HTML, Format.PDF})
"""Read by ``mnemos.importing.documents``."""


Reader = Callable[[msgspec.Raw, str, Options], Iterator[Item]]

_READERS: Mapping[Format, Reader] = {
    Format.LOCOMO: locomo.read,
    Format.CHATGPT: chatgpt.read,
    Format.CLAUDE: claude.read,
}
_TOLD_BY: Mapping[str, Format] = {
    "mapping": Format.CHATGPT,
    "chat_messages": Format.CLAUDE,
    "conversation": Format.LOCOMO,
}
_NEEDS_USER = frozenset({Format.CHATGPT, Format.CLAUDE})
_KNOWN = (
    "Mnemos reads its own exports, messages as JSON lines, LoCoMo's conversations, and the exports "
    "of ChatGPT and Claude (the zip or its conversations.json). Of documents it reads text, Markdown, "
    "HTML and PDF; say which by the file's name or its format."
)


def read(file: BinaryIO, options: Options, form: Format | None = None) -> Iterator[Item]:
    """Yield what is in a file, and each part of it that is broken.

    Raises:
        BadInput: the file is none that can be read, or does not say whose it is.
        TooMuch: there is too much in it.
    """
    if archive.is_archive(file):
        for name, unpacked in archive.conversations(file):
            yield from _array(unpacked, options, form, f"{name} ")
    elif _begins_with(file, b"["):
        yield from _array(file, options, form, "")
    elif _is_export(file):
        yield from lines.records(file)
    elif _begins_with(file, b"{"):
        yield from lines.messages(file, options)
    else:
        raise BadInput(f"The file is none that can be read. {_KNOWN}")


def _array(file: BinaryIO, options: Options, form: Format | None, within: str) -> Iterator[Item]:
    # Never closed by hand: what is read out of it keeps it open for as long as it needs it.
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        conversations = msgspec.json.decode(mapped, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise BadInput(f"The file is no whole JSON: {wrong}.") from wrong
    found = form or _recognized(conversations)
    reader = _READERS.get(found) if found else None
    if reader is None:
        raise BadInput(f"The file is an array of what is no conversation. {_KNOWN}")
    if found in _NEEDS_USER and options.user_id is None:
        raise BadInput("The file does not say whose conversations these are. Give --user.")
    for number, raw in enumerate(conversations, start=1):
        yield from reader(raw, f"{within}conversation {number}", options)


def _recognized(conversations: list[msgspec.Raw]) -> Format | None:
    for raw in conversations[:10]:
        try:
            keys = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        except (msgspec.ValidationError, RecursionError):
            continue
        for key, form in _TOLD_BY.items():
            if key in keys:
                return form
    return None


def _begins_with(file: BinaryIO, start: bytes) -> bool:
    head = file.read(4_096).lstrip()
    file.seek(0)
    return head.startswith(start)


def _is_export(file: BinaryIO) -> bool:
    _, line = next(lines.numbered(file), (0, None))
    file.seek(0)
    header = lines.header_of(line)
    return header is not None and header.format == FORMAT
