"""What agents tell, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.memory import checks
from mnemos_graph.model import (
    Episode,
    Job,
    Memory,
    MemoryType,
    MessageRole,
    Position,
    RecordId,
    Scope,
    new_id,
)

MOST_MESSAGES = 2_000
"""In one telling."""
LONGEST_NAME = 1_024
"""UTF-8 bytes of a speaker or a source."""

RECALLED = frozenset({"mnemos:recall", "mnemos:context"})
"""Sources that say: this came out of Mnemos. It is kept as it came, and nothing is made of it."""


class Action(StrEnum):
    """What became of something that was told."""

    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"
    NOOP = "noop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    text: str
    role: MessageRole = MessageRole.USER
    speaker: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Something to take in: exactly one of ``text`` and ``messages``."""

    scope: Scope
    text: str | None = None
    messages: Sequence[Message] | None = None
    type: MemoryType | None = None
    occurred_at: datetime | None = None
    """Of the text, and of every message without an instant of its own; None: now."""
    source: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[str] = ()
    infer: bool = True
    """False keeps each text verbatim as one memory: no extraction, no consolidation."""

    @property
    def is_recalled(self) -> bool:
        return self.source in RECALLED


@dataclass(frozen=True, slots=True)
class Decision:
    action: Action
    memory: Memory | None
    """As the decision left it; None where nothing was found to decide about."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    episodes: tuple[Episode, ...]
    decisions: tuple[Decision, ...]
    pending: Job | None = None
    """What is still to be decided, as while the extractor is away."""
    position: Position


def checked(telling: Telling) -> Telling:
    """Return ``telling`` if it can be kept.

    Raises:
        BadInput: not exactly one of text and messages, or a part that cannot be kept.
        TooMuch: more messages, or more of a part, than is allowed.
    """
    _messages(telling)
    for message in messages_of(telling):
        checks.text("text", message.text)
        _named("speaker", message.speaker)
        checks.optional_instant("occurredAt", message.occurred_at)
    _named("source", telling.source)
    checks.metadata(telling.metadata)
    checks.tags(telling.tags)
    if telling.type is MemoryType.KNOWLEDGE_VAULT:
        raise BadInput(
            "What is told is kept as it was told, for everybody who may read it. Give what the "
            "KNOWLEDGE_VAULT is to keep to createMemory."
        )
    if telling.type is MemoryType.WORKING and telling.scope.session_id is None:
        raise BadInput("A WORKING memory belongs to a session. Give scope.sessionId.")
    return telling


def as_kept(telling: Telling) -> Telling:
    """Return a telling as it is taken in, whatever it asks for itself.

    Of what was recalled nothing is kept but its episodes. What is of type WORKING is kept word for
    word: were it consolidated, what is known for good could end with a session.
    """
    if telling.is_recalled:
        return replace(telling, infer=True)
    return replace(telling, infer=False) if telling.type is MemoryType.WORKING else telling


def messages_of(telling: Telling) -> Iterator[Message]:
    """Yield what was told, one message after the other, each with its instant if any is given."""
    if telling.text is not None:
        yield Message(text=telling.text, occurred_at=telling.occurred_at)
    for message in telling.messages or ():
        yield Message(
            text=message.text,
            role=message.role,
            speaker=message.speaker,
            occurred_at=message.occurred_at or telling.occurred_at,
        )


def episodes_of(
    telling: Telling, now: datetime, ids: Sequence[RecordId] = ()
) -> tuple[Episode, ...]:
    """Return an episode for each message, in order; under ``ids`` where they are given."""
    messages = list(messages_of(telling))
    return tuple(
        Episode(
            id=id_,
            scope=telling.scope,
            created_at=now,
            updated_at=now,
            text=message.text,
            occurred_at=message.occurred_at or now,
            role=message.role,
            speaker=message.speaker,
            source=telling.source,
            metadata=telling.metadata,
        )
        for id_, message in zip(ids or [new_id() for _ in messages], messages, strict=True)
    )


def _messages(telling: Telling) -> None:
    if (telling.text is None) == (telling.messages is None):
        raise BadInput("Give exactly one of text and messages.")
    if telling.messages is None:
        return
    if not telling.messages:
        raise BadInput("messages is empty. Give at least one, or text.")
    if len(telling.messages) > MOST_MESSAGES:
        raise TooMuch(
            f"There are {len(telling.messages)} messages; at most {MOST_MESSAGES} are allowed "
            "in one call. Split them."
        )


def _named(name: str, value: str | None) -> None:
    if value is not None:
        checks.text(name, value, LONGEST_NAME)
