"""The statements that write a group.

One of them writes what nearly every group has, always with the same text, whether or not there is
something of each: planning a statement costs the server more than running it. What is rarer has a
small statement each, before it or behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from neo4j import AsyncTransaction

from mnemos_graph.model import RECORD_TYPES, OrganizationId, Position
from mnemos_graph.neo4j.names import KINDS, TEXT, version_label

_RECORD = "(r:Record {org: $org, id: row.id})"
_ENDS = """MATCH (a:Record {org: $org, id: row.from}) USING INDEX a:Record(org, id)
MATCH (b:Record {org: $org, id: row.to}) USING INDEX b:Record(org, id)"""

_ERASED = f"""MATCH {_RECORD}
CALL (r, row) {{
  OPTIONAL MATCH (v:Version {{org: $org, id: row.id}})
  WITH r, row, collect(v) AS past
  CALL (r, row, past) {{
    UNWIND past + r AS version
    MATCH (c:Change {{org: $org, position: version.born}}) WHERE c.id = row.id
    SET c.id = '', c.version = 0, c.user_id = null, c.agent_id = null, c.session_id = null,
        c.actor = ''
  }}
  FOREACH (version IN past | DELETE version)
}}
CALL (row) {{ MATCH (d:Derived {{org: $org, id: row.id}}) DELETE d }}
CALL (r) {{ MATCH (r)-[:{TEXT}]->(t) DETACH DELETE t }}
CALL (r) {{ MATCH (r)-[e]->() DELETE e }}
CALL (r) {{ MATCH (r)<-[e:RELATED]-() DELETE e }}
SET r = {{org: $org, id: row.id}} REMOVE r:%s:Deleted:%s
WITH r WHERE NOT EXISTS {{ (r)<--() }} DELETE r"""
"""What others still refer to stays as a node that says nothing."""

_PARTS: Mapping[str, str] = {
    "free": "MATCH (k:NaturalKey {org: $org, digest: row.digest}) DELETE k",
    "take": "MATCH (k:NaturalKey {org: $org, digest: row.digest}) SET k.holder = row.holder",
    "claim": "CREATE (:NaturalKey {org: $org, digest: row.digest, holder: row.holder})",
    "untold": f"MATCH {_RECORD} MATCH (r)-[:{TEXT}]->(t) DETACH DELETE t",
    "told": f"MATCH {_RECORD} CREATE (r)-[:{TEXT}]->(:Text {{org: $org, field: row.field, value: row.value}})",
    "undrawn": f"{_ENDS} MATCH (a)-[e:RELATED {{fact: row.fact}}]->(b) DELETE e",
    "drawn": f"{_ENDS} CREATE (a)-[:RELATED {{fact: row.fact, predicate: row.predicate}}]->(b)",
    "fences": "MERGE (f:Fence {org: $org, partition: row.partition}) SET f.position = row.position",
    "create": "CREATE (r:Record:$(row.label)) SET r = row.held",
    "relate": f"{_ENDS} CREATE (a)-[:$(row.type)]->(b)",
    "changes": "CREATE (c:Change) SET c = row",
    "commits": "CREATE (c:Commit) SET c = row",
    "stubs": "MERGE (:Record {org: $org, id: row.id})",
}
"""What is done with each row, of rows that have no kind in their name."""


def _of_kind(way: str, kind: str) -> str:
    """Return what is done with each row of records of one kind."""
    type_ = RECORD_TYPES[KINDS[kind]]
    past = version_label(type_.KIND)
    if way == "erased":
        return _ERASED % (kind, past)
    if way == "revive":
        return f"MERGE {_RECORD} SET r:{kind} SET r = row.held"
    if way == "bury":
        return f"MERGE {_RECORD} SET r:Deleted:{past} SET r = row.held"
    copied = ""
    if type_.LOGGED:
        copied = (
            f"CREATE (v:Version:{past}) SET v = properties(r), "
            "v.died = coalesce(row.died, r.born), v.tokens = null "
        )
    labels = {
        "end": f"SET r:Deleted:{past} REMOVE r:{kind} ",
        "restore": f"SET r:{kind} REMOVE r:Deleted:{past} ",
    }.get(way, "")
    return f"MATCH {_RECORD} {copied}{labels}SET r = row.held"


_WAYS: Mapping[str, Callable[[str], str]] = {
    "between": lambda past: f"CREATE (v:Version:{past}) SET v = row.held",
    "unrelate": lambda type_: f"{_ENDS} MATCH (a)-[e:{type_}]->(b) DELETE e",
}

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
        "CYPHER replan=skip MATCH (o:Organization {id: $org}) USING INDEX o:Organization(id)",
        "SET o.position = $position, o.at = $at WITH o",
        *(f"CALL () {{\nUNWIND ${name} AS row\n{_PARTS[name]}\n}}" for name in _MOSTLY),
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
    mostly: dict[str, Any] = {name: rows.get(name, []) for name in _MOSTLY}
    mostly |= {"org": organization, "position": position, "at": at}
    rare = sorted(rows.keys() - mostly.keys(), key=_place)
    behind = [name for name in rare if name in _LAST]
    return [
        *(_rare(organization, name, rows[name]) for name in rare if name not in behind),
        Statement(_NEARLY_ALWAYS, mostly),
        *(_rare(organization, name, rows[name]) for name in behind),
    ]


def _rare(organization: OrganizationId, name: str, rows: Rows) -> Statement:
    return Statement(f"UNWIND $rows AS row\n{_part(name)}", {"org": organization, "rows": rows})


def _place(name: str) -> tuple[int, str]:
    return _ORDER.index(name.partition("_")[0]), name


@lru_cache(maxsize=512)
def _part(name: str) -> str:
    way, _, what = name.partition("_")
    if not what:
        return _PARTS[way]
    return _WAYS[way](what) if way in _WAYS else _of_kind(way, what)
