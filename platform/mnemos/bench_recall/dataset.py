"""Conversations with questions about them, in LoCoMo's format."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any

import msgspec

from mnemos.importing.locomo import Turn, instant
from mnemos_graph.errors import BadInput
from mnemos_graph.memory.remember.telling import Message
from mnemos_graph.model import Scope

_EVIDENCE = re.compile(r"D\d+:\d+")
_MOST_SESSIONS = 1_000


class Category(IntEnum):
    """What LoCoMo calls its kinds of questions by."""

    MULTI_HOP = 1
    TEMPORAL = 2
    OPEN_DOMAIN = 3
    SINGLE_HOP = 4
    ADVERSARIAL = 5
    """Asks about the wrong person: reported apart, for it rarely has an answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """One turn, under the name that evidence calls it by."""

    name: str
    message: Message

    @property
    def line(self) -> str:
        """The turn as it counts against a budget of tokens."""
        return f"[{self.message.occurred_at:%Y-%m-%d}] {self.said}"

    @property
    def said(self) -> str:
        """Its text, with the speaker where there is one."""
        message = self.message
        return f"{message.speaker}: {message.text}" if message.speaker else message.text


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    kind: str
    evidence: frozenset[str]
    as_of: datetime | None = None
    """When it is asked; None: now."""
    marks: frozenset[str] = frozenset()
    """What else it is counted under."""


@dataclass(frozen=True, slots=True)
class Conversation:
    user_id: str
    sessions: Mapping[Scope, Sequence[Told]]
    queries: Sequence[Query]

    @property
    def turns(self) -> list[Told]:
        return [turn for session in self.sessions.values() for turn in session]


class _Question(msgspec.Struct, frozen=True):
    question: str
    category: Category
    evidence: list[str] = []


class _Sample(msgspec.Struct, frozen=True):
    sample_id: str
    conversation: dict[str, Any]
    qa: list[_Question]


def read(path: Path) -> list[Conversation]:
    """Return the conversations of a file. Questions whose evidence is nowhere are left out.

    Raises:
        BadInput: the file cannot be read, or is no such file.
    """
    try:
        samples = msgspec.json.decode(path.read_bytes(), type=list[_Sample])
        return [_conversation(sample) for sample in samples]
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} has no conversations with questions: {error}.") from error


def _conversation(sample: _Sample) -> Conversation:
    sessions = {
        Scope(sample.sample_id, session_id=f"s{number}"): _session(sample.conversation, number)
        for number in range(1, _MOST_SESSIONS)
        if f"session_{number}" in sample.conversation
    }
    known = {turn.name for session in sessions.values() for turn in session}
    queries = [
        Query(asked.question, asked.category.name.lower(), evidence)
        for asked in sample.qa
        if (evidence := frozenset(_EVIDENCE.findall(" ".join(asked.evidence))) & known)
    ]
    return Conversation(sample.sample_id, sessions, queries)


def _session(conversation: Mapping[str, Any], number: int) -> list[Told]:
    at = instant(str(conversation.get(f"session_{number}_date_time", "")))
    turns = msgspec.convert(conversation[f"session_{number}"], list[Turn])
    return [
        Told(turn.dia_id, Message(text=turn.words, speaker=turn.speaker, occurred_at=at))
        for turn in turns
    ]
