"""Memories written, changed, deleted and restored one by one, as their callers ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from mnemos_graph.errors import BadInput, NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.memory import checks
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.kinds import types
from mnemos_graph.memory.kinds.types import Types
from mnemos_graph.memory.outcomes import Clock, Deleted, Written
from mnemos_graph.memory.reading import live
from mnemos_graph.memory.receipts import Keyed, Receipts, named
from mnemos_graph.memory.records import history
from mnemos_graph.memory.records.deleting import delete_matching
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope
from mnemos_graph.memory.selection import EVERYTHING, MemoryQuery, conditions, look
from mnemos_graph.model import (
    Access,
    ChangeKind,
    Memory,
    MemoryLevel,
    MemoryType,
    Position,
    Record,
    RecordId,
    RecordKind,
    Reference,
    Scope,
    Version,
    new_id,
)
from mnemos_graph.store import Delete, Find, GraphStore, Mark, Order, Page, Put, VersionRef


class Keep(Enum):
    """In place of a value: leave it as it is."""

    KEEP = "keep"


KEEP = Keep.KEEP


class MemoryOrder(Enum):
    NEWEST = Order("created_at", descending=True)
    OLDEST = Order("created_at")
    RECENTLY_UPDATED = Order("updated_at", descending=True)
    MOST_IMPORTANT = Order("importance", descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMemory:
    """What a caller gives for a memory."""

    text: str
    scope: Scope
    type: MemoryType = MemoryType.SEMANTIC
    level: MemoryLevel = MemoryLevel.OPERATIONAL
    importance: float = 0.5
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    valid_from: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryChange:
    """What to change in a memory; None clears, and a text or importance cannot be cleared."""

    text: str | Keep | None = KEEP
    importance: float | Keep | None = KEEP
    tags: Sequence[str] | Keep | None = KEEP
    metadata: Mapping[str, Any] | Keep | None = KEEP
    valid_to: datetime | Keep | None = KEEP
    """None: it holds again, and nothing supersedes it any more."""
    expires_at: datetime | Keep | None = KEEP

    def of(self, memory: Memory) -> Memory:
        """Return ``memory`` changed, under the same version.

        Raises:
            BadInput: a part of the change cannot be kept; the message says which.
        """
        new: dict[str, Any] = {}
        if self.text is not KEEP:
            new["text"] = checks.text("text", _required("text", self.text))
        if self.importance is not KEEP:
            new["importance"] = checks.share("importance", _required("importance", self.importance))
        if self.tags is not KEEP:
            new["tags"] = checks.tags(self.tags or ())
        if self.metadata is not KEEP:
            new["metadata"] = checks.metadata({} if self.metadata is None else self.metadata)
        if self.valid_to is not KEEP:
            new["valid_to"] = checks.optional_instant("validTo", self.valid_to)
            checks.interval(memory.valid_from, self.valid_to)
            new["superseded_by"] = memory.superseded_by if self.valid_to else None
        if self.expires_at is not KEEP:
            new["expires_at"] = checks.optional_instant("expiresAt", self.expires_at)
            if memory.pinned and self.expires_at is not None:
                raise BadInput("This memory is pinned, so it never expires. Unpin it first.")
        return types.checked(replace(memory, **new))


class Memories:
    def __init__(self, journal: Journal, clock: Clock, types: Types | None = None) -> None:
        self._types = types or Types()
        self._attempts = Attempts(journal)
        self._receipts = Receipts(journal.store, clock)
        self._clock = clock

    @property
    def _store(self) -> GraphStore:
        return self._attempts.store

    async def create(
        self, access: Access, new: NewMemory, key: str | None = None
    ) -> Written[Memory]:
        """Keep a memory as it is given; the same key again returns the first answer.

        Raises:
            BadInput: a part of it cannot be kept; the message says which.
            Conflict: the key came with another input before.
        """
        memory = self._made(new)
        request = Keyed.of("createMemory", key, new)

        async def decide(_: Position) -> Plan[Written[Memory]]:
            before = await self._receipts.look(access, request)
            if answer := await self._receipts.first_answer(access, Memory, before):
                (first,), position = answer
                return Plan((), lambda _: Written(first, position))
            receipt = self._receipts.put(request, new.scope, before, answer=named(memory))
            return Plan((Put(memory), *receipt), lambda at: Written(memory, at))

        return await self._attempts.carry_out(access, decide)

    async def update(
        self,
        access: Access,
        id: RecordId,
        change: MemoryChange,
        expected_version: int | None = None,
    ) -> Written[Memory]:
        """Change a memory; what changes nothing makes no version.

        Raises:
            BadInput: a part of the change cannot be kept; the message says which.
            NotFound: there is no such memory.
            Conflict: it is not at ``expected_version``.
        """

        async def decide(_: Position) -> Plan[Written[Memory]]:
            memory = await live(self._store, access, Memory, id)
            checks.version("memory", memory.version, expected_version)
            changed = change.of(memory)
            if changed == memory:
                return Plan((), lambda at: Written(memory, at))
            after = replace(changed, version=memory.version + 1, updated_at=self._clock())
            return Plan((Put(after),), lambda at: Written(after, at))

        return await self._attempts.carry_out(access, decide)

    async def delete(self, access: Access, id: RecordId) -> Deleted:
        """Delete a memory; it can be restored until it is forgotten.

        Raises:
            NotFound: there is no such memory.
        """

        async def decide(_: Position) -> Plan[Deleted]:
            memory = await live(self._store, access, Memory, id)
            gone = Delete(RecordKind.MEMORY, id, memory.version)
            return Plan((gone,), lambda at: Deleted(1, at))

        return await self._attempts.carry_out(access, decide)

    async def delete_matching(
        self, access: Access, scope: ReadScope, query: MemoryQuery, *, dry_run: bool = False
    ) -> Deleted:
        """Delete what matches, ended and superseded memories too, unless ``query`` has an asOf.

        A user's scope means that user's own memories: the shared ones are never deleted by it.

        Raises:
            BadInput: neither scope nor query says anything, so it would be all there is.
        """
        return await delete_matching(
            self._attempts, access, scope, query, now=self._clock(), dry_run=dry_run
        )

    async def restore(
        self, access: Access, id: RecordId, version: int | None = None
    ) -> Written[Memory]:
        """Make an earlier version, or a deleted memory as it was, the current one.

        What it rested on and is gone meanwhile is left out of it.

        Raises:
            BadInput: no version is named and it is not deleted.
            NotFound: there is no such memory or version.
            Conflict: another memory says the same by now.
        """

        async def decide(_: Position) -> Plan[Written[Memory]]:
            last = await history.last_version(self._store, access, Memory, id)
            deleted = last.kind is ChangeKind.DELETED
            if version is None and not deleted:
                raise BadInput("This memory is not deleted. Name the version to go back to.")
            wanted = await self._version(access, id, version) if version else last.record
            if not deleted and replace(wanted, version=last.record.version) == last.record:
                return Plan((), lambda at: Written(last.record, at))
            sound = await self._without_dead_references(access, wanted, last.record)
            after = replace(sound, version=last.record.version + 1, updated_at=self._clock())
            reason = f"restored as version {wanted.version}" if version else "restored"
            return Plan((Put(after, reason),), lambda at: Written(after, at))

        return await self._attempts.carry_out(access, decide)

    async def list(
        self,
        access: Access,
        scope: ReadScope = ANYWHERE,
        query: MemoryQuery = EVERYTHING,
        *,
        order: MemoryOrder = MemoryOrder.NEWEST,
        first: int = 20,
        after: Mark | None = None,
        count_to: int = 0,
    ) -> Page[Memory]:
        """Return a page of what matches, counted up to ``count_to`` where it is asked.

        Raises:
            BadInput: ``first`` is not from 1 to 100, or a part of ``query`` cannot be.
        """
        checks.page_size(first)
        view = await look(
            self._store, access, now=self._clock(), as_of=query.as_of, known_at=query.known_at
        )
        question = Find(
            Memory,
            conditions(view, scope, query),
            order=order.value,
            first=first,
            after=after,
            known_at=view.known_at,
            count_to=count_to,
        )
        (page,) = await self._store.find(access, [question])
        return page

    async def history(
        self, access: Access, id: RecordId, first: int = 20
    ) -> Sequence[Version[Memory]]:
        """Return the newest versions, newest first; those of a deleted memory too."""
        return await history.history(self._store, access, Memory, id, first)

    def _made(self, new: NewMemory) -> Memory:
        now = self._clock()
        made = Memory(
            id=new_id(),
            scope=new.scope,
            created_at=now,
            updated_at=now,
            text=checks.text("text", new.text),
            type=new.type,
            level=new.level,
            importance=checks.share("importance", new.importance),
            tags=checks.tags(new.tags),
            metadata=checks.metadata(new.metadata),
            valid_from=checks.optional_instant("validFrom", new.valid_from),
            expires_at=checks.optional_instant("expiresAt", new.expires_at),
        )
        return self._types.settled(made)

    async def _version(self, access: Access, id: RecordId, version: int) -> Memory:
        ref = VersionRef(id, version)
        found = (await self._store.versions(access, Memory, [ref])).get(ref)
        if version < 1 or found is None:
            raise NotFound("version of this memory", str(version))
        return found.record

    async def _without_dead_references(
        self, access: Access, wanted: Memory, last: Memory
    ) -> Memory:
        asked = set(wanted.references()) - set(last.references())
        live = await self._store.get(access, Record, {each.id for each in asked})
        return _without(wanted, {each for each in asked if each.id not in live})


def _without(memory: Memory, dead: set[Reference]) -> Memory:
    kept: dict[str, Any] = {}
    for name in {each.field for each in dead}:
        gone = {each.id for each in dead if each.field == name}
        held = getattr(memory, name)
        kept[name] = tuple(id_ for id_ in held if id_ not in gone) if name in _SEVERAL else None
    return replace(memory, **kept)


_SEVERAL = frozenset({"sources", "entity_ids", "fact_ids"})


def _required(name: str, value: Any) -> Any:
    if value is None:
        raise BadInput(f"{name} cannot be null. Leave it out to keep it.")
    return value
