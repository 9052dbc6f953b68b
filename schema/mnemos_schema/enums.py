"""The closed sets of the contract. Members are known by their names, in upper case."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Any

import strawberry
from strawberry.types.enum import has_enum_definition

from mnemos_graph.directory import Role
from mnemos_graph.index.comparing import Signal as RecallSignal
from mnemos_graph.memory.context.writing import ContextFormat
from mnemos_graph.memory.recall.asking import Strategy as RecallStrategy
from mnemos_graph.memory.records.memories import MemoryOrder
from mnemos_graph.memory.remember.telling import Action as ConsolidationAction
from mnemos_graph.model import (
    ChangeKind,
    JobState,
    MemoryLevel,
    MemoryType,
    MessageRole,
    RecordKind,
)


def _describe(
    kind: type[Enum], description: str, members: Mapping[Any, str], *, name: str | None = None
) -> None:
    """Make an enum of the memory one of the schema, with a description of it and its members."""
    strawberry.enum(kind, name=name, description=description)
    meanings = {member.name: meaning for member, meaning in members.items()}
    if has_enum_definition(kind):
        for value in kind.__strawberry_definition__.values:
            value.description = meanings[value.name]


_describe(
    MemoryType,
    "What a memory is for.",
    {
        MemoryType.WORKING: "What the task at hand needs: of one session, and expires.",
        MemoryType.CORE: "What an agent always has to know about itself and its user.",
        MemoryType.EPISODIC: "What happened, and when.",
        MemoryType.SEMANTIC: "What is so: knowledge without an occasion.",
        MemoryType.PROCEDURAL: "How something is done; feedback counts how often it worked.",
        MemoryType.RESOURCE: "A document in chunks, a link or a file to go back to.",
        MemoryType.KNOWLEDGE_VAULT: "Exact values and secrets: found by name, shown to who may reveal them.",
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
        JobState.QUEUED: "It is kept, and waits for its turn.",
        JobState.RUNNING: "It is being worked on.",
        JobState.SUCCEEDED: "It has ended, and all of it is done.",
        JobState.FAILED: "It has ended, and error says why.",
        JobState.CANCELLED: "It was ended before it was done.",
    },
)
_describe(
    MessageRole,
    "Who speaks in a message. What is not said by a user is kept and nothing is derived from it.",
    {
        MessageRole.SYSTEM: "Instructions to the model.",
        MessageRole.USER: "A person.",
        MessageRole.ASSISTANT: "The agent.",
        MessageRole.TOOL: "A tool's answer.",
    },
)
_describe(
    ConsolidationAction,
    "What became of a memory.",
    {
        ConsolidationAction.ADD: "It is new.",
        ConsolidationAction.UPDATE: "It has changed, or has been superseded.",
        ConsolidationAction.DELETE: "It is gone.",
        ConsolidationAction.NOOP: "It said so already.",
    },
    name="ConsolidationAction",
)
_describe(
    RecallStrategy,
    "What memories are found by.",
    {
        RecallStrategy.HYBRID: "By all of it together.",
        RecallStrategy.VECTOR: "By what they mean.",
        RecallStrategy.TEXT: "By their words.",
        RecallStrategy.GRAPH: "By the entities that the query names, and the facts around them.",
    },
    name="RecallStrategy",
)
_describe(
    RecallSignal,
    "What speaks for a memory.",
    {
        RecallSignal.VECTOR: "It means what the query means.",
        RecallSignal.TEXT: "It, or what was said around it, has the query's words.",
        RecallSignal.GRAPH: "It is about entities that the query names, or facts lead to it.",
        RecallSignal.SESSION: "Its conversation has the query's words.",
        RecallSignal.SPEAKER: "It was said by whom the query names.",
        RecallSignal.TIME: "It is from when the query asks about.",
        RecallSignal.EXACT: "It has the query's exact words.",
        RecallSignal.RERANK: "A second look at the best found it relevant.",
        RecallSignal.RECENCY: "It is recent.",
        RecallSignal.IMPORTANCE: "It is important.",
        RecallSignal.LIVE: (
            "Only in degraded: a live answer is behind, because too many are asked anew."
        ),
    },
    name="RecallSignal",
)
_describe(
    ContextFormat,
    "How a context is written.",
    {
        ContextFormat.MARKDOWN: "Headings and lists.",
        ContextFormat.XML: "Elements, with everything in them escaped.",
        ContextFormat.JSON: "One JSON object.",
    },
)
_describe(
    MemoryOrder,
    "In which order memories are listed.",
    {
        MemoryOrder.NEWEST: "By when they were first written, the last first.",
        MemoryOrder.OLDEST: "By when they were first written, the first first.",
        MemoryOrder.RECENTLY_UPDATED: "By when they were last changed, the last first.",
        MemoryOrder.MOST_IMPORTANT: "By importance, the most important first.",
    },
)


class SubjectType(StrEnum):
    MEMORY = RecordKind.MEMORY.value
    EPISODE = RecordKind.EPISODE.value
    ENTITY = RecordKind.ENTITY.value
    FACT = RecordKind.FACT.value
    BLOCK = RecordKind.BLOCK.value
    JOB = RecordKind.JOB.value
    TEMPLATE = RecordKind.TEMPLATE.value
    ONTOLOGY = RecordKind.ONTOLOGY.value


_describe(
    SubjectType,
    "What kind of record a change is about.",
    {
        SubjectType.MEMORY: "Something worth keeping.",
        SubjectType.EPISODE: "What came in, as it came in.",
        SubjectType.ENTITY: "A person, place or thing.",
        SubjectType.FACT: "What holds between two entities, or an entity and a value.",
        SubjectType.BLOCK: "A short text that an agent always has before it.",
        SubjectType.JOB: "Work that goes on after its request was answered.",
        SubjectType.TEMPLATE: "How contexts are to be written.",
        SubjectType.ONTOLOGY: "What is to be noted of what is told.",
    },
)
_describe(
    Role,
    "What a key allows.",
    {
        Role.ADMIN: "Everything, keys included.",
        Role.MEMBER: "Reading and writing.",
        Role.READER: "Reading.",
    },
)

__all__ = [
    "ChangeKind",
    "ConsolidationAction",
    "ContextFormat",
    "JobState",
    "MemoryLevel",
    "MemoryOrder",
    "MemoryType",
    "MessageRole",
    "RecallSignal",
    "RecallStrategy",
    "Role",
    "SubjectType",
]
