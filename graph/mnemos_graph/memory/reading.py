"""Reading one record that must be there, and everything that matches, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from mnemos_graph.errors import NotFound
from mnemos_graph.model import Access, Record, RecordId
from mnemos_graph.store import Find, GraphStore, Mark

R = TypeVar("R", bound=Record)

PAGE = 1_000


async def live(store: GraphStore, access: Access, kind: type[R], id: RecordId) -> R:
    """Return a record as it is now.

    Raises:
        NotFound: there is none under this id.
    """
    found = (await store.get(access, kind, [id])).get(id)
    if found is None:
        raise NotFound(kind.KIND.value, id)
    return found


async def every(store: GraphStore, access: Access, question: Find[R]) -> list[R]:
    """Return all records that answer ``question``, by id."""
    found: list[R] = []
    asked = replace(question, first=PAGE)
    while True:
        (page,) = await store.find(access, [asked])
        found += page.records
        if not page.has_more:
            return found
        asked = replace(asked, after=Mark(found[-1].id, found[-1].id))
