"""Conversations in LoCoMo's format: one user each, one session after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from mnemos.importing.items import Broken, Conversation, Item, Options, tellings
from mnemos_graph.errors import BadInput
from mnemos_graph.memory.remember.telling import Message

SOURCE = "locomo"

_SESSION = re.compile(r"session_(\d+)")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_DATE = re.compile(
    rf"(\d{{1,2}}):(\d\d) ([ap])m on (\d{{1,2}}) ({'|'.join(_MONTHS)}),? (\d{{4}})", re.IGNORECASE
)


class Turn(msgspec.Struct, frozen=True):
    speaker: str
    text: str
    dia_id: str = ""
    blip_caption: str | None = None

    @property
    def words(self) -> str:
        return f"{self.text} [shares {self.blip_caption}]" if self.blip_caption else self.text


class Sample(msgspec.Struct, frozen=True):
    sample_id: str
    conversation: dict[str, Any]


def read(raw: msgspec.Raw, name: str, options: Options) -> Iterator[Item]:
    """Yield what one conversation comes to."""
    try:
        sample = msgspec.json.decode(raw, type=Sample)
    except msgspec.ValidationError as wrong:
        yield Broken(name, str(wrong))
        return
    numbers = sorted(
        int(found[1]) for key in sample.conversation if (found := _SESSION.fullmatch(key))
    )
    for number in numbers:
        yield from _session(sample, number, options)


def instant(text: str) -> datetime:
    """Return the instant that a text such as "1:56 pm on 8 May, 2023" names, in UTC.

    Raises:
        BadInput: it names none.
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise BadInput(f"{text!r} is no date such as '1:56 pm on 8 May, 2023'.")
    hour, minute, half, day, month, year = found.groups()
    afternoon = 12 if half.lower() == "p" else 0
    try:
        return datetime(
            int(year),
            _MONTHS.index(month.lower()) + 1,
            int(day),
            int(hour) % 12 + afternoon,
            int(minute),
            tzinfo=UTC,
        )
    except ValueError as wrong:
        raise BadInput(f"{text!r} is no date: {wrong}.") from wrong


def _session(sample: Sample, number: int, options: Options) -> Iterator[Item]:
    where = f"{sample.sample_id} session {number}"
    try:
        at = instant(str(sample.conversation.get(f"session_{number}_date_time", "")))
        scope = options.scope(sample.sample_id, f"s{number}")
        turns = msgspec.convert(sample.conversation[f"session_{number}"], list[Any])
    except (BadInput, msgspec.ValidationError) as wrong:
        yield Broken(where, str(wrong))
        return
    said: list[tuple[str, Message]] = []
    for place, each in enumerate(turns, start=1):
        try:
            turn = msgspec.convert(each, Turn)
        except msgspec.ValidationError as wrong:
            yield Broken(f"{where} turn {place}", str(wrong))
            continue
        message = Message(text=turn.words, speaker=turn.speaker, occurred_at=at)
        said.append((f"{sample.sample_id} {turn.dia_id}", message))
    yield from tellings(Conversation(scope=scope, source=SOURCE, messages=said), options)
