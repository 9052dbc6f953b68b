"""Memories, one by one and by what they are like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack

from msgspec import UNSET, UnsetType

from mnemos.client import fragments
from mnemos.client.call import Call, page
from mnemos.client.inputs import (
    MemoryFilter,
    MemoryLevel,
    MemoryOrder,
    MemoryType,
    ReadWhere,
    Where,
    camel,
    given,
    scope,
    sent,
)
from mnemos.client.results import Deleted, Memory, MemoryVersion, MemoryWritten, Page

_WRITTEN = f"{{ memory {{ {fragments.MEMORY} }} position }}"

_MEMORY = f"query Memory($id: ID!) {{ memory(id: $id) {{ {fragments.MEMORY} }} }}"

_MEMORIES = f"""query Memories(
  $scope: ScopeInput, $filter: MemoryFilter, $orderBy: MemoryOrder! = NEWEST, $first: Int! = 20,
  $after: String
) {{
  memories(scope: $scope, filter: $filter, orderBy: $orderBy, first: $first, after: $after) {{
    edges {{ node {{ {fragments.MEMORY} }} }} {fragments.PAGE_INFO}
  }}
}}"""

_HISTORY = """query History($id: ID!, $first: Int! = 20) {
  memory(id: $id) { history(first: $first) { version text action reason actor at } }
}"""

_CREATE = f"""mutation Create($input: CreateMemoryInput!) {{
  createMemory(input: $input) {_WRITTEN}
}}"""

_UPDATE = f"""mutation Update($id: ID!, $input: UpdateMemoryInput!, $expectedVersion: Int) {{
  updateMemory(id: $id, input: $input, expectedVersion: $expectedVersion) {_WRITTEN}
}}"""

_RESTORE = f"""mutation Restore($id: ID!, $version: Int) {{
  restoreMemory(id: $id, version: $version) {_WRITTEN}
}}"""

_PIN = f"""mutation Pin($id: ID!, $pinned: Boolean! = true, $expectedVersion: Int) {{
  pinMemory(id: $id, pinned: $pinned, expectedVersion: $expectedVersion) {_WRITTEN}
}}"""

_FEEDBACK = f"""mutation Feedback($memoryId: ID!, $useful: Boolean!, $idempotencyKey: String) {{
  feedback(memoryId: $memoryId, useful: $useful, idempotencyKey: $idempotencyKey) {_WRITTEN}
}}"""

_DELETE = "mutation Delete($id: ID!) { deleteMemory(id: $id) { deletedCount position } }"

_DELETE_MATCHING = """mutation DeleteMatching(
  $scope: ScopeInput, $filter: MemoryFilter, $dryRun: Boolean! = false
) {
  deleteMemories(scope: $scope, filter: $filter, dryRun: $dryRun) { deletedCount position }
}"""


def memory(id: str) -> Call[Memory | None]:
    """Return the memory with this id; None: there is none."""
    return Call(document=_MEMORY, answer="memory", kind=Memory | None, variables={"id": id})


def memories(
    *,
    filter: MemoryFilter | None = None,
    order_by: MemoryOrder | None = None,
    first: int | None = None,
    after: str | None = None,
    **where: Unpack[ReadWhere],
) -> Call[Page[Memory]]:
    """Return a page of the memories that are as ``filter`` asks."""
    asked = given(filter=filter, order_by=order_by, first=first, after=after)
    return Call(
        document=_MEMORIES,
        answer="memories",
        kind=Page[Memory],
        variables=asked | {"scope": scope(where)},
        reshape=page,
    )


def history(id: str, *, first: int | None = None) -> Call[tuple[MemoryVersion, ...] | None]:
    """Return a memory's versions, newest first; None: there is no such memory."""
    return Call(
        document=_HISTORY,
        answer="memory",
        kind=tuple[MemoryVersion, ...] | None,
        variables=given(id=id, first=first),
        reshape=lambda found: found["history"],
    )


def create_memory(
    text: str,
    *,
    type: MemoryType | None = None,
    level: MemoryLevel | None = None,
    importance: float | None = None,
    tags: Sequence[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    valid_from: datetime | None = None,
    expires_at: datetime | None = None,
    idempotency_key: str | None = None,
    **where: Unpack[Where],
) -> Call[MemoryWritten]:
    """Keep a memory as it is given."""
    new = given(
        text=text,
        type=type,
        level=level,
        importance=importance,
        tags=tags,
        metadata=metadata,
        valid_from=valid_from,
        expires_at=expires_at,
        idempotency_key=idempotency_key,
    )
    return Call(
        document=_CREATE,
        answer="createMemory",
        kind=MemoryWritten,
        variables={"input": new | {"scope": scope(where)}},
    )


def update_memory(
    id: str,
    *,
    text: str | UnsetType = UNSET,
    importance: float | UnsetType = UNSET,
    tags: Sequence[str] | UnsetType | None = UNSET,
    metadata: Mapping[str, Any] | UnsetType | None = UNSET,
    valid_to: datetime | UnsetType | None = UNSET,
    expires_at: datetime | UnsetType | None = UNSET,
    expected_version: int | None = None,
) -> Call[MemoryWritten]:
    """Change what is given and keep the rest; None clears.

    ``expected_version`` turns a lost update into a ``Conflict``.
    """
    wanted = {
        "text": text,
        "importance": importance,
        "tags": tags,
        "metadata": metadata,
        "valid_to": valid_to,
        "expires_at": expires_at,
    }
    change = {camel(name): sent(value) for name, value in wanted.items() if value is not UNSET}
    return Call(
        document=_UPDATE,
        answer="updateMemory",
        kind=MemoryWritten,
        variables={"id": id, "input": change, "expectedVersion": expected_version},
    )


def delete_memory(id: str) -> Call[Deleted]:
    """Delete a memory; it can be restored."""
    return Call(document=_DELETE, answer="deleteMemory", kind=Deleted, variables={"id": id})


def delete_memories(
    *, filter: MemoryFilter | None = None, dry_run: bool = False, **where: Unpack[ReadWhere]
) -> Call[Deleted]:
    """Delete every memory that matches; nothing in scope and filter is refused."""
    return Call(
        document=_DELETE_MATCHING,
        answer="deleteMemories",
        kind=Deleted,
        variables=given(filter=filter, dry_run=dry_run) | {"scope": scope(where)},
    )


def restore_memory(id: str, *, version: int | None = None) -> Call[MemoryWritten]:
    """Make an earlier version, or a deleted memory, the current one again."""
    return Call(
        document=_RESTORE,
        answer="restoreMemory",
        kind=MemoryWritten,
        variables=given(id=id, version=version),
    )


def pin_memory(
    id: str, *, pinned: bool = True, expected_version: int | None = None
) -> Call[MemoryWritten]:
    """Keep a memory for good, or no longer; a pinned one has no expiry."""
    return Call(
        document=_PIN,
        answer="pinMemory",
        kind=MemoryWritten,
        variables=given(id=id, pinned=pinned, expected_version=expected_version),
    )


def feedback(
    memory_id: str, *, useful: bool, idempotency_key: str | None = None
) -> Call[MemoryWritten]:
    """Say whether a memory was useful: it weighs more, or less, from then on."""
    return Call(
        document=_FEEDBACK,
        answer="feedback",
        kind=MemoryWritten,
        variables=given(memory_id=memory_id, useful=useful, idempotency_key=idempotency_key),
    )
