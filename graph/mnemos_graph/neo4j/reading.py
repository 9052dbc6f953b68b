"""Reads by position and by version: the log, where it ends, what records were."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from mnemos_graph.committing import Entry, bodies_of
from mnemos_graph.model import (
    START,
    Access,
    Change,
    ChangeKind,
    Head,
    OrganizationId,
    Partition,
    Position,
    Record,
    RecordId,
    Version,
)
from mnemos_graph.model.instants import instant, micros
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.names import KINDS, PLANNED_ONCE
from mnemos_graph.neo4j.seals import Seals
from mnemos_graph.store import VersionRef
from mnemos_graph.store.copying import Seal

R = TypeVar("R", bound=Record)

ENTRY = ", ".join(f"c.{field}" for field in Entry._fields)
_LOG = f"""{PLANNED_ONCE}
MATCH (c:Change) USING INDEX SEEK c:Change(org, position)
WHERE c.org = $org AND c.position > $after AND c.position <= $until
WITH c ORDER BY c.org, c.position LIMIT $limit RETURN collect([{ENTRY}])
"""
"""One row with all of them: the driver takes longer for a row than for what is in it."""
_ENDS = "MATCH (o:Organization {id: org}) USING INDEX SEEK o:Organization(id)"
_HEADS = f"""{PLANNED_ONCE}
UNWIND $of.orgs AS org {_ENDS}
RETURN o.id, o.epoch, o.position, o.began, o.seal
"""
_HEADS_AT = f"""{PLANNED_ONCE}
UNWIND $of.orgs AS org {_ENDS}
CALL (o) {{
  MATCH (c:Change) USING INDEX SEEK c:Change(org, position)
  WHERE c.org = o.id AND c.position > 0 AND c.at <= $at
  WITH c ORDER BY c.org DESC, c.position DESC LIMIT 1 RETURN max(c.position) AS last
}}
RETURN o.id, o.epoch, coalesce(last, 0), o.began, o.seal
"""
_VERSIONS = f"""{PLANNED_ONCE}
UNWIND $of.refs AS ref
CALL (ref) {{
  MATCH (v:Version {{org: $org, id: ref[0], version: ref[1]}})
  USING INDEX SEEK v:Version(org, id, version) RETURN v
  UNION ALL
  MATCH (v:Record {{org: $org, id: ref[0]}}) USING INDEX SEEK v:Record(org, id)
  WHERE v.version = ref[1] OR (ref[1] = 0 AND v.version IS NOT NULL) RETURN v
}}
RETURN ref[0] AS id, ref[1] AS version, labels(v) AS labels, v.partition AS partition,
  v.change AS change, v.reason AS reason, v.actor AS actor, v.at AS at, v.born AS born,
  v.body AS body
"""
_FOREVER = 1 << 62


async def changes(bolt: Bolt, access: Access, after: Position, limit: int) -> Sequence[Change]:
    """Return the log behind ``after``, whole change sets, up to the first hole."""
    if limit <= 0:
        return []
    rows = await _log(bolt, access, after, _FOREVER, limit)
    if rows and rows[-1][1] > rows[-1][0]:
        rows += await _log(bolt, access, rows[-1][0], rows[-1][1], _FOREVER)
    found = [Entry(*row).to_change() for row in _dense(rows, after)]
    return [each for each in found if not each.scope or access.may_read(each.scope.partition)]


async def _log(bolt: Bolt, access: Access, after: int, until: int, limit: int) -> list[Any]:
    asked = {"org": access.organization, "after": after, "until": until, "limit": limit}
    ((rows,),) = await bolt.read(_LOG, asked)
    return list(rows)


def _dense(rows: Iterable[Sequence[Any]], after: int) -> list[Sequence[Any]]:
    """Return the rows in front of the first number that is missing, and no half change set."""
    kept = list[Sequence[Any]]()
    whole = 0
    for row in rows:
        if row[0] != after + len(kept) + 1:
            break
        kept.append(row)
        if row[1] == row[0]:
            whole = len(kept)
    return kept[:whole]


async def heads(
    bolt: Bolt, seals: Seals, accesses: Collection[Access], at: datetime | None
) -> Sequence[Head]:
    orgs = list({access.organization for access in accesses})
    asked: dict[str, Any] = {"of": {"orgs": orgs}}
    if at is None:
        rows = await bolt.read(_HEADS, asked)
    else:
        rows = await bolt.read(_HEADS_AT, asked | {"at": micros(at)})
    seals.learn({OrganizationId(org): Seal.kept(seal) for org, *_, seal in rows})
    found = {
        org: Head(epoch, Position(last), Position(began)) for org, epoch, last, began, _ in rows
    }
    return [found.get(access.organization, Head(1, START)) for access in accesses]


async def versions(
    bolt: Bolt, access: Access, kind: type[R], refs: Collection[VersionRef]
) -> Mapping[VersionRef, Version[R]]:
    """Return those versions that are kept, deletions included."""
    decoders = {body.kind.KIND: body.decode for body in bodies_of(kind)}
    found = dict[VersionRef, Version[R]]()
    asked = {"org": access.organization, "of": {"refs": [list(ref) for ref in refs]}}
    for id_, number, labels, partition, *told in await bolt.read(_VERSIONS, asked):
        of = next(KINDS[each] for each in labels if each in KINDS)
        if of in decoders and access.may_read(Partition(partition)):
            change, reason, actor, at, born, body = told
            found[VersionRef(RecordId(id_), number)] = Version(
                decoders[of](body), ChangeKind(change), reason, actor, instant(at), Position(born)
            )
    return {ref: found[ref] for ref in refs if ref in found}
