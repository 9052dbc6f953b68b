"""Connections to the file: how it is opened, and what a failure of SQLite means to a caller."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from mnemos_graph.errors import BadInput, MnemosError, Unavailable
from mnemos_graph.model import RecordKind
from mnemos_graph.model.words import words
from mnemos_graph.sqlite.columns import TABLES

FILE = "mnemos.db"

_PRAGMAS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -32768;
PRAGMA temp_store = MEMORY;
"""

_LATER = {
    sqlite3.SQLITE_FULL: "The disk is full; nothing was written. Make room and try again.",
    sqlite3.SQLITE_BUSY: "Another process holds mnemos.db. Try again shortly.",
    sqlite3.SQLITE_LOCKED: "Another process holds mnemos.db. Try again shortly.",
    sqlite3.SQLITE_READONLY: "mnemos.db cannot be written. Check its permissions and its disk.",
    sqlite3.SQLITE_CANTOPEN: "mnemos.db cannot be opened. Check its folder's permissions.",
    sqlite3.SQLITE_IOERR: "The disk of mnemos.db does not answer. Check it and try again.",
    sqlite3.SQLITE_NOTADB: "mnemos.db is no database of Mnemos. Move it away, or restore a backup.",
    sqlite3.SQLITE_CORRUPT: "mnemos.db is damaged. Stop Mnemos and restore a backup.",
    sqlite3.SQLITE_NOMEM: "There is not enough memory for this now. Try again shortly.",
}
_PRIMARY = 0xFF

# Binding None or bytes that have no adapter costs ten times what a number does: the module looks for
# a protocol on each of them. These give the value back without a step through Python.
sqlite3.register_adapter(type(None), dict[None, None]().get)
sqlite3.register_adapter(bytes, bytes)


def connect(folder: Path) -> sqlite3.Connection:
    """Open the file in ``folder`` for one thread at a time.

    Raises:
        Unavailable: it cannot be opened.
    """
    try:
        database = sqlite3.connect(
            folder / FILE,
            timeout=5,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        database.executescript(_PRAGMAS)
    except sqlite3.Error as failure:
        raise (outcome(failure) or failure) from failure
    database.create_function("has_pairs", 2, _has_pairs, deterministic=True)
    database.create_function("has_words", 3, _has_words, deterministic=True)
    return database


def outcome(failure: Exception) -> MnemosError | None:
    """Return what ``failure`` means to the caller; None: it is a defect."""
    if isinstance(failure, MnemosError):
        return failure
    if isinstance(failure, UnicodeEncodeError):
        return BadInput("A text has half of a surrogate pair. Send whole Unicode characters.")
    if isinstance(failure, sqlite3.Error):
        message = _LATER.get(getattr(failure, "sqlite_errorcode", 0) & _PRIMARY)
        return Unavailable(message) if message else None
    return None


def _has_pairs(held: str | None, wanted: str) -> bool:
    pairs = msgspec.json.decode(wanted)
    values = msgspec.json.decode(held) if held else {}
    return all(key in values and _same(values[key], value) for key, value in pairs.items())


def _same(held: object, wanted: object) -> bool:
    """JSON equality: true is not 1."""
    return isinstance(held, bool) == isinstance(wanted, bool) and held == wanted


def _has_words(kind: str, body: bytes, wanted: str) -> bool:
    record = TABLES[RecordKind(kind)].decode(body)
    return set(wanted.split()) <= set(words(record.searchable()))
