"""Which properties lead to a record without looking through others.

Every index begins with the organization. A range index of Neo4j holds only nodes that have all of
its properties, and is used only where each is asked for; so there is one for each way in.
"""

from __future__ import annotations

from collections.abc import Mapping

from mnemos_graph.model import RecordKind

Properties = tuple[str, ...]

BY_ID: Properties = ("org", "id")
BY_OWNER: Properties = ("org", "partition", "id")

SELDOM_LISTED = frozenset(
    {RecordKind.RECEIPT, RecordKind.JOB_INPUT, RecordKind.LATCH, RecordKind.READING}
)
"""Kinds that nobody pages through in the order of their ids: each write is spared an index."""

LOOKED_UP: Mapping[RecordKind, Properties] = {
    RecordKind.MEMORY: ("fingerprint", "superseded_by", "expires_at"),
    RecordKind.ENTITY: ("folded_name", "merge_id", "merged_into"),
    RecordKind.FACT: ("subject_id", "object_id", "closed_by", "ended_by"),
    RecordKind.JOB: ("state",),
    RecordKind.JOB_INPUT: ("job_id",),
    RecordKind.LATCH: ("subject_id",),
    RecordKind.SUPPORT: ("supports", "episode_id"),
}
"""Fields by whose value a kind is found: an index of (org, field) over the live ones."""

IN_ORDER: Mapping[RecordKind, Properties] = {RecordKind.MEMORY: ("created_at",)}
"""Fields in whose order a kind is paged: (org, field, id) and (org, partition, field, id)."""

LOOKED_UP_THEN: Mapping[RecordKind, Properties] = {
    RecordKind.ENTITY: ("merged_into",),
    RecordKind.FACT: ("subject_id", "object_id"),
}
"""Fields by whose value earlier versions are found: (org, field) over them."""

VERSION_BY_ID: Properties = ("org", "id", "version")
"""The index over ``(:Version)`` of every kind."""
VERSION_BY_OWNER: Properties = ("org", "partition", "died")
VERSION_BY_END: Properties = ("org", "died")


def of_live(kind: RecordKind) -> list[Properties]:
    """Return the indexes over the live records of a kind."""
    found = [BY_OWNER] if kind in SELDOM_LISTED else [BY_ID, BY_OWNER]
    found += [("org", field) for field in LOOKED_UP.get(kind, ())]
    for field in IN_ORDER.get(kind, ()):
        found += [("org", field, "id"), ("org", "partition", field, "id")]
    return found


def of_versions(kind: RecordKind) -> list[Properties]:
    """Return the indexes over the earlier versions of a kind that is logged."""
    found = [VERSION_BY_OWNER, VERSION_BY_END]
    return found + [("org", field) for field in LOOKED_UP_THEN.get(kind, ())]


TEXTS: Properties = ("org", "field", "value")
"""The index over ``(:Text)``."""
