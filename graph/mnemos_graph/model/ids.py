"""The names of things: ids, partitions, positions."""

from __future__ import annotations

import os
import threading
import time
from typing import NewType
from uuid import UUID

OrganizationId = NewType("OrganizationId", str)
RecordId = NewType("RecordId", str)
CommitId = NewType("CommitId", str)

Position = NewType("Position", int)
"""A place in one organization's log: 1, 2, 3, without holes."""

START = Position(0)
"""The place before the first change."""

_turn = threading.Lock()
_last = 0


def new_id() -> RecordId:
    """Return a UUIDv7 (RFC 9562) in lower case, larger than every one this process made before.

    The 12 bits behind the milliseconds count on within one millisecond (method 1 of section 6.2),
    so that sorting by id is sorting by time of making, also inside one change set.
    """
    global _last  # noqa: PLW0603 - the counter belongs to the process
    with _turn:
        _last = max(_last + 1, (time.time_ns() // 1_000_000) << 12)
        stamp, count = _last >> 12, _last & 0xFFF
    noise = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return RecordId(str(UUID(int=stamp << 80 | 0x7 << 76 | count << 64 | 0b10 << 62 | noise)))
