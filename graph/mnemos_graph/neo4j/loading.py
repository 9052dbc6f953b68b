"""The ledger of one organization, loaded in one round trip behind its counter's lock."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from neo4j import AsyncTransaction

from mnemos_graph.committing import BODIES, Held, Ledger, Needed
from mnemos_graph.model import CommitId, OrganizationId, Partition, Position, RecordId
from mnemos_graph.neo4j.names import KINDS, PLANNED_ONCE
from mnemos_graph.store import Committed
from mnemos_graph.store.copying import Seal

# Setting a property takes the node's write lock: what is read behind it, nobody changes meanwhile.
_LOAD = f"""{PLANNED_ONCE}
MERGE (o:Organization {{id: $org}})
  ON CREATE SET o.epoch = 1, o.began = 0, o.position = 0, o.at = 0
SET o.turn = $turn
WITH o
CALL () {{
  UNWIND $of.commits AS id MATCH (c:Commit {{org: $org, id: id}}) USING INDEX SEEK c:Commit(org, id)
  RETURN collect([c.id, c.first, c.last]) AS commits
}}
CALL () {{
  UNWIND $of.touched AS id MATCH (r:Record {{org: $org, id: id}}) USING INDEX SEEK r:Record(org, id)
  RETURN collect([r.id, labels(r), r.partition, r.version, r.body]) AS touched
}}
CALL () {{
  UNWIND $of.referred AS id MATCH (r:Record {{org: $org, id: id}}) USING INDEX SEEK r:Record(org, id)
  RETURN collect([r.id, labels(r), r.partition, r.version]) AS referred
}}
CALL () {{
  UNWIND $of.keys AS digest MATCH (k:NaturalKey {{org: $org, digest: digest}})
  USING INDEX SEEK k:NaturalKey(org, digest)
  RETURN collect([k.digest, k.holder]) AS keys
}}
CALL (touched) {{
  UNWIND CASE WHEN $fences THEN $of.partitions + [each IN touched | each[2]] ELSE [] END AS partition
  WITH DISTINCT partition
  MATCH (f:Fence {{org: $org, partition: partition}}) USING INDEX SEEK f:Fence(org, partition)
  RETURN collect([f.partition, f.position]) AS fences
}}
RETURN o.position, o.at, o.seal, commits, touched, referred, keys, fences
"""


class Loaded(NamedTuple):
    ledger: Ledger
    stubs: set[RecordId]
    """Records of which there is a node without a kind, for what was erased and is referred to."""
    seal: Seal | None


async def load(
    transaction: AsyncTransaction, organization: OrganizationId, needed: Needed
) -> Loaded:
    """Lock the organization's log, and return what it holds of what is ``needed``."""
    result = await transaction.run(
        _LOAD,
        org=organization,
        turn=time.time_ns(),
        of={
            "commits": needed.commits,
            "touched": list(needed.touched),
            "referred": list(needed.referred),
            "keys": [key.hex() for key in needed.keys],
            "partitions": list(needed.partitions),
        },
        fences=needed.fences,
    )
    ((position, at, seal, commits, touched, referred, keys, fences),) = await result.values()
    stubs = {RecordId(row[0]) for row in touched if len(row[1]) == 1}
    ledger = Ledger(
        Position(position),
        at,
        {RecordId(row[0]): _held(*row) for row in (*referred, *touched) if len(row[1]) > 1},
        {bytes.fromhex(digest): RecordId(holder) for digest, holder in keys},
        {Partition(partition): Position(at) for partition, at in fences},
        {CommitId(id_): Committed(Position(a), Position(b)) for id_, a, b in commits},
    )
    return Loaded(ledger, stubs, Seal.kept(seal))


def _held(
    id_: str, labels: list[str], partition: str, version: int, body: str | None = None
) -> Held:
    kind = next(KINDS[each] for each in labels if each in KINDS)
    record: Any = BODIES[kind].decode(body) if body else None
    return Held(kind, Partition(partition), version, "Deleted" not in labels, record=record)
