"""The data folder: one person's, and held by one server at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

LOCK = "mnemos.lock"
"""Locked while a server holds the folder; what is in it is that server's address."""


class FolderHeld(Exception):
    """Another server holds the folder."""


@contextmanager
def held(folder: Path) -> Generator[Callable[[str], None]]:
    """Make ``folder`` if need be and hold it; give a function that notes the server's address.

    The system lets go of the folder when the process ends, in whatever way it does.

    Raises:
        FolderHeld: another server holds it.
        OSError: it cannot be made or written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held_by_another:
            lock.seek(0)
            at = lock.read().strip()
            raise FolderHeld(
                f"{folder} is held by the Mnemos server {f'at {at}' if at else 'that starts now'}. "
                "Use that one, stop it, or give another folder in MNEMOS_DATA."
            ) from held_by_another

        def note(address: str) -> None:
            lock.truncate(0)
            lock.write(address)
            lock.flush()
            os.fsync(lock.fileno())

        note("")
        yield note
