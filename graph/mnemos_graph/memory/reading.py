"""Reading everything that matches, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from mnemos_graph.model import Access, Record
from mnemos_graph.store import Find, GraphStore, Mark

R = TypeVar("R", bound=Record)

PAGE = 1_000


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
