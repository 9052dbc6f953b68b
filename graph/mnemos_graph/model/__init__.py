"""The nouns of Mnemos: immutable, typed, without I/O."""

from mnemos_graph.model.block import Block
from mnemos_graph.model.change import Change, ChangeKind, Head, Version
from mnemos_graph.model.entity import Entity
from mnemos_graph.model.episode import Episode, MessageRole
from mnemos_graph.model.fact import Fact
from mnemos_graph.model.ids import START, CommitId, OrganizationId, Position, RecordId, new_id
from mnemos_graph.model.job import Job, JobInput, JobState
from mnemos_graph.model.latch import Latch, latch_id
from mnemos_graph.model.memory import (
    FAILURES,
    NAME,
    STEPS,
    SUCCESSES,
    Memory,
    MemoryLevel,
    MemoryType,
    Origin,
)
from mnemos_graph.model.receipt import Receipt, receipt_id
from mnemos_graph.model.record import FieldType, Record, RecordKind, Reference
from mnemos_graph.model.scope import SHARED, Access, Partition, Partitions, Scope
from mnemos_graph.model.support import Support, support_id
from mnemos_graph.model.template import Template

RECORD_TYPES: dict[RecordKind, type[Record]] = {
    kind.KIND: kind
    for kind in (
        Memory,
        Episode,
        Entity,
        Fact,
        Block,
        Job,
        Receipt,
        JobInput,
        Latch,
        Support,
        Template,
    )
}
"""Every kind of record that a store keeps."""

__all__ = [
    "FAILURES",
    "NAME",
    "RECORD_TYPES",
    "SHARED",
    "START",
    "STEPS",
    "SUCCESSES",
    "Access",
    "Block",
    "Change",
    "ChangeKind",
    "CommitId",
    "Entity",
    "Episode",
    "Fact",
    "FieldType",
    "Head",
    "Job",
    "JobInput",
    "JobState",
    "Latch",
    "Memory",
    "MemoryLevel",
    "MemoryType",
    "MessageRole",
    "OrganizationId",
    "Origin",
    "Partition",
    "Partitions",
    "Position",
    "Receipt",
    "Record",
    "RecordId",
    "RecordKind",
    "Reference",
    "Scope",
    "Support",
    "Template",
    "Version",
    "latch_id",
    "new_id",
    "receipt_id",
    "support_id",
]
