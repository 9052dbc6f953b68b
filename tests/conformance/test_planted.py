"""The comparison itself: backends that are wrong in one thing are found out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mnemos_graph.model import Access, Position, Record, RecordId
from mnemos_graph.store import ChangeSet, Committed, Find, GraphStore, Page, Subgraph, View
from tests.conformance.generated import histories
from tests.conformance.memory_store import MemoryStore
from tests.conformance.same_answers import History, compare

R = TypeVar("R", bound=Record)


class DropsTheFence(MemoryStore):
    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        return await super().commit(access, replace(change_set, began=None))


class ForgetsThePast(MemoryStore):
    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        return await super().get(access, kind, ids)


class IgnoresAFilter(MemoryStore):
    async def find(self, access: Access, questions: Sequence[Find[R]]) -> Sequence[Page[R]]:
        return await super().find(
            access, [replace(each, where=each.where[:1]) for each in questions]
        )


class WalksTooFar(MemoryStore):
    async def neighbours(
        self, access: Access, around: Collection[RecordId], *, view: View, hops: int, limit: int
    ) -> Subgraph:
        return await super().neighbours(access, around, view=view, hops=hops, limit=limit + 1)


@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("wrong", [DropsTheFence, ForgetsThePast, IgnoresAFilter, WalksTooFar])
def test_a_wrong_backend_is_found_out(wrong: type[MemoryStore]) -> None:
    @asynccontextmanager
    async def opened() -> AsyncGenerator[GraphStore, None]:
        yield wrong()

    @settings(
        deadline=None,
        max_examples=100,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(history=histories)
    def tell(history: History) -> None:
        asyncio.run(compare(opened, history))

    with pytest.raises(AssertionError):
        tell()
