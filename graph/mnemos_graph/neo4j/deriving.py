"""Bytes kept beside versions of records, and the marks of projections."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mnemos_graph.model import Access, Partition, Partitions, RecordId
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.store import DerivedRef
from mnemos_graph.store.copying import Seal

_MARK = "mark:"

_REF = "{org: $org, id: row.id, version: row.version, generation: row.generation}"
_OWNED = """
OPTIONAL MATCH (r:Record {org: $org, id: row.id})
WITH row, r WHERE row.mark OR (r.partition IS NOT NULL AND ($all OR r.partition IN $partitions))
"""
_DERIVE = f"""
OPTIONAL MATCH (o:Organization {{id: $org}}) WITH o WHERE o.seal IS NULL
CALL () {{
  UNWIND $drop AS row {_OWNED} MATCH (d:Derived {_REF}) DELETE d
}}
CALL () {{
  UNWIND $keep AS row {_OWNED} AND (row.mark OR NOT r:Deleted)
  MERGE (d:Derived {_REF}) SET d.data = row.data
}}
RETURN 1
"""
_DERIVED = f"""
UNWIND $refs AS row {_OWNED} MATCH (d:Derived {_REF})
RETURN d.id, d.version, d.generation, d.data
"""


async def derive(
    bolt: Bolt,
    access: Access,
    derived: Mapping[DerivedRef, bytes],
    drop: Collection[DerivedRef],
) -> None:
    """Keep the bytes of live records and of marks, and drop others."""
    keep = [_row(ref) | {"data": data} for ref, data in derived.items()]
    gone = [_row(ref) for ref in drop]
    if keep or gone:
        written = await bolt.write(_DERIVE, _whose(access) | {"keep": keep, "drop": gone})
        if not written:
            raise Seal.MOVING.refusal()


async def derived(
    bolt: Bolt, access: Access, refs: Collection[DerivedRef]
) -> Mapping[DerivedRef, bytes]:
    if not refs:
        return {}
    rows = await bolt.read(_DERIVED, _whose(access) | {"refs": [_row(ref) for ref in refs]})
    return {
        DerivedRef(RecordId(id_), version, generation): bytes(data)
        for id_, version, generation, data in rows
    }


def _row(ref: DerivedRef) -> dict[str, Any]:
    return {**ref._asdict(), "mark": ref.id.startswith(_MARK)}


def _whose(access: Access) -> dict[str, Any]:
    everything = access.reads is Partitions.ALL
    named = access.reads if isinstance(access.reads, frozenset) else frozenset[Partition]()
    return {"org": access.organization, "all": everything, "partitions": sorted(named)}
