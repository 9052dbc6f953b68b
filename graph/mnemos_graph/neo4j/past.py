"""One step of a walk over the graph as it was at a position.

Relationships are those of now, so the past is walked by properties: over the records that have not
changed since, and over the earlier versions of those that have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from mnemos_graph.model import Access, RecordId
from mnemos_graph.neo4j.conditions import Where, readable
from mnemos_graph.neo4j.finding import Statement
from mnemos_graph.neo4j.stepping import Ask, Rows, near
from mnemos_graph.neo4j.walking import Met, Near
from mnemos_graph.store import View, facts_holding

_THEN = "{0}.born <= $known_at AND {0}.died > $known_at AND {0}.change <> 'deleted'"

_FOUND = """CALL (ids) {{
  MATCH (x:Entity) USING INDEX SEEK x:Entity(org, id)
  WHERE x.org = $org AND x.id IN ids AND x.born <= $known_at AND {readable_x} RETURN x
  UNION ALL
  MATCH (x:Version) USING INDEX SEEK x:Version(org, id, version)
  WHERE x.org = $org AND x.id IN ids AND x.version IS NOT NULL AND x:EntityVersion
    AND {then_x} AND {readable_x} RETURN x
  UNION ALL
  MATCH (x:Entity) USING INDEX SEEK x:Entity(org, merged_into)
  WHERE x.org = $org AND x.merged_into IN ids AND x.born <= $known_at AND {readable_x} RETURN x
  UNION ALL
  MATCH (x:EntityVersion) USING INDEX SEEK x:EntityVersion(org, merged_into)
  WHERE x.org = $org AND x.merged_into IN ids AND {then_x} AND {readable_x} RETURN x
}}"""
_ENTITIES = f"""
WITH $ids AS ids
{_FOUND}
RETURN x.id, x.merged_into, x.body
"""
# A fact that has not changed since has the relationships that it had then.
_LINKS = f"""
CALL () {{{{
  MATCH (end:Record) USING INDEX SEEK end:Record(org, id)
  WHERE end.org = $org AND end.id IN $ids
  MATCH (end)<-[:SUBJECT|OBJECT]-(v:Fact) WHERE v.born <= $known_at AND {{holds}} RETURN v
  UNION ALL
  MATCH (v:FactVersion) USING INDEX SEEK v:FactVersion(org, subject_id)
  WHERE v.org = $org AND v.subject_id IN $ids AND {{then_v}} AND {{holds}} RETURN v
  UNION ALL
  MATCH (v:FactVersion) USING INDEX SEEK v:FactVersion(org, object_id)
  WHERE v.org = $org AND v.object_id IN $ids AND {{then_v}} AND {{holds}} RETURN v
}}}}
WITH DISTINCT v WHERE NOT v.id IN $taken
WITH collect(v) AS held
CALL (held) {{{{
  UNWIND held AS v UNWIND [v.subject_id, v.object_id] AS id
  WITH collect(DISTINCT id) AS ids
  {_FOUND}
  RETURN collect(DISTINCT x) AS met
}}}}
WITH held, met, [x IN met | x.id] AS there
CALL (held, there) {{{{
  UNWIND held AS v
  WITH v, there
  WHERE v.subject_id IN there AND (v.object_id IS NULL OR v.object_id IN there)
  WITH v ORDER BY v.id LIMIT $most
  RETURN collect(v) AS facts, collect(v.subject_id) + collect(v.object_id) AS ends
}}}}
RETURN [v IN facts | [v.id, v.subject_id, v.object_id, v.body]] AS facts,
  [x IN met WHERE x.id IN ends OR x.merged_into IN ends | [x.id, x.merged_into, x.body]] AS met
"""


class PastSteps:
    """Steps over what was known at the view's position."""

    def __init__(self, ask: Ask, access: Access, view: View) -> None:
        self._ask = ask
        where = Where(of="$")
        where.all(facts_holding(view))
        where.readable(access)
        parts = {
            "holds": where.cypher,
            "readable_x": readable(access, "x", where.value) or "true",
            "then_x": _THEN.format("x"),
            "then_v": _THEN.format("v"),
        }
        self._entities = _ENTITIES.format_map(parts)
        self._links = _LINKS.format_map(parts)
        self._bound = where.values | {"org": access.organization, "known_at": view.known_at}

    async def around(self, ids: Collection[RecordId], most: int) -> Near:
        family = await self._family(ids)
        if not most:
            return Near(family)
        found = await self.at([each.id for each in family], (), most)
        return Near(family, found.links, found.met)

    async def at(self, ids: Collection[RecordId], taken: Collection[RecordId], most: int) -> Near:
        ((facts, met),) = await self._asked(
            self._links, ids=list(ids), taken=list(taken), most=most
        )
        found = near((), facts, met)
        ends = {end for link in found.links for end in link.ends}
        return Near((), found.links, await self._merged(found.met, ends))

    async def _family(self, ids: Collection[RecordId]) -> tuple[Met, ...]:
        """Return these entities with all that they were merged with."""
        if not ids:
            return ()
        rows = await self._asked(self._entities, ids=sorted(ids))
        return await self._merged([Met(*row) for row in rows], set(ids))

    async def _merged(self, met: Iterable[Met], asked: set[RecordId]) -> tuple[Met, ...]:
        """Add to what was found for ``asked`` what that was merged with: a question for each merge."""
        found = {each.id: each for each in met}
        while wanted := _families(found) - asked:
            rows = await self._asked(self._entities, ids=sorted(wanted))
            asked |= wanted
            found |= {each.id: each for each in (Met(*row) for row in rows)}
        return tuple(found.values())

    async def _asked(self, text: str, **given: object) -> Rows:
        return await self._ask(Statement(text, self._bound | given))


def _families(found: Mapping[RecordId, Met]) -> set[RecordId]:
    into = {each.merged_into for each in found.values() if each.merged_into}
    return found.keys() | into
