"""An organization as rows, read from Neo4j and written to it as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from mnemos_graph.committing import BODIES, Entry, needed_for, restore
from mnemos_graph.model import (
    START,
    ChangeKind,
    CommitId,
    Head,
    OrganizationId,
    Partition,
    Position,
    RecordId,
)
from mnemos_graph.model.instants import instant
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.loading import load
from mnemos_graph.neo4j.names import KINDS
from mnemos_graph.neo4j.plan import Plan
from mnemos_graph.neo4j.reading import ENTRY
from mnemos_graph.neo4j.writing import write
from mnemos_graph.store import Committed, DerivedRef
from mnemos_graph.store.copying import (
    KeptBytes,
    KeptCommit,
    KeptFence,
    KeptVersion,
    Row,
    Seal,
    Section,
    Standing,
    check_log,
)

_MOST_DELETED = 5_000
"""Nodes in one transaction."""

_STORED = "MATCH (o:Organization) RETURN o.id, o.seal ORDER BY o.id"
_STANDING = (
    "MATCH (o:Organization {id: $org}) RETURN o.epoch, coalesce(o.position, 0), o.began, o.seal"
)
_SEAL = """
MERGE (o:Organization {id: $org})
  ON CREATE SET o.epoch = 1, o.began = 0, o.position = 0, o.at = 0
SET o.seal = $seal
"""
_VERSIONS = """
MATCH (r:Record) USING INDEX SEEK r:Record(org, id)
WHERE r.org = $org AND r.id >= $id AND r.version IS NOT NULL
WITH r ORDER BY r.org, r.id LIMIT $limit + 1
CALL (r) {
  RETURN r AS v, NOT r:Deleted AS current
  UNION ALL
  MATCH (v:Version) USING INDEX SEEK v:Version(org, id, version)
  WHERE v.org = $org AND v.id = r.id AND v.version IS NOT NULL RETURN v, false AS current
}
WITH v, current WHERE v.id > $id OR v.version > $version
RETURN labels(v), v.body, v.change, v.reason, v.actor, v.at, v.born, current
ORDER BY v.id, v.version LIMIT $limit
"""
_COMMITS = f"""
MATCH (commit:Commit) USING INDEX SEEK commit:Commit(org, id)
WHERE commit.org = $org AND commit.id > $id
WITH commit ORDER BY commit.org, commit.id LIMIT $limit
CALL (commit) {{
  MATCH (c:Change)
  WHERE c.org = $org AND c.position >= commit.first AND c.position <= commit.last
  WITH c ORDER BY c.position RETURN collect([{ENTRY}]) AS entries
}}
RETURN commit.id, commit.first, commit.last, entries ORDER BY commit.id
"""
_FENCES = """
MATCH (f:Fence) USING INDEX SEEK f:Fence(org, partition)
WHERE f.org = $org AND f.partition >= $id AND ($after IS NULL OR f.partition <> $after)
RETURN f.partition, f.position ORDER BY f.org, f.partition LIMIT $limit
"""
_BYTES = """
MATCH (d:Derived) USING INDEX SEEK d:Derived(org, id, version, generation)
WHERE d.org = $org AND d.id >= $id AND d.version IS NOT NULL AND d.generation IS NOT NULL
WITH d ORDER BY d.org, d.id, d.version, d.generation
WHERE NOT (d.id = $id AND (
  d.version < $version OR (d.version = $version AND d.generation <= $generation)
))
RETURN d.id, d.version, d.generation, d.data
ORDER BY d.org, d.id, d.version, d.generation LIMIT $limit
"""
_KEEP_BYTES = """
UNWIND $rows AS row
MERGE (d:Derived {org: $org, id: row.id, version: row.version, generation: row.generation})
SET d.data = row.data
"""
_CLEAR = tuple(
    f"MATCH (n:{label}) USING INDEX SEEK n:{label}(org, {', '.join(keys)}) WHERE n.org = $org AND "
    f"{' AND '.join(f'n.{key} IS NOT NULL' for key in keys)} "
    f"WITH n LIMIT {_MOST_DELETED} DETACH DELETE n RETURN count(*)"
    for label, keys in (
        ("Record", ("id",)),
        ("Version", ("id", "version")),
        ("Text", ("field", "value")),
        ("NaturalKey", ("digest",)),
        ("Commit", ("id",)),
        ("Fence", ("partition",)),
        ("Change", ("position",)),
        ("Derived", ("id", "version", "generation")),
    )
)
_LOG = """
MATCH (c:Change) WHERE c.org = $org AND c.position > 0
RETURN count(c), coalesce(max(c.position), 0), coalesce(max(c.at), 0)
"""
_STAND = """
MATCH (o:Organization {id: $org})
SET o.epoch = $epoch, o.began = $began, o.position = $position, o.at = $at, o.seal = $seal
"""


class Neo4jCopying:
    """``Copying`` over one database."""

    def __init__(self, bolt: Bolt) -> None:
        self._bolt = bolt

    async def stored(self) -> Mapping[OrganizationId, Seal | None]:
        rows = await self._bolt.read(_STORED, {})
        return {OrganizationId(id_): Seal.kept(seal) for id_, seal in rows}

    async def standing(self, organization: OrganizationId) -> Standing | None:
        rows = await self._bolt.read(_STANDING, {"org": organization})
        if not rows:
            return None
        ((epoch, position, began, seal),) = rows
        head = Head(epoch, Position(position), Position(began))
        return Standing(head, Seal.kept(seal))

    async def seal(self, organization: OrganizationId, seal: Seal | None) -> None:
        # It waits for the counter's lock, which whoever commits holds until the end.
        await self._bolt.write(_SEAL, {"org": organization, "seal": seal})

    async def read(
        self,
        organization: OrganizationId,
        section: Section,
        *,
        after: Row | None = None,
        limit: int = 500,
    ) -> Sequence[Row]:
        page = _Page(self._bolt, organization, limit)
        if section is Section.VERSIONS:
            return await page.versions(cast("KeptVersion | None", after))
        if section is Section.COMMITS:
            return await page.commits(cast("KeptCommit | None", after))
        if section is Section.FENCES:
            return await page.fences(cast("KeptFence | None", after))
        return await page.bytes(cast("KeptBytes | None", after))

    async def begin(self, organization: OrganizationId) -> None:
        await self.seal(organization, Seal.FILLING)
        for clear in _CLEAR:
            while (await self._bolt.write(clear, {"org": organization}))[0][0]:
                pass
        empty = {"epoch": 1, "began": 0, "position": 0, "at": 0, "seal": Seal.FILLING}
        await self._bolt.write(_STAND, {"org": organization} | empty)

    async def write(self, organization: OrganizationId, rows: Sequence[Row]) -> None:
        kept = [
            {**row.ref._asdict(), "data": row.data} for row in rows if isinstance(row, KeptBytes)
        ]
        if kept:
            await self._bolt.write(_KEEP_BYTES, {"org": organization, "rows": kept})
        else:
            await self._bolt.again(lambda: self._restore(organization, rows))

    async def finish(self, organization: OrganizationId, head: Head) -> None:
        ((entries, last, at),) = await self._bolt.read(_LOG, {"org": organization})
        check_log(organization, head, last=last, entries=entries)
        ends = {"epoch": head.epoch, "began": head.began, "position": last, "at": at}
        await self._bolt.write(_STAND, {"org": organization, "seal": None} | ends)

    async def _restore(self, organization: OrganizationId, rows: Sequence[Row]) -> None:
        async with self._bolt.transaction() as transaction:
            loaded = await load(transaction, organization, needed_for(rows))
            plan = Plan(organization, loaded.ledger, loaded.stubs)
            restore(loaded.ledger, plan, rows)
            if written := plan.rows():
                await write(transaction, organization, written, START, 0)
                await transaction.commit()


class _Page:
    """The rows behind another, of one section."""

    def __init__(self, bolt: Bolt, organization: OrganizationId, limit: int) -> None:
        self._bolt = bolt
        self._asked = {"org": organization, "limit": limit}

    async def versions(self, after: KeptVersion | None) -> list[Row]:
        at = (after.record.id, after.record.version) if after else ("", 0)
        rows = await self._read(_VERSIONS, id=at[0], version=at[1])
        return [_version(row) for row in rows]

    async def commits(self, after: KeptCommit | None) -> list[Row]:
        rows = await self._read(_COMMITS, id=after.id if after else "")
        return [
            KeptCommit(
                CommitId(id_),
                Committed(Position(first), Position(last)),
                tuple(Entry(*entry).to_change() for entry in entries),
            )
            for id_, first, last, entries in rows
        ]

    async def fences(self, after: KeptFence | None) -> list[Row]:
        rows = await self._read(
            _FENCES, id=after.partition if after else "", after=after.partition if after else None
        )
        return [KeptFence(Partition(partition), Position(at)) for partition, at in rows]

    async def bytes(self, after: KeptBytes | None) -> list[Row]:
        at = after.ref if after else DerivedRef(RecordId(""), 0, "")
        return [
            KeptBytes(DerivedRef(RecordId(id_), version, generation), bytes(data))
            for id_, version, generation, data in await self._read(_BYTES, **at._asdict())
        ]

    async def _read(self, statement: str, **after: Any) -> list[list[Any]]:
        return await self._bolt.read(statement, self._asked | after)


def _version(row: Sequence[Any]) -> KeptVersion:
    labels, body, change, reason, actor, at, born, current = row
    kind = next(KINDS[each] for each in labels if each in KINDS)
    record = BODIES[kind].decode(body)
    return KeptVersion(
        record, ChangeKind(change), reason, actor, instant(at), Position(born), current=current
    )
