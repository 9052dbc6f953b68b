"""Conversations with what a careful reader would keep of them, read from the files beside this."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from mnemos_graph.memory.remember.telling import Message
from mnemos_graph.model import MessageRole
from tests.extraction.matching import Claim, Words

WORKING = ("working_people", "working_life", "working_talk")
HELD_OUT = ("held_out", "held_out_later")

_ROLES = {"bot": MessageRole.ASSISTANT, "tool": MessageRole.TOOL}
_ALTERNATIVES = re.compile(r"\s*\|\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    name: str
    messages: tuple[Message, ...]
    keep: tuple[Words, ...]
    may_keep: tuple[Words, ...]
    facts: tuple[Claim, ...]
    may_state: tuple[Claim, ...]
    ends: tuple[Claim, ...]
    may_end: tuple[Claim, ...]
    once: tuple[Words, ...]


def read(files: Sequence[str]) -> list[Conversation]:
    """Return the conversations of some files of this folder, in their order."""
    found: list[Conversation] = []
    for name in files:
        text = (Path(__file__).parent / f"{name}.yaml").read_text()
        found += [_conversation(*each) for each in yaml.safe_load(text).items()]
    return found


def _conversation(name: str, written: Mapping[str, Any]) -> Conversation:
    def words(key: str) -> tuple[Words, ...]:
        return tuple(Words.written(str(each)) for each in written.get(key, ()))

    def claims(key: str) -> tuple[Claim, ...]:
        return tuple(_claim(each) for each in written.get(key, ()))

    return Conversation(
        name=name,
        messages=tuple(_messages(written["turns"], written["day"])),
        keep=words("keep"),
        may_keep=words("may_keep"),
        facts=claims("facts"),
        may_state=claims("may_state"),
        ends=claims("ends"),
        may_end=claims("may_end"),
        once=words("once"),
    )


def _messages(turns: Sequence[Any], day: date) -> Iterator[Message]:
    at = datetime.combine(day, time(12), UTC)
    for turn in turns:
        who, said = next(iter(turn.items())) if isinstance(turn, Mapping) else (None, turn)
        if who == "day":
            at = datetime.combine(said, time(12), UTC)
            continue
        role = _ROLES.get(who, MessageRole.USER) if who else MessageRole.USER
        speaker = who if role is MessageRole.USER else None
        yield Message(text=said, role=role, speaker=speaker, occurred_at=at)
        at += timedelta(minutes=1)


def _claim(written: str) -> Claim:
    subject, predicate, target, *day = (_ALTERNATIVES.split(each) for each in written.split(" / "))
    return Claim(tuple(subject), tuple(predicate), tuple(target), tuple(day[0]) if day else ())
