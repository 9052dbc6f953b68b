"""The names and forms that writes and questions share: labels, relationships, values, tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from mnemos_graph.model import RECORD_TYPES, OrganizationId, Partition, RecordKind
from mnemos_graph.model.instants import micros

PLANNED_ONCE = "CYPHER replan=skip"
"""Stands before a statement that can be carried out in one way only, whatever there is.

Without it the server plans a statement again whenever there is much more than when it did so last,
which takes a hundred times as long as an answer, and whoever asks waits. For the same reason lists
are handed over within a map: a list of its own has another plan for each order of magnitude of its
length.
"""

FULL_TEXT = "record_text"
"""The full-text index over ``words`` and ``tokens`` of records as they are now."""

_EXACT = float(1 << 53)

TEXT = "TEXT"
"""The relationship from a record to each ``(:Text {org, field, value})`` of its own.

There is one node for every text of a field of several that is no reference: ``memory.tags``,
``entity.folded_names``. It lives and dies with the record as it is now.
"""


def label(kind: RecordKind) -> str:
    """Return the label of live records of a kind: ``JobInput`` for ``job_input``."""
    return "".join(part.capitalize() for part in kind.value.split("_"))


def version_label(kind: RecordKind) -> str:
    """Return the label of what records of a kind were before."""
    return f"{label(kind)}Version"


KINDS: Mapping[str, RecordKind] = {label(kind): kind for kind in RECORD_TYPES} | {
    version_label(kind): kind for kind in RECORD_TYPES
}
"""The kind behind a label of live records or of their earlier versions."""


def relationship(field: str) -> str:
    """Return the type of relationships for a referring field: ``ENTITY`` for ``entity_ids``."""
    return field.removesuffix("_ids").removesuffix("_id").upper()


def stored(value: Any) -> Any:
    """Return a scalar as a node's property holds it: instants as microseconds since 1970."""
    if isinstance(value, str):
        return str(value)
    return micros(value) if isinstance(value, datetime) else value


def pair(key: str, value: Any) -> str:
    """Return one top-level member of a JSON object, equal texts for equal values."""
    return f"{key}={msgspec.json.encode(_plain(value), order='sorted').decode()}"


def _plain(value: Any) -> Any:
    """Return the value with whole numbers in one form: 1.0 is 1, and true is not."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


@lru_cache(maxsize=4_096)
def scope_token(
    organization: OrganizationId, kind: RecordKind, partition: Partition | None = None
) -> str:
    """Return the word by which full text knows an organization's kind, or one partition of it."""
    scope = f"{organization}\0{kind.value}" + ("" if partition is None else f"\0{partition}")
    return "s" + hashlib.blake2b(scope.encode(), digest_size=12).hexdigest()


def scope_tokens(organization: OrganizationId, kind: RecordKind, partition: Partition) -> str:
    """Return what a record's ``tokens`` hold: the organization's and the partition's."""
    whole = scope_token(organization, kind)
    return f"{whole} {scope_token(organization, kind, partition)}"
