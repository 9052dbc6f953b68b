"""Core memory, the log, jobs, and who is asking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Unpack

from mnemos.client import fragments
from mnemos.client.call import Call
from mnemos.client.inputs import ChangeFilter, ReadWhere, Where, given, scope
from mnemos.client.results import (
    Block,
    BlockWritten,
    ChangePage,
    Deleted,
    Job,
    JobStarted,
    Viewer,
)

_BLOCK = f"query Block($id: ID!) {{ block(id: $id) {{ {fragments.BLOCK} }} }}"

_BLOCKS = f"""query Blocks($scope: ScopeInput, $first: Int! = 50, $knownAt: DateTime) {{
  blocks(scope: $scope, first: $first, knownAt: $knownAt) {{ {fragments.BLOCK} }}
}}"""

_PUT_BLOCK = f"""mutation PutBlock($input: BlockInput!, $expectedVersion: Int) {{
  putBlock(input: $input, expectedVersion: $expectedVersion) {{
    block {{ {fragments.BLOCK} }} position
  }}
}}"""

_CONDENSE_BLOCK = f"""mutation CondenseBlock($id: ID!, $expectedVersion: Int) {{
  condenseBlock(id: $id, expectedVersion: $expectedVersion) {{
    block {{ {fragments.BLOCK} }} position
  }}
}}"""

_RESTORE_BLOCK = f"""mutation RestoreBlock($id: ID!, $version: Int) {{
  restoreBlock(id: $id, version: $version) {{ block {{ {fragments.BLOCK} }} position }}
}}"""

_DELETE_BLOCK = "mutation DeleteBlock($id: ID!) { deleteBlock(id: $id) { deletedCount position } }"

_LOG = f"""query Log($after: Cursor, $scope: ScopeInput, $filter: ChangeFilter, $first: Int! = 100) {{
  changes(after: $after, scope: $scope, filter: $filter, first: $first) {{ {fragments.CHANGES} }}
}}"""

_CHANGES = f"""subscription Changes($after: Cursor, $scope: ScopeInput, $filter: ChangeFilter) {{
  changes(after: $after, scope: $scope, filter: $filter) {{ {fragments.CHANGES} }}
}}"""

_POSITION = "query Position { position }"

_VIEWER = "query Viewer { viewer { organizationId actor role permissions } }"

_JOB = f"query Job($id: ID!) {{ job(id: $id) {{ {fragments.JOB} }} }}"

_LIVE_JOB = f"subscription LiveJob($id: ID!) {{ job(id: $id) {{ {fragments.JOB} }} }}"

_FORGET = f"""mutation Forget($userId: String!) {{
  forgetUser(userId: $userId) {{ job {{ {fragments.JOB} }} position }}
}}"""

_REINDEX = f"mutation Reindex {{ reindex {{ job {{ {fragments.JOB} }} position }} }}"

_CONSOLIDATE = f"""mutation Consolidate($scope: ScopeInput!) {{
  consolidate(scope: $scope) {{ job {{ {fragments.JOB} }} position }}
}}"""


def block(id: str) -> Call[Block | None]:
    """Return the block with this id; None: there is none."""
    return Call(document=_BLOCK, answer="block", kind=Block | None, variables={"id": id})


def blocks(
    *, first: int | None = None, known_at: datetime | None = None, **where: Unpack[ReadWhere]
) -> Call[tuple[Block, ...]]:
    """Return the blocks of a scope, as they were known at ``known_at``."""
    return Call(
        document=_BLOCKS,
        answer="blocks",
        kind=tuple[Block, ...],
        variables=given(first=first, known_at=known_at) | {"scope": scope(where)},
    )


def put_block(
    label: str,
    value: str,
    *,
    description: str | None = None,
    limit: int | None = None,
    read_only: bool | None = None,
    condense: bool | None = None,
    expected_version: int | None = None,
    **where: Unpack[Where],
) -> Call[BlockWritten]:
    """Create or replace the block with this label in this scope.

    With ``condense`` a value beyond the limit is condensed by rules, and not refused.
    """
    new = given(
        label=label,
        value=value,
        description=description,
        limit=limit,
        read_only=read_only,
        condense=condense,
    )
    return Call(
        document=_PUT_BLOCK,
        answer="putBlock",
        kind=BlockWritten,
        variables={"input": new | {"scope": scope(where)}, "expectedVersion": expected_version},
    )


def condense_block(id: str, *, expected_version: int | None = None) -> Call[BlockWritten]:
    """Condense a block by rules, so that there is room in it again."""
    return Call(
        document=_CONDENSE_BLOCK,
        answer="condenseBlock",
        kind=BlockWritten,
        variables=given(id=id, expected_version=expected_version),
    )


def restore_block(id: str, *, version: int | None = None) -> Call[BlockWritten]:
    """Make an earlier version, or a deleted block, the current one again."""
    return Call(
        document=_RESTORE_BLOCK,
        answer="restoreBlock",
        kind=BlockWritten,
        variables=given(id=id, version=version),
    )


def delete_block(id: str) -> Call[Deleted]:
    """Delete a block."""
    return Call(document=_DELETE_BLOCK, answer="deleteBlock", kind=Deleted, variables={"id": id})


def log(
    after: str | None = None,
    *,
    filter: ChangeFilter | None = None,
    first: int | None = None,
    **where: Unpack[ReadWhere],
) -> Call[ChangePage]:
    """Return a page of the log behind a position, oldest first; without one, from its start."""
    return Call(
        document=_LOG,
        answer="changes",
        kind=ChangePage,
        variables=given(after=after, filter=filter, first=first) | {"scope": scope(where)},
        reshape=_changes,
    )


def changes(
    after: str | None = None,
    *,
    filter: ChangeFilter | None = None,
    **where: Unpack[ReadWhere],
) -> Call[ChangePage]:
    """Follow every change behind a position, in order; without one, from now on.

    The first page says where it starts; an empty page only moves the position on.
    """
    return Call(
        document=_CHANGES,
        answer="changes",
        kind=ChangePage,
        variables=given(after=after, filter=filter) | {"scope": scope(where)},
        reshape=_changes,
    )


def position() -> Call[str]:
    """Return the log's last position."""
    return Call(document=_POSITION, answer="position", kind=str)


def viewer() -> Call[Viewer]:
    """Return whom the credentials belong to."""
    return Call(document=_VIEWER, answer="viewer", kind=Viewer)


def job(id: str) -> Call[Job | None]:
    """Return the job with this id; None: there is none."""
    return Call(document=_JOB, answer="job", kind=Job | None, variables={"id": id})


def live_job(id: str) -> Call[Job]:
    """Follow a job until it has ended."""
    return Call(document=_LIVE_JOB, answer="job", kind=Job, variables={"id": id})


def forget_user(user_id: str) -> Call[JobStarted]:
    """Erase a person: every record, version, vector and answer of that user, for good."""
    return Call(
        document=_FORGET, answer="forgetUser", kind=JobStarted, variables={"userId": user_id}
    )


def reindex() -> Call[JobStarted]:
    """Have the search by meaning built anew."""
    return Call(document=_REINDEX, answer="reindex", kind=JobStarted)


def consolidate(user_id: str | None = None) -> Call[JobStarted]:
    """Have what is known of a user, or what is shared, looked at for repeats, names, summaries."""
    where = given(user_id=user_id)
    return Call(
        document=_CONSOLIDATE, answer="consolidate", kind=JobStarted, variables={"scope": where}
    )


_SUBJECTS = frozenset(
    {"Memory", "Episode", "Entity", "Fact", "Block", "Job", "Template", "Ontology"}
)


def _changes(found: Mapping[str, Any]) -> Mapping[str, Any]:
    changes = [change | {"subject": _subject(change["subject"])} for change in found["changes"]]
    return {**found, "changes": changes}


def _subject(found: dict[str, Any] | None) -> Mapping[str, Any] | None:
    """Return what the client can read; a block's value has a name of its own in the document."""
    if found is None or found["__typename"] not in _SUBJECTS:
        return None
    if "blockValue" in found:
        return found | {"value": found["blockValue"]}
    return found
