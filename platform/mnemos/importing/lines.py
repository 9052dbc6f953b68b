"""Files of one JSON value a line: messages, and what Mnemos itself exported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

import msgspec

from mnemos.importing.items import Broken, Conversation, Item, Options, tellings, utc
from mnemos_graph.errors import BadInput
from mnemos_graph.memory.remember.telling import Message
from mnemos_graph.memory.transfer.portable import FORMAT, VERSION, in_order, record_of
from mnemos_graph.model import MessageRole, Record, Scope

SOURCE = "import"
LONGEST_LINE = 1_048_576
"""Bytes. A longer one is broken, and not read."""


class Header(msgspec.Struct, frozen=True):
    format: str
    version: int


class Line(msgspec.Struct, frozen=True, rename="camel"):
    """A MessageInput, and whose it is."""

    text: str
    role: str = "USER"
    speaker: str | None = None
    occurred_at: datetime | None = None
    user_id: str | None = None
    session_id: str | None = None


def numbered(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines that are not blank with their numbers; None in place of one too long."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            yield number, None
        elif line.strip():
            yield number, line


def header_of(line: bytes | None) -> Header | None:
    """Return the header that a line is, if it is one."""
    try:
        return msgspec.json.decode(line or b"", type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def records(file: BinaryIO) -> Iterator[Item]:
    """Yield the records of an export, each behind those that it refers to.

    Raises:
        BadInput: it is of a format that this program does not know.
    """
    lines = numbered(file)
    header = header_of(next(lines, (0, None))[1])
    if header is None or header.format != FORMAT or header.version != VERSION:
        raise BadInput(f"This is no export of version {VERSION}. Use the mnemos that wrote it.")
    found: dict[str, Record] = {}
    for number, line in lines:
        try:
            record = record_of(_decoded(line, dict[str, Any]))
        except BadInput as wrong:
            yield Broken(f"line {number}", str(wrong))
            continue
        if record.id in found:
            yield Broken(f"line {number}", f"The id {record.id} was on an earlier line.")
        else:
            found[record.id] = record
    yield from in_order(list(found.values()))


def messages(file: BinaryIO, options: Options) -> Iterator[Item]:
    """Yield messages; those of one session that follow each other are told together."""
    together: list[tuple[str, Message]] = []
    scope: Scope | None = None
    for number, line in numbered(file):
        try:
            read = _decoded(line, Line)
            own = options.scope(read.user_id, read.session_id)
            message = _message(read)
        except BadInput as wrong:
            yield Broken(f"line {number}", str(wrong))
            continue
        if scope is not None and own != scope:
            yield from _told(scope, together, options)
            together = []
        scope = own
        together.append((f"line {number}", message))
    if scope is not None:
        yield from _told(scope, together, options)


def _told(
    scope: Scope, together: Iterable[tuple[str, Message]], options: Options
) -> Iterator[Item]:
    yield from tellings(Conversation(scope=scope, source=SOURCE, messages=list(together)), options)


def _message(line: Line) -> Message:
    try:
        role = MessageRole(line.role.lower())
    except ValueError as wrong:
        roles = ", ".join(each.name for each in MessageRole)
        raise BadInput(f"role is {line.role!r}. Give one of {roles}.") from wrong
    at = utc(line.occurred_at) if line.occurred_at else None
    return Message(text=line.text, role=role, speaker=line.speaker, occurred_at=at)


def _decoded(line: bytes | None, kind: Any) -> Any:
    if line is None:
        raise BadInput(f"The line has more than {LONGEST_LINE} bytes.")
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise BadInput(f"{wrong}.") from wrong
