"""Any record, as the type that its kind has in the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mnemos_graph import model
from mnemos_schema.blocks import Block
from mnemos_schema.jobs import Job
from mnemos_schema.records import Entity, Episode, Fact, Memory

AnyNode = Memory | Episode | Entity | Fact | Block | Job


_TYPES: Mapping[type[model.Record], Callable[[model.OrganizationId, Any], AnyNode]] = {
    model.Memory: Memory.of,
    model.Episode: Episode.of,
    model.Entity: Entity.of,
    model.Fact: Fact.of,
    model.Block: Block.of,
    model.Job: Job.of,
}


def node_of(organization: model.OrganizationId, record: model.Record) -> AnyNode | None:
    """Return a record as clients see it; None for bookkeeping, which they never see."""
    made = _TYPES.get(type(record))
    return made(organization, record) if made else None
