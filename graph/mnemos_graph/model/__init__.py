"""The nouns of Mnemos: immutable, typed, without I/O."""

from mnemos_graph.model.block import Block
from mnemos_graph.model.change import Change, ChangeKind, Head, Version
from mnemos_graph.model.entity import Entity
from mnemos_graph.model.episode import Episode, MessageRole
from mnemos_graph.model.fact import Fact
from mnemos_graph.model.ids import START, CommitId, OrganizationId, Position, RecordId, new_id
from mnemos_graph.model.job import Job, JobInput, JobState, Spending
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
from mnemos_graph.model.ontology import ENTITY_TYPES, EntityType, FactType, Ontology
from mnemos_graph.model.reading import Reading, reading_id
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
        Ontology,
        Reading,
    )
}
"""Every kind of record that a store keeps."""

__all__ = [
    "ENTITY_TYPES",
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
    "EntityType",
    "Episode",
    "Fact",
    "FactType",
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
    "Ontology",
    "OrganizationId",
    "Origin",
    "Partition",
    "Partitions",
    "Position",
    "Reading",
    "Receipt",
    "Record",
    "RecordId",
    "RecordKind",
    "Reference",
    "Scope",
    "Spending",
    "Support",
    "Template",
    "Version",
    "latch_id",
    "new_id",
    "reading_id",
    "receipt_id",
    "support_id",
]
