"""The statements that write a group.

One of them writes what nearly every group has, always with the same text, whether or not there is
something of each: planning a statement costs the server more than running it. What is rarer has a
small statement each, before it or behind it, the same for every kind of record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from neo4j import AsyncTransaction

from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.neo4j.names import PLANNED_ONCE, TEXT

_BY_ID = "(r:Record {org: $org, id: row.id})"
_RECORD = f"{_BY_ID} USING INDEX SEEK r:Record(org, id)"
_KEY = "(k:NaturalKey {org: $org, digest: row.digest}) USING INDEX SEEK k:NaturalKey(org, digest)"
_ENDS = """MATCH (a:Record {org: $org, id: row.from}) USING INDEX SEEK a:Record(org, id)
MATCH (b:Record {org: $org, id: row.to}) USING INDEX SEEK b:Record(org, id)"""

_ERASED = f"""MATCH {_RECORD}
CALL (r, row) {{
  OPTIONAL MATCH (v:Version) USING INDEX SEEK v:Version(org, id, version)
  WHERE v.org = $org AND v.id = row.id AND v.version IS NOT NULL
  WITH r, row, collect(v) AS past
  CALL (r, row, past) {{
    UNWIND past + r AS version
    MATCH (c:Change {{org: $org, position: version.born}}) USING INDEX SEEK c:Change(org, position)
    WHERE c.id = row.id
    SET c.id = '', c.version = 0, c.user_id = null, c.agent_id = null, c.session_id = null,
        c.actor = ''
  }}
  FOREACH (version IN past | DELETE version)
}}
CALL (row) {{
  MATCH (d:Derived) USING INDEX SEEK d:Derived(org, id, version, generation)
  WHERE d.org = $org AND d.id = row.id AND d.version IS NOT NULL AND d.generation IS NOT NULL
  DELETE d
}}
CALL (r) {{ MATCH (r)-[:{TEXT}]->(t) DETACH DELETE t }}
CALL (r) {{ MATCH (r)-[e]->() DELETE e }}
CALL (r) {{ MATCH (r)<-[e:RELATED]-() DELETE e }}
SET r = {{org: $org, id: row.id}} REMOVE r:Deleted, r:$(row.labels)
WITH r WHERE NOT EXISTS {{ (r)<--() }} DELETE r"""
"""What others still refer to stays as a node that says nothing."""

_COPIED = f"""MATCH {_RECORD}
FOREACH (past IN row.copies | CREATE (v:Version:$(past)) SET v = properties(r),
  v.died = coalesce(row.died, r.born), v.tokens = null)"""
"""What stops to be current stays as a version, of a kind of which versions are kept."""

_PARTS: Mapping[str, str] = {
    "erased": _ERASED,
    "free": f"MATCH {_KEY} DELETE k",
    "take": f"MATCH {_KEY} SET k.holder = row.holder",
    "claim": "CREATE (:NaturalKey {org: $org, digest: row.digest, holder: row.holder})",
    "untold": f"MATCH {_RECORD} MATCH (r)-[:{TEXT}]->(t) DETACH DELETE t",
    "told": f"MATCH {_RECORD} CREATE (r)-[:{TEXT}]->(:Text {{org: $org, field: row.field, value: row.value}})",
    "undrawn": f"{_ENDS} MATCH (a)-[e:RELATED {{fact: row.fact}}]->(b) DELETE e",
    "drawn": f"{_ENDS} CREATE (a)-[:RELATED {{fact: row.fact, predicate: row.predicate}}]->(b)",
    "unrelate": f"{_ENDS} MATCH (a)-[e]->(b) WHERE type(e) = row.type DELETE e",
    "relate": f"{_ENDS} CREATE (a)-[:$(row.type)]->(b)",
    "fences": "MERGE (f:Fence {org: $org, partition: row.partition}) SET f.position = row.position",
    "revive": f"MERGE {_BY_ID} SET r:$(row.label) SET r = row.held",
    "bury": f"MERGE {_BY_ID} SET r:Deleted:$(row.past) SET r = row.held",
    "replace": f"{_COPIED} SET r = row.held",
    "end": f"{_COPIED} SET r:Deleted:$(row.past) REMOVE r:$(row.label) SET r = row.held",
    "restore": f"{_COPIED} SET r:$(row.label) REMOVE r:Deleted:$(row.past) SET r = row.held",
    "keep": f"{_COPIED} SET r = row.held",
    "between": "CREATE (v:Version:$(row.past)) SET v = row.held",
    "create": "CREATE (r:Record:$(row.label)) SET r = row.held",
    "changes": "CREATE (c:Change) SET c = row",
    "commits": "CREATE (c:Commit) SET c = row",
    "stubs": "MERGE (:Record {org: $org, id: row.id})",
}
"""What is done with each row."""

_FIRST = (
    *("erased", "free", "take", "untold", "undrawn", "unrelate"),
    *("revive", "bury", "replace", "end", "restore", "keep", "between", "stubs"),
)
"""What is taken away comes first."""
_MOSTLY = ("create", "claim", "relate", "told", "changes", "commits")
_LAST = ("drawn", "fences")
_ORDER = (*_FIRST, *_LAST)

_NEARLY_ALWAYS = "\n".join(
    [
        f"{PLANNED_ONCE} MATCH (o:Organization {{id: $org}}) USING INDEX SEEK o:Organization(id)",
        "SET o.position = $position, o.at = $at WITH o",
        *(f"CALL () {{\nUNWIND $rows.{name} AS row\n{_PARTS[name]}\n}}" for name in _MOSTLY),
        "RETURN o.position",
    ]
)

Rows = list[dict[str, Any]]


class Statement(NamedTuple):
    cypher: str
    parameters: dict[str, Any]


async def write(
    transaction: AsyncTransaction,
    organization: OrganizationId,
    rows: Mapping[str, Rows],
    position: Position,
    at: int,
) -> None:
    """Write the rows of a plan, for a log that ends at ``position`` and the instant ``at``."""
    for each in statements(organization, rows, position, at):
        written = await transaction.run(each.cypher, each.parameters)
        await written.consume()


def statements(
    organization: OrganizationId, rows: Mapping[str, Rows], position: Position, at: int
) -> list[Statement]:
    """Return what writes ``rows``, in order, for a log that ends at ``position``."""
    # In one map: a list of its own has another plan for each order of magnitude of its length.
    mostly: dict[str, Any] = {name: rows.get(name, []) for name in _MOSTLY}
    numbers = {"org": organization, "position": position, "at": at}
    rare = sorted(rows.keys() - mostly.keys(), key=_ORDER.index)
    behind = [name for name in rare if name in _LAST]
    return [
        *(_rare(organization, name, rows[name]) for name in rare if name not in behind),
        Statement(_NEARLY_ALWAYS, numbers | {"rows": mostly}),
        *(_rare(organization, name, rows[name]) for name in behind),
    ]


def _rare(organization: OrganizationId, name: str, rows: Rows) -> Statement:
    text = f"{PLANNED_ONCE} UNWIND $of.rows AS row\n{_PARTS[name]}"
    return Statement(text, {"org": organization, "of": {"rows": rows}})
