"""Local mode: whoever reaches the program is its one user."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from mnemos_graph.model import Access, OrganizationId
from mnemos_schema.context import Caller

LOCAL = Caller(
    access=Access(OrganizationId("local"), "local"),
    role="admin",
    permissions=("read", "write", "admin"),
)


async def authenticate(_: HTTPConnection) -> Caller:
    """Return the local user, whoever asks."""
    return LOCAL
