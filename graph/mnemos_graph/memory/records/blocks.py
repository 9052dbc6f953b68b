"""Blocks: core memory, written under a label in a scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mnemos_graph.errors import BadInput, Conflict, Forbidden, NotFound, TooMuch
from mnemos_graph.feed import Journal
from mnemos_graph.memory import checks
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.kinds.condensing import SHARE, condense
from mnemos_graph.memory.outcomes import Clock, Deleted, Written
from mnemos_graph.memory.reading import live
from mnemos_graph.memory.records import history
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope, within
from mnemos_graph.model import (
    Access,
    Block,
    ChangeKind,
    Position,
    RecordId,
    RecordKind,
    Scope,
    Version,
    new_id,
)
from mnemos_graph.store import Delete, Equal, Find, GraphStore, Order, Put, VersionRef

DEFAULT_LIMIT = 2_000
LARGEST_LIMIT = 32_768
"""Characters of a block's value, at most, whatever its own limit."""
LONGEST_LABEL = 256
"""UTF-8 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBlock:
    """What a caller gives for a block; what is None stays as it is, or gets its default."""

    label: str
    value: str
    scope: Scope
    description: str | None = None
    limit: int | None = None
    """Characters; 2,000 by default."""
    read_only: bool | None = None
    condense: bool = False
    """Whether a value beyond the limit is condensed by rules, and not refused."""


class Blocks:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._attempts = Attempts(journal)
        self._clock = clock

    @property
    def _store(self) -> GraphStore:
        return self._attempts.store

    async def put(
        self, access: Access, new: NewBlock, expected_version: int | None = None
    ) -> Written[Block]:
        """Create the block with this label in exactly this scope, or replace what it holds.

        A read-only block keeps its value, description and limit until a call says
        ``read_only=False``, which may change them along with it.

        Raises:
            BadInput: a part of it cannot be kept; the message says which.
            TooMuch: the value is longer than the block's limit.
            Forbidden: the block is read-only.
            Conflict: it is not at ``expected_version``; 0 expects that there is none.
        """
        _check(new)

        async def decide(_: Position) -> Plan[Written[Block]]:
            held = await self._labelled(access, new)
            version = held.version if held else 0
            if expected_version is not None and version != expected_version:
                there = f"at version {version}" if held else "not there"
                raise Conflict(
                    f"The block {new.label!r} is {there}, not at version {expected_version}. "
                    "Read it again and decide anew."
                )
            after = self._after(held, new)
            if after == held:
                return Plan((), lambda at: Written(after, at))
            return Plan((Put(after),), lambda at: Written(after, at))

        return await self._attempts.carry_out(access, decide)

    async def condense(
        self, access: Access, id: RecordId, expected_version: int | None = None
    ) -> Written[Block]:
        """Condense a block by rules to three quarters of its limit, so that there is room again.

        What has that much room already only loses lines that it says twice; see
        ``kinds.condensing``. What changes nothing makes no version, and every version before can be
        restored.

        Raises:
            NotFound: there is no such block.
            Forbidden: it is read-only.
            Conflict: it is not at ``expected_version``.
        """

        async def decide(_: Position) -> Plan[Written[Block]]:
            held = await live(self._store, access, Block, id)
            checks.version("block", held.version, expected_version)
            value = condense(held.value, int(SHARE * held.limit))
            if value == held.value:
                return Plan((), lambda at: Written(held, at))
            if held.read_only:
                raise _read_only(held)
            after = replace(held, value=value, version=held.version + 1, updated_at=self._clock())
            reason = f"condensed: {len(held.value)} characters to {len(value)}"
            return Plan((Put(after, reason),), lambda at: Written(after, at))

        return await self._attempts.carry_out(access, decide)

    async def restore(
        self, access: Access, id: RecordId, version: int | None = None
    ) -> Written[Block]:
        """Make an earlier version, or a deleted block as it was, the current one.

        Raises:
            BadInput: no version is named and it is not deleted.
            NotFound: there is no such block or version.
            Forbidden: it is read-only.
            Conflict: its label is another block's by now.
        """

        async def decide(_: Position) -> Plan[Written[Block]]:
            last = await history.last_version(self._store, access, Block, id)
            deleted = last.kind is ChangeKind.DELETED
            if version is None and not deleted:
                raise BadInput("This block is not deleted. Name the version to go back to.")
            if not deleted and last.record.read_only:
                raise _read_only(last.record)
            wanted = await self._version(access, id, version) if version else last.record
            if not deleted and replace(wanted, version=last.record.version) == last.record:
                return Plan((), lambda at: Written(last.record, at))
            named = NewBlock(label=wanted.label, value=wanted.value, scope=wanted.scope)
            other = await self._labelled(access, named)
            if other is not None and other.id != id:
                raise Conflict(f"The label {wanted.label!r} is another block's by now.")
            after = replace(wanted, version=last.record.version + 1, updated_at=self._clock())
            reason = f"restored as version {wanted.version}" if version else "restored"
            return Plan((Put(after, reason),), lambda at: Written(after, at))

        return await self._attempts.carry_out(access, decide)

    async def _version(self, access: Access, id: RecordId, version: int) -> Block:
        ref = VersionRef(id, version)
        found = (await self._store.versions(access, Block, [ref])).get(ref)
        if version < 1 or found is None:
            raise NotFound("version of this block", str(version))
        return found.record

    async def delete(self, access: Access, id: RecordId) -> Deleted:
        """Delete a block; its label is free again.

        Raises:
            NotFound: there is no such block.
            Forbidden: it is read-only.
        """

        async def decide(_: Position) -> Plan[Deleted]:
            held = (await self._store.get(access, Block, [id])).get(id)
            if held is None:
                raise NotFound(RecordKind.BLOCK.value, id)
            if held.read_only:
                raise _read_only(held)
            return Plan((Delete(Block.KIND, id, held.version),), lambda at: Deleted(1, at))

        return await self._attempts.carry_out(access, decide)

    async def list(
        self,
        access: Access,
        scope: ReadScope = ANYWHERE,
        first: int = 50,
        known_at: Position | None = None,
    ) -> Sequence[Block]:
        """Return up to ``first`` blocks by label."""
        checks.page_size(first)
        question = Find(Block, within(scope), order=Order("label"), first=first, known_at=known_at)
        (page,) = await self._store.find(access, [question])
        return page.records

    async def history(
        self, access: Access, id: RecordId, first: int = 20
    ) -> Sequence[Version[Block]]:
        """Return the newest versions, newest first."""
        return await history.history(self._store, access, Block, id, first)

    async def _labelled(self, access: Access, new: NewBlock) -> Block | None:
        where = (
            Equal("label", new.label),
            Equal("user_id", new.scope.user_id),
            Equal("agent_id", new.scope.agent_id),
            Equal("session_id", new.scope.session_id),
        )
        (page,) = await self._store.find(access, [Find(Block, where, first=1)])
        return page.records[0] if page.records else None

    def _after(self, held: Block | None, new: NewBlock) -> Block:
        now = self._clock()
        if held is None:
            limit = DEFAULT_LIMIT if new.limit is None else new.limit
            made = Block(
                id=new_id(),
                scope=new.scope,
                created_at=now,
                updated_at=now,
                label=new.label,
                value=new.value,
                description=new.description,
                limit=limit,
                read_only=bool(new.read_only),
            )
            return _within_limit(made, condensed=new.condense)
        after = replace(
            held,
            value=new.value,
            description=held.description if new.description is None else new.description,
            limit=held.limit if new.limit is None else new.limit,
            read_only=held.read_only if new.read_only is None else new.read_only,
        )
        if after == held:
            return held
        if held.read_only and after.read_only:
            raise _read_only(held)
        whole = replace(after, version=held.version + 1, updated_at=now)
        return _within_limit(whole, condensed=new.condense)


def _check(new: NewBlock) -> None:
    checks.text("label", new.label, LONGEST_LABEL)
    checks.storable("value", new.value, LARGEST_LIMIT * 4)
    if new.description is not None:
        checks.storable("description", new.description)
    if new.limit is not None and new.limit < 1:
        raise BadInput(f"limit is {new.limit}; it must be 1 to {LARGEST_LIMIT} characters.")
    if new.limit is not None and new.limit > LARGEST_LIMIT:
        raise TooMuch(f"limit is {new.limit}; at most {LARGEST_LIMIT} characters are allowed.")


def _within_limit(block: Block, *, condensed: bool) -> Block:
    if condensed and len(block.value) > block.limit:
        block = replace(block, value=condense(block.value, int(SHARE * block.limit)))
    if len(block.value) > block.limit:
        raise TooMuch(
            f"The value of {block.label!r} has {len(block.value)} characters and its limit is "
            f"{block.limit}. Shorten it, condense it, or raise the limit."
        )
    return block


def _read_only(block: Block) -> Forbidden:
    return Forbidden(
        f"The block {block.label!r} is read-only. Put it with readOnly: false to change it."
    )
