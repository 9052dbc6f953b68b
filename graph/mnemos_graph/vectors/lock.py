"""One process owns a folder of embedded vectors: two would lose each other's points, silently."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from mnemos_graph.errors import Unavailable

LOCK = "owner.lock"


@contextmanager
def owned(folder: Path, address: str = "") -> Generator[None]:
    """Own ``folder``, made if need be, until the block or the process ends in whatever way.

    Args:
        folder: what is to be owned.
        address: where this process answers, told to whoever comes second.

    Raises:
        Unavailable: another process owns it; the message says which.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            lock.seek(0)
            owner = lock.read().strip() or "another process"
            raise Unavailable(
                f"The vectors in {folder} belong to {owner}. Ask that one, or stop it first."
            ) from taken
        lock.truncate(0)
        lock.write(f"process {os.getpid()}{f' at {address}' if address else ''}")
        lock.flush()
        yield
