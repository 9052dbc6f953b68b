"""Passes in tests: over everything there is, with vectors that see no difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.memory.consolidating.backlog import Subjects
from mnemos_graph.memory.consolidating.budget import Budget
from mnemos_graph.memory.consolidating.passes import Passes, Tally
from mnemos_graph.model import Access, Entity, Fact, Memory, Origin, Scope
from mnemos_graph.store import ChangeSet, Equal, Find, GraphStore, Put
from tests.conformance.samples import ACME, ANN, episode, memory


class AllAlike:
    """Embeds every text as the same direction, so that words alone can tell texts apart."""

    generation = "alike"
    dimensions = 1

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        return [np.ones((1, 1), np.float32) for _ in texts]


async def arrived(store: GraphStore, text: str, **given: Any) -> Memory:
    """Keep a memory as somebody derives it who knows of no other, with its episode."""
    scope = given.get("scope", ANN)
    told = episode(text, scope=scope)
    made = memory(text, **{"origin": Origin.INFERRED, "sources": (told.id,), **given})
    await store.commit(ACME, ChangeSet((Put(told), Put(made))))
    return made


async def passed(
    store: GraphStore, passes: Passes, scope: Scope = ANN, access: Access = ACME
) -> Tally:
    """Look at all of a partition."""
    own = (Equal("user_id", scope.user_id),)
    subjects = Subjects()
    for kind, waiting in (
        (Memory, subjects.memories),
        (Entity, subjects.entities),
        (Fact, subjects.facts),
    ):
        (page,) = await store.find(access, [Find(kind, own, first=1_000)])
        waiting.update(dict.fromkeys(each.id for each in page.records))
    (head,) = await store.heads([access])
    return await passes.go(access, scope, subjects, head.position, Budget(60, 10_000))


async def position(store: GraphStore) -> int:
    (head,) = await store.heads([ACME])
    return head.position
