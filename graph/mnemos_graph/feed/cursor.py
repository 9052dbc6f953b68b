"""Cursors: positions of an organization's log as clients hold them.

A cursor is (version, organization, epoch, position, checksum) in base64url: opaque, but no secret.
The checksum tells a damaged one from a real one; it keeps nobody from reading it.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

from mnemos_graph.errors import BadInput, CursorExpired
from mnemos_graph.model import Head, OrganizationId, Position

_FORMAT = 1
_LAYOUT = struct.Struct(">BIIQ")
_CHECKSUM = struct.Struct(">I")
_HINT = "Pass one that this organization was given as `position`, or none."


def encode(organization: OrganizationId, epoch: int, position: Position) -> str:
    """Return the cursor of a position, 28 characters."""
    body = _LAYOUT.pack(_FORMAT, _tag(organization), epoch, position)
    return urlsafe_b64encode(body + _checksum(body)).decode().rstrip("=")


def told(organization: OrganizationId, cursor: str) -> Position:
    """Return the position that a cursor of this organization names, in whatever epoch.

    Raises:
        BadInput: it is damaged, or another organization's.
    """
    return _read(organization, cursor)[1]


def decode(organization: OrganizationId, head: Head, cursor: str) -> Position:
    """Return the position of a cursor that was given out for this log.

    Raises:
        BadInput: it is damaged, another organization's, or lies ahead of the log.
        CursorExpired: it stands behind what a restore or a migration kept of its epoch.
    """
    epoch, position = _read(organization, cursor)
    if epoch < head.epoch and position > head.began:
        raise CursorExpired(
            "What this cursor stood behind was lost in a restore. Read the records anew and "
            "follow from the current `position`."
        )
    if epoch > head.epoch or position > head.position:
        raise BadInput(f"This cursor lies ahead of the log. {_HINT}")
    return position


def _read(organization: OrganizationId, cursor: str) -> tuple[int, Position]:
    try:
        raw = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (Base64Error, ValueError):
        raw = b""
    body, checksum = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
    if len(body) != _LAYOUT.size or checksum != _checksum(body) or body[0] != _FORMAT:
        raise BadInput(f"This is not a cursor. {_HINT}")
    _, tag, epoch, position = _LAYOUT.unpack(body)
    if tag != _tag(organization):
        raise BadInput(f"This cursor belongs to another organization. {_HINT}")
    return epoch, Position(position)


def _tag(organization: OrganizationId) -> int:
    return zlib.crc32(organization.encode())


def _checksum(body: bytes) -> bytes:
    return _CHECKSUM.pack(zlib.crc32(b"mnemos cursor" + body))
