"""Everything in one SQLite file: the graph store of a single process."""

from mnemos_graph.sqlite.directory import SqliteDirectory
from mnemos_graph.sqlite.store import SqliteStore, open_sqlite

__all__ = ["SqliteDirectory", "SqliteStore", "open_sqlite"]
