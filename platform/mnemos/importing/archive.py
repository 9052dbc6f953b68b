"""Exports come as zip archives. Only the conversations are read, and nothing is unpacked in place."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from mnemos_graph.errors import BadInput, TooMuch

LARGEST = 2_147_483_648
"""Bytes of conversations in an archive, unpacked."""
_CONVERSATIONS = re.compile(r"conversations(-\d+)?\.json")
_CHUNK = 1_048_576


def is_archive(file: BinaryIO) -> bool:
    found = zipfile.is_zipfile(file)
    file.seek(0)
    return found


def conversations(file: BinaryIO, largest: int = LARGEST) -> Iterator[tuple[str, BinaryIO]]:
    """Yield each file of conversations in an archive, unpacked under no name at all.

    Raises:
        BadInput: it is damaged, locked, without conversations, or names places outside of itself.
        TooMuch: there is more in it than ``largest`` bytes.
    """
    left = largest
    try:
        with zipfile.ZipFile(file) as archive:
            for member in _members(archive):
                with tempfile.TemporaryFile() as unpacked:
                    with archive.open(member) as packed:
                        left -= _copy(packed, unpacked, left, largest)
                    unpacked.seek(0)
                    yield member.filename, cast("BinaryIO", unpacked)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as damaged:
        raise BadInput(f"The archive cannot be read: {damaged}.") from damaged


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    for member in archive.infolist():
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or _is_drive(path):
            raise BadInput(f"The archive names {member.filename!r}, a place outside of itself.")
    found = [
        member
        for member in archive.infolist()
        if _CONVERSATIONS.fullmatch(Path(member.filename).name)
    ]
    if not found:
        raise BadInput("The archive has no conversations.json. Give the export as it was sent.")
    return sorted(found, key=lambda member: member.filename)


def _copy(packed: IO[bytes], unpacked: IO[bytes], left: int, largest: int) -> int:
    """Copy at most ``left`` bytes, whatever the archive says of itself; return how many."""
    copied = 0
    while chunk := packed.read(_CHUNK):
        copied += len(chunk)
        if copied > left:
            raise TooMuch(f"The archive unpacks to more than {largest} bytes. Split it.")
        unpacked.write(chunk)
    return copied


def _is_drive(path: PurePosixPath) -> bool:
    return any(part.endswith(":") for part in path.parts[:1])
