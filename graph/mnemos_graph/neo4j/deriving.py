"""Bytes kept beside versions of records, and the marks of projections."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from mnemos_graph.errors import Unavailable
from mnemos_graph.model import Access, Partition, Partitions, RecordId
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.names import PLANNED_ONCE
from mnemos_graph.store import DerivedRef
from mnemos_graph.store.copying import Seal

_MARK = "mark:"
_MOST_BYTES = 1 << 20
"""In one statement, unless a single call brings more."""
_REF_BYTES = 100

_REF = "{org: $org, id: row.id, version: row.version, generation: row.generation}"
_OWNED = """
OPTIONAL MATCH (r:Record {org: $org, id: row.id}) USING INDEX SEEK r:Record(org, id)
WITH row, r WHERE row.mark OR (r.partition IS NOT NULL AND ($who.all OR r.partition IN $who.partitions))
"""
_DERIVE = f"""{PLANNED_ONCE}
OPTIONAL MATCH (o:Organization {{id: $org}}) USING INDEX SEEK o:Organization(id) WITH o WHERE o.seal IS NULL
CALL () {{
  UNWIND $of.drop AS row {_OWNED} MATCH (d:Derived {_REF}) DELETE d
}}
CALL () {{
  UNWIND $of.keep AS row {_OWNED} AND (row.mark OR NOT r:Deleted)
  MERGE (d:Derived {_REF}) SET d.data = row.data
}}
RETURN 1
"""
_DERIVED = f"""{PLANNED_ONCE}
UNWIND $of.groups AS group UNWIND group.ids AS id
OPTIONAL MATCH (r:Record {{org: $org, id: id}}) USING INDEX SEEK r:Record(org, id)
WITH group, id, r
WHERE group.mark OR (r.partition IS NOT NULL AND ($who.all OR r.partition IN $who.partitions))
UNWIND group.generations AS generation
MATCH (d:Derived {{org: $org, id: id, version: group.version, generation: generation}})
RETURN group.version, generation, collect(d.id), collect(d.data)
"""
"""One row for many bytes: the driver takes longer over a row than over what is in it."""


class _Waiting(NamedTuple):
    derived: Mapping[DerivedRef, bytes]
    drop: Collection[DerivedRef]
    answer: asyncio.Future[None]

    @property
    def size(self) -> int:
        return sum(map(len, self.derived.values())) + _REF_BYTES * len(self.drop)


class Deriver:
    """Keeps the bytes of live records and of marks, and drops others.

    What one access asks for while its statement is under way goes into the next one, all of it
    together and in the order in which it came.
    """

    def __init__(self, bolt: Bolt) -> None:
        self._bolt = bolt
        self._waiting: dict[Access, deque[_Waiting]] = {}
        self._runs = set[asyncio.Task[None]]()

    async def derive(
        self, access: Access, derived: Mapping[DerivedRef, bytes], drop: Collection[DerivedRef]
    ) -> None:
        if not (derived or drop):
            return
        loop = asyncio.get_running_loop()
        waiting = _Waiting(derived, drop, loop.create_future())
        lane = self._waiting.get(access)
        if lane is None:
            lane = self._waiting[access] = deque()
            run = loop.create_task(self._run(access, lane))
            self._runs.add(run)
            run.add_done_callback(self._runs.discard)
        lane.append(waiting)
        await waiting.answer

    async def close(self) -> None:
        """Finish what was asked for."""
        while self._runs:
            await asyncio.gather(*self._runs, return_exceptions=True)

    async def _run(self, access: Access, lane: deque[_Waiting]) -> None:
        while lane:
            group = _taken(lane)
            try:
                await self._write(access, group)
            except Exception as failure:  # noqa: BLE001 - it is raised where it was asked
                if len(group) == 1 or isinstance(failure, Unavailable):
                    _settle(group, failure)
                else:
                    await self._one_by_one(access, group)
            else:
                _settle(group)
        del self._waiting[access]

    async def _one_by_one(self, access: Access, group: Sequence[_Waiting]) -> None:
        """Write what cannot be written together, so that only the guilty one fails."""
        for each in group:
            try:
                await self._write(access, [each])
            except Exception as failure:  # noqa: BLE001 - it is raised where it was asked
                _settle([each], failure)
            else:
                _settle([each])

    async def _write(self, access: Access, group: Sequence[_Waiting]) -> None:
        keep: dict[DerivedRef, bytes] = {}
        gone = dict.fromkeys(ref for each in group for ref in each.drop)
        for each in group:
            keep = {ref: data for ref, data in keep.items() if ref not in each.drop}
            keep |= each.derived
        rows = {
            "keep": [_row(ref) | {"data": data} for ref, data in keep.items()],
            "drop": [_row(ref) for ref in gone],
        }
        if not await self._bolt.write(_DERIVE, _whose(access) | {"of": rows}):
            raise Seal.MOVING.refusal()


def _taken(lane: deque[_Waiting]) -> list[_Waiting]:
    """Take the next group."""
    group, size = list[_Waiting](), 0
    while lane and size < _MOST_BYTES:
        group.append(lane.popleft())
        size += group[-1].size
    return group


def _settle(group: Sequence[_Waiting], failure: Exception | None = None) -> None:
    for each in group:
        if each.answer.done():
            continue
        if failure is None:
            each.answer.set_result(None)
        else:
            each.answer.set_exception(failure)


async def derived(
    bolt: Bolt, access: Access, refs: Collection[DerivedRef]
) -> Mapping[DerivedRef, bytes]:
    if not refs:
        return {}
    rows = await bolt.read(_DERIVED, _whose(access) | {"of": {"groups": _groups(refs)}})
    return {
        DerivedRef(RecordId(id_), version, generation): bytes(data)
        for version, generation, ids, kept in rows
        for id_, data in zip(ids, kept, strict=True)
    }


def _groups(refs: Collection[DerivedRef]) -> list[dict[str, Any]]:
    """Return what is asked, once for all that is asked of the same version and generations."""
    of_one = defaultdict[tuple[RecordId, int], list[str]](list)
    for ref in refs:
        of_one[ref.id, ref.version].append(ref.generation)
    together = defaultdict[tuple[bool, int, tuple[str, ...]], list[RecordId]](list)
    for (id_, version), generations in of_one.items():
        together[id_.startswith(_MARK), version, tuple(generations)].append(id_)
    return [
        {"mark": mark, "version": version, "generations": list(generations), "ids": ids}
        for (mark, version, generations), ids in together.items()
    ]


def _row(ref: DerivedRef) -> dict[str, Any]:
    return {**ref._asdict(), "mark": ref.id.startswith(_MARK)}


def _whose(access: Access) -> dict[str, Any]:
    everything = access.reads is Partitions.ALL
    named = access.reads if isinstance(access.reads, frozenset) else frozenset[Partition]()
    who = {"all": everything, "partitions": sorted(named)}
    return {"org": access.organization, "who": who}
