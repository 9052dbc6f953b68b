"""The closed sets of the contract. Members are known by their names, in upper case."""

from __future__ import annotations

from enum import Enum, StrEnum

import strawberry
from strawberry.types.enum import has_enum_definition

from mnemos_graph.model import ChangeKind, JobState, MemoryLevel, MemoryType, RecordKind


def _describe(kind: type[Enum], description: str, members: dict[Enum, str]) -> None:
    """Make an enum of the model one of the schema, with a description of it and its members."""
    strawberry.enum(kind, description=description)
    meanings = {member.name: meaning for member, meaning in members.items()}
    if has_enum_definition(kind):
        for value in kind.__strawberry_definition__.values:
            value.description = meanings[value.name]


_describe(
    MemoryType,
    "What a memory is for.",
    {
        MemoryType.WORKING: "What the task at hand needs, for as long as it lasts.",
        MemoryType.CORE: "What an agent always has to know about itself and its user.",
        MemoryType.EPISODIC: "What happened, and when.",
        MemoryType.SEMANTIC: "What is so: knowledge without an occasion.",
        MemoryType.PROCEDURAL: "How something is done.",
        MemoryType.RESOURCE: "A document, link or file to go back to.",
        MemoryType.KNOWLEDGE_VAULT: "What must be kept literally.",
    },
)
_describe(
    MemoryLevel,
    "How far a memory reaches: from lasting aims down to the situation at hand.",
    {
        MemoryLevel.STRATEGIC: "Lasting aims and principles.",
        MemoryLevel.TACTICAL: "Plans and ways of working.",
        MemoryLevel.OPERATIONAL: "Everyday knowledge.",
        MemoryLevel.CONTEXTUAL: "The situation at hand.",
    },
)
_describe(
    ChangeKind,
    "What happened to a record.",
    {
        ChangeKind.CREATED: "It is there, and was not before: new, or restored.",
        ChangeKind.UPDATED: "It has a new version.",
        ChangeKind.DELETED: "It is gone, and can be restored.",
        ChangeKind.ERASED: "Its content is gone for good; subject and actor are blank.",
    },
)
_describe(
    JobState,
    "How far a job has come.",
    {
        JobState.QUEUED: "It is kept, and has not begun.",
        JobState.RUNNING: "It is being worked on.",
        JobState.SUCCEEDED: "It has ended, and all of it is done.",
        JobState.FAILED: "It has ended, and error says why.",
        JobState.CANCELLED: "It was ended before it was done.",
    },
)


@strawberry.enum(description="What kind of record a change is about.")
class SubjectType(StrEnum):
    MEMORY = RecordKind.MEMORY.value
    EPISODE = RecordKind.EPISODE.value
    ENTITY = RecordKind.ENTITY.value
    FACT = RecordKind.FACT.value
    BLOCK = RecordKind.BLOCK.value
    JOB = RecordKind.JOB.value


__all__ = ["ChangeKind", "JobState", "MemoryLevel", "MemoryType", "SubjectType"]
