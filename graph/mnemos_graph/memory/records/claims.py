"""Whether a memory may say what it would say: of inferred ones, only one does at a time."""

from __future__ import annotations

from collections.abc import Sequence

from mnemos_graph.model import Access, Memory
from mnemos_graph.store import Equal, Find, GraphStore


async def unclaimed(
    store: GraphStore, access: Access, changes: Sequence[tuple[Memory, Memory]]
) -> list[tuple[Memory, Memory]]:
    """Return those of (as it was, as it would be) whose keys no other memory has, or will have."""
    questions = [
        Find(
            Memory,
            (Equal("fingerprint", after.fingerprint), Equal("user_id", after.scope.user_id)),
        )
        for _, after in changes
    ]
    pages = await store.find(access, questions) if questions else []
    found: list[tuple[Memory, Memory]] = []
    claimed: set[str] = set()
    for (before, after), page in zip(changes, pages, strict=True):
        others = {
            key for each in page.records if each.id != after.id for key in each.natural_keys()
        }
        new = set(after.natural_keys()) - set(before.natural_keys())
        if not new & (others | claimed):
            found.append((before, after))
            claimed |= new
    return found
