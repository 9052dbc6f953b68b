"""One step of a walk over the graph as it is now: one statement, along real relationships."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from mnemos_graph.model import Access, RecordId
from mnemos_graph.neo4j.conditions import Where, readable
from mnemos_graph.neo4j.finding import Statement
from mnemos_graph.neo4j.walking import Link, Met, Near
from mnemos_graph.store import View, facts_holding

Ask = Callable[[Statement], Awaitable[Sequence[Sequence[Any]]]]
Rows = Sequence[Sequence[Any]]

_FAMILY = """
MATCH (start:Record) USING INDEX SEEK start:Record(org, id)
WHERE start.org = $org AND start.id IN $ids
MATCH (start)-[:MERGED_INTO*0..]-(x:Entity) WHERE {readable_x}
WITH collect(DISTINCT x) AS family
"""
_EXACTLY = """
MATCH (x:Entity) USING INDEX SEEK x:Entity(org, id)
WHERE x.org = $org AND x.id IN $ids AND {readable_x}
WITH collect(x) AS family
"""
_NEAR = """
CALL (family) {{
  UNWIND family AS member
  MATCH (member)<-[:SUBJECT|OBJECT]-(v:Fact)
  WHERE {holds} AND NOT v.id IN $taken
    AND EXISTS {{ (v)-[:SUBJECT]->(x:Entity) WHERE {readable_x} }}
    AND (v.object_id IS NULL OR EXISTS {{ (v)-[:OBJECT]->(x:Entity) WHERE {readable_x} }})
  WITH DISTINCT v ORDER BY v.id LIMIT $most
  RETURN collect(v) AS facts
}}
CALL (facts) {{
  UNWIND facts AS v
  MATCH (v)-[:SUBJECT|OBJECT]->(end:Entity)
  WITH DISTINCT end
  MATCH (end)-[:MERGED_INTO*0..]-(x:Entity) WHERE {readable_x}
  RETURN collect(DISTINCT x) AS met
}}
RETURN [x IN family | [x.id, x.merged_into, x.body]] AS family,
  [v IN facts | [v.id, v.subject_id, v.object_id, v.body]] AS facts,
  [x IN met WHERE NOT x IN family | [x.id, x.merged_into, x.body]] AS met
"""
_ALONE = "RETURN [x IN family | [x.id, x.merged_into, x.body]] AS family, [] AS facts, [] AS met"


class CurrentSteps:
    """Steps over what is known now."""

    def __init__(self, ask: Ask, access: Access, view: View) -> None:
        self._ask = ask
        where = Where(of="$")
        where.all(facts_holding(view))
        where.readable(access)
        of_entity = readable(access, "x", where.value) or "true"
        self._parts = {"holds": where.cypher, "readable_x": of_entity}
        self._bound = {"org": access.organization} | where.values

    async def around(self, ids: Collection[RecordId], most: int) -> Near:
        return await self._near(_FAMILY + (_NEAR if most else _ALONE), ids, (), most)

    async def at(self, ids: Collection[RecordId], taken: Collection[RecordId], most: int) -> Near:
        return await self._near(_EXACTLY + _NEAR, ids, taken, most)

    async def _near(
        self, text: str, ids: Collection[RecordId], taken: Collection[RecordId], most: int
    ) -> Near:
        asked = {"ids": list(ids), "taken": list(taken), "most": most}
        ((family, facts, met),) = await self._ask(
            Statement(text.format_map(self._parts), self._bound | asked)
        )
        return near(family, facts, met)


def near(family: Rows, facts: Rows, met: Rows) -> Near:
    return Near(
        tuple(Met(*row) for row in family),
        tuple(Link(*row) for row in facts),
        tuple(Met(*row) for row in met),
    )
