"""Conversations told to the real service, with whichever extractor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from mnemos_graph.language.embedder import Embedder
from mnemos_graph.language.extractor import Extractor
from mnemos_graph.memory.remember.telling import Telling
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.model import Access, Entity, OrganizationId, Scope
from mnemos_graph.sqlite import SqliteStore
from tests.extraction.conversations import Conversation
from tests.extraction.judging import Outcome
from tests.extraction.matching import Known

ACCESS = Access(OrganizationId("extraction"), actor="reader")
_ALL = 100
"""Of the memories or facts of one conversation."""


async def outcomes(
    conversations: Sequence[Conversation], extractor: Extractor, embedder: Embedder, folder: Path
) -> list[Outcome]:
    """Tell each conversation as a user of its own, over a new store, and return what is known."""
    store = await SqliteStore.open(folder)
    parts = Parts(store=store, extractor=extractor, embedder=embedder)
    async with open_services(parts) as services:
        found = [await _told(services, each) for each in conversations]
    await store.close()
    return found


async def _told(services: Services, conversation: Conversation) -> Outcome:
    scope = Scope(user_id=conversation.name)
    await services.rememberer.remember(ACCESS, Telling(scope=scope, messages=conversation.messages))
    user = ReadScope(user_id=conversation.name, include_shared=False)
    memories = await services.memories.list(
        ACCESS, user, MemoryQuery(include_superseded=True), first=_ALL
    )
    return Outcome(
        conversation,
        tuple(each.text for each in memories.records),
        tuple(await _facts(services, user, conversation)),
    )


async def _facts(
    services: Services, user: ReadScope, conversation: Conversation
) -> Iterable[Known]:
    page = await services.facts.find(ACCESS, user, include_invalid=True, first=_ALL)
    facts = [each for each in page.records if each.invalidated_at is None]
    named = {id_ for each in facts for id_ in (each.subject_id, each.object_id) if id_}
    entities = await services.store.get(ACCESS, Entity, named)
    told = " ".join({_day(each.occurred_at) for each in conversation.messages})
    return [
        Known(
            subject=entities[each.subject_id].name,
            predicate=each.predicate,
            target=entities[each.object_id].name if each.object_id else each.value or "",
            since=_day(each.valid_from),
            until=_day(each.valid_to),
            told=told,
        )
        for each in facts
    ]


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""
