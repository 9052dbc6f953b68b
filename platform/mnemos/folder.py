"""The data folder: one person's, and held by one server at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

LOCK = "mnemos.lock"
"""Locked while a server holds the folder; what is in it is that server's address."""

OWNER_ONLY = 0o077
"""The permissions that nothing written here has."""


class FolderHeld(Exception):
    """Another server holds the folder."""


@contextmanager
def held(folder: Path) -> Generator[Callable[[str], None]]:
    """Make ``folder`` if need be and hold it; give a function that notes the server's address.

    What the process writes meanwhile is its owner's alone, also in a folder that others may read.
    The system lets go of the folder when the process ends, in whatever way it does.

    Raises:
        FolderHeld: another server holds it.
        OSError: it cannot be made or written.
    """
    with _lock_file(folder) as lock:
        if not _locked(lock):
            lock.seek(0)
            at = lock.read().strip()
            raise FolderHeld(
                f"{folder} is held by the Mnemos server {f'at {at}' if at else 'that starts now'}. "
                "Use that one, stop it, or give another folder in MNEMOS_DATA."
            )
        yield _noting(lock)


@contextmanager
def noted(folder: Path) -> Generator[Callable[[str], None]]:
    """Do as ``held`` does, where nothing in the folder is this process's alone.

    Of several such servers the first notes its address, for the commands of this machine.

    Raises:
        OSError: it cannot be made or written.
    """
    with _lock_file(folder) as lock:
        yield _noting(lock) if _locked(lock) else lambda _: None


@contextmanager
def _lock_file(folder: Path) -> Generator[TextIO]:
    with ExitStack() as stack:
        stack.callback(os.umask, os.umask(OWNER_ONLY))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield stack.enter_context((folder / LOCK).open("a+", encoding="utf-8"))


def _locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _noting(lock: TextIO) -> Callable[[str], None]:
    def note(address: str) -> None:
        lock.truncate(0)
        lock.write(address)
        lock.flush()
        os.fsync(lock.fileno())

    note("")
    return note


LONGEST_START = 30.0
"""Seconds that a server may take from holding its folder to serving."""


def server_address(folder: Path) -> str | None:
    """Return the address of the server that holds ``folder``, waiting while one starts.

    None: nobody holds it.

    Raises:
        FolderHeld: somebody holds it and serves nothing.
    """
    give_up = time.monotonic() + LONGEST_START
    while is_held(folder):
        if at := address_noted(folder):
            return at
        if time.monotonic() > give_up:
            raise FolderHeld(
                f"{folder} is held by another mnemos command. Wait until that has ended, "
                "or run `mnemos serve` and use both beside it."
            )
        time.sleep(0.1)
    return None


def address_noted(folder: Path) -> str | None:
    """Return the address that the holder of a folder has noted, if it has."""
    return (folder / LOCK).read_text(encoding="utf-8").strip() or None


def is_held(folder: Path) -> bool:
    """Return whether a server or a command holds ``folder`` now."""
    try:
        with (folder / LOCK).open(encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    return False
