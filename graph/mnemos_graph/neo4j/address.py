"""Where Neo4j is and who asks, from one URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from mnemos_graph.errors import BadInput

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
_PORT = 7687


@dataclass(frozen=True, slots=True)
class Address:
    """A server, a database of it, and credentials that no representation shows."""

    uri: str
    place: str
    """Host and port, for messages."""
    database: str | None
    user: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Read ``neo4j://user:password@host:7687/database``; port and database may be left out.

        Raises:
            BadInput: it is no such URL.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or _PORT
        except ValueError:
            host, port = None, 0
        if not host or parts.scheme not in SCHEMES or parts.query or parts.fragment:
            raise BadInput(
                "This is no address of Neo4j. Write neo4j://USER:PASSWORD@HOST:7687, with what is "
                "no letter or digit in the password percent-encoded."
            )
        if not parts.username or parts.password is None:
            raise BadInput(
                "The address of Neo4j names no user or no password. "
                "Write neo4j://USER:PASSWORD@HOST:7687."
            )
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return cls(
            f"{parts.scheme}://{place}",
            place,
            unquote(parts.path.strip("/")) or None,
            unquote(parts.username),
            unquote(parts.password),
        )
