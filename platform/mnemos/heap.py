"""What the C library does with memory that was freed."""

from __future__ import annotations

import ctypes
import os

LARGE_BYTES = 1 << 20
_MMAP_THRESHOLD = -3
_ALREADY_SET = "MALLOC_MMAP_THRESHOLD_"


def give_large_blocks_back() -> bool:
    """Have every block from ``LARGE_BYTES`` on given back to the system as soon as it is freed.

    By itself glibc takes the size of the largest block that was ever freed, up to 32 MB, as the
    bound under which blocks come from a heap that holes do not shrink: indexes that come and go
    then take a seventh more than they hold, and more with time. Returns whether it is so now: other
    libraries do as they do, and what ``MALLOC_MMAP_THRESHOLD_`` says stands.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is None or _ALREADY_SET in os.environ:
        return False
    return bool(mallopt(_MMAP_THRESHOLD, LARGE_BYTES))
