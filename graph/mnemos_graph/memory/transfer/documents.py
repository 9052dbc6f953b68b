"""Documents taken in by a job: their chunks written, and what they no longer say deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mnemos_graph.feed import Journal
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.jobs.jobs import Unit
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.kinds.documents import Document, is_chunk
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.memory.reading import every
from mnemos_graph.model import Access, JobInput, Memory, MemoryType, Position, RecordId
from mnemos_graph.store import LATEST, Delete, Equal, Find, HasPairs, Put, VersionRef

AT_ONCE = 50
"""Chunks in one change set."""
IMPORTED = "imported"
GONE = "no longer in its document"
_DELETED_AT_ONCE = 500


def units_of(document: Document) -> Iterator[Unit]:
    """Yield the chunks, some at a time, and behind them which there are."""
    lines = []
    for index, chunk in enumerate(document.chunks):
        text, metadata = document.memory(index)
        lines.append({"id": chunk.id, "text": text, "metadata": metadata})
    for start in range(0, len(lines), AT_ONCE):
        yield Unit(scope=document.scope, payload={"chunks": lines[start : start + AT_ONCE]})
    whole = {"document": document.id, "kept": [each.id for each in document.chunks]}
    yield Unit(scope=document.scope, payload=whole)


class Documents:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._attempts = Attempts(journal)
        self._clock = clock

    async def write(self, work: Work, held: JobInput) -> int:
        """Make memories of some chunks, those that are already so left alone; return how many.

        Raises:
            Conflict: others change them faster than they can be written, or they are forgotten.
        """
        lines: Sequence[Mapping[str, Any]] = held.payload["chunks"]

        async def decide(_: Position) -> Plan[int]:
            last = await self._last(work.access, [RecordId(line["id"]) for line in lines])
            made = [self._made(line, held, *last.get(line["id"], (None, 0))) for line in lines]
            puts = tuple(Put(each, IMPORTED) for each in made if each)
            return Plan(puts, lambda _: len(lines))

        return await self._attempts.carry_out(work.access, decide, work.began)

    async def tidy(self, work: Work, held: JobInput) -> None:
        """Delete the chunks that a document no longer has.

        Raises:
            Conflict: others change them faster than they can be deleted.
        """
        kept = frozenset(held.payload["kept"])
        ours = (
            Equal("type", MemoryType.RESOURCE),
            Equal("user_id", held.scope.user_id),
            HasPairs("metadata", {"document": held.payload["document"]}),
        )

        async def decide(_: Position) -> Plan[bool]:
            there = await every(self._attempts.store, work.access, Find(Memory, ours))
            gone = [each for each in there if each.id not in kept and is_chunk(each)]
            some = gone[:_DELETED_AT_ONCE]
            deleted = tuple(Delete(Memory.KIND, each.id, each.version, GONE) for each in some)
            return Plan(deleted, lambda _: len(gone) > len(some))

        while await self._attempts.carry_out(work.access, decide, work.began):
            pass

    async def _last(
        self, access: Access, ids: Sequence[RecordId]
    ) -> dict[str, tuple[Memory | None, int]]:
        """Return what is live under each id that was ever used, and its last version."""
        store = self._attempts.store
        live = await store.get(access, Memory, ids)
        absent = [VersionRef(id_, LATEST) for id_ in ids if id_ not in live]
        ended = await store.versions(access, Memory, absent) if absent else {}
        found: dict[str, tuple[Memory | None, int]] = {
            ref.id: (None, version.record.version) for ref, version in ended.items()
        }
        return found | {id_: (each, each.version) for id_, each in live.items()}

    def _made(
        self, line: Mapping[str, Any], held: JobInput, there: Memory | None, last: int
    ) -> Memory | None:
        """Return the memory of a chunk as it must be written; None where it is so already."""
        now = self._clock()
        if there is None:
            return Memory(
                id=RecordId(line["id"]),
                scope=held.scope,
                created_at=now,
                updated_at=now,
                version=last + 1,
                text=line["text"],
                type=MemoryType.RESOURCE,
                metadata=line["metadata"],
            )
        metadata = {**there.metadata, **line["metadata"]}
        if "page" not in line["metadata"]:
            metadata.pop("page", None)
        after = replace(there, text=line["text"], metadata=metadata)
        return None if after == there else replace(after, version=last + 1, updated_at=now)
