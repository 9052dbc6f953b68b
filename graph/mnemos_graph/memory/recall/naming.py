"""What a question names exactly, and where the words that it quotes are."""

from __future__ import annotations

from collections.abc import Collection

from mnemos_graph.index.exact import Named
from mnemos_graph.index.identifiers import asked, quoted
from mnemos_graph.memory.recall.sight import Sight
from mnemos_graph.model import Memory, RecordId
from mnemos_graph.model.words import fold
from mnemos_graph.store import Find, GraphStore, HasWords, Order

_MOST_QUOTING = 100
"""Memories with the words of a quotation that are looked at, the newest."""


async def named(store: GraphStore, seen: Sight, text: str) -> Named:
    """Return what ``text`` names exactly; the store is asked only where it quotes something."""
    return Named(asked(text), [await _quoting(store, seen, each) for each in quoted(text)])


async def _quoting(store: GraphStore, seen: Sight, phrase: str) -> Collection[RecordId]:
    questions = [
        Find(
            Memory,
            (HasWords(phrase), *where),
            Order("created_at", descending=True),
            _MOST_QUOTING,
            known_at=seen.view.known_at,
        )
        for where in seen.wheres
    ]
    answers = await store.find(seen.access, questions)
    return {each.id for page in answers for each in page.records if phrase in fold(each.told)}
