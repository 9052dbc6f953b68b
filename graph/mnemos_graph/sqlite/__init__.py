"""Everything in one SQLite file: the graph store of a single process."""

from mnemos_graph.sqlite.directory import SqliteDirectory
from mnemos_graph.sqlite.store import SqliteStore

__all__ = ["SqliteDirectory", "SqliteStore"]
