"""Questions of our own, with what answers them: one user's memories of every kind, in one scope.

The files beside this one are made to be read. Isolated facts have no session; a document, an agent's
notes of a day and a conversation have one each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mnemos.bench_recall.dataset import Conversation, Query, Told
from mnemos_graph.memory.remember.telling import Message
from mnemos_graph.model import Scope

USER = "own"
FILES = ("facts", "documents", "agents", "talks")
UNANSWERED = "unanswered"
MARKS = ("exact", "paraphrase", "negation", "hops", "time")
_HERE = Path(__file__).parent
_NOON = 12


class _Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was told on one day: chunks and notes are (id, text), turns (id, speaker, text)."""

    id: str
    said: date
    speaker: str | None = None
    chunks: list[tuple[str, str]] = []
    notes: list[tuple[str, str]] = []
    turns: list[tuple[str, str, str]] = []


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"found": "in"}):
    ask: str
    found: str = ""
    how: str = ""
    now: date | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    questions: list[_Question]
    memories: list[tuple[str, date, str]] = []
    diary: list[tuple[str, date, str]] = []
    documents: list[_Session] = []
    sessions: list[_Session] = []


@dataclass(frozen=True, slots=True)
class Own:
    conversation: Conversation
    """With every question that has an answer; its kind is facts, documents, agents or nameless."""
    unanswered: Sequence[Query]


@cache
def read() -> Own:
    """Return the whole set, which is one conversation."""
    files = [_read(name) for name in FILES]
    told: dict[Scope, list[Told]] = {}
    for file in files:
        for scope, turn in _told(file):
            told.setdefault(scope, []).append(turn)
    queries = [_query(file.kind, asked) for file in files for asked in file.questions]
    nothing = _read(UNANSWERED)
    unanswered = [_query(nothing.kind, asked) for asked in nothing.questions]
    return Own(Conversation(USER, told, queries), unanswered)


def _read(name: str) -> _File:
    plain: Mapping[str, Any] = yaml.safe_load((_HERE / f"{name}.yaml").read_text("utf-8"))
    return msgspec.convert(plain, _File)


def _told(file: _File) -> Iterator[tuple[Scope, Told]]:
    for id_, said, text in (*file.memories, *file.diary):
        yield Scope(USER), Told(id_, _message(text, said))
    for session in (*file.documents, *file.sessions):
        scope = Scope(USER, agent_id=session.speaker, session_id=session.id)
        for id_, text in (*session.chunks, *session.notes):
            yield scope, Told(id_, _message(text, session.said, session.speaker))
        for id_, speaker, text in session.turns:
            yield scope, Told(id_, _message(text, session.said, speaker))


def _message(text: str, said: date, speaker: str | None = None) -> Message:
    return Message(text=text, speaker=speaker, occurred_at=_noon(said))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, _NOON, tzinfo=UTC)


def _query(kind: str, asked: _Question) -> Query:
    return Query(
        asked.ask,
        kind,
        frozenset(asked.found.split()),
        None if asked.now is None else _noon(asked.now),
        frozenset(asked.how.split()),
    )
