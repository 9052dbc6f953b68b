"""The questions of a ``GraphStore``, each put to Neo4j in one statement where it can be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from mnemos_graph.model import Access, Position, Record, RecordId
from mnemos_graph.neo4j import finding, getting, searching
from mnemos_graph.neo4j.finding import Statement
from mnemos_graph.neo4j.past import PastSteps
from mnemos_graph.neo4j.stepping import CurrentSteps
from mnemos_graph.neo4j.walking import neighbours
from mnemos_graph.store import Filter, Find, Page, Subgraph, View, checked

R = TypeVar("R", bound=Record)
Ask = Callable[[Statement], Awaitable[Sequence[Sequence[Any]]]]


class Questions:
    """Answers from ``ask``, which puts one statement to the server and returns its rows."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        rows = await self._rows(getting.statement(access, kind, ids, known_at))
        return getting.records(kind, ids, rows)

    async def find(self, access: Access, questions: Sequence[Find[R]]) -> Sequence[Page[R]]:
        asked = [checked(question) for question in questions]
        return finding.pages(asked, await self._rows(finding.statement(access, asked)))

    async def search(
        self, access: Access, kind: type[R], text: str, *, where: Filter = (), first: int = 100
    ) -> Sequence[tuple[R, float]]:
        checked(Find(kind, where))
        rows = await self._rows(searching.statement(access, kind, text, where, first))
        return searching.hits(kind, rows)

    async def neighbours(
        self, access: Access, around: Collection[RecordId], *, view: View, hops: int, limit: int
    ) -> Subgraph:
        past = view.known_at is not None
        steps = (PastSteps if past else CurrentSteps)(self._ask, access, view)
        return await neighbours(steps, around, hops=hops, limit=limit)

    async def _rows(self, statement: Statement | None) -> Sequence[Sequence[Any]]:
        return await self._ask(statement) if statement else ()
