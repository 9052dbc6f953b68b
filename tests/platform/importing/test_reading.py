from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pytest

from mnemos.importing import archive
from mnemos.importing.items import Broken, Options
from mnemos.importing.lines import LONGEST_LINE
from mnemos.importing.locomo import instant
from mnemos.importing.reading import read
from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.memory.remember.telling import Message, Telling
from mnemos_graph.model import MessageRole, Scope
from tests.platform.importing.samples import (
    CHATGPT,
    CLAUDE,
    LOCOMO,
    file_of,
    json_file,
    json_lines,
    zipped,
)

ANA = Options(user_id="ana")


def tellings(file: BinaryIO, options: Options = ANA) -> list[Telling]:
    found = list(read(file, options))
    assert not [each for each in found if isinstance(each, Broken)]
    return [each for each in found if isinstance(each, Telling)]


def messages(telling: Telling) -> Sequence[Message]:
    assert telling.messages is not None
    return telling.messages


def broken(file: BinaryIO, options: Options = ANA) -> dict[str, str]:
    return {each.where: each.why for each in read(file, options) if isinstance(each, Broken)}


def test_a_locomo_conversation_is_one_user_with_a_session_for_each_day() -> None:
    first, second = tellings(json_file(LOCOMO))
    assert first.scope == Scope("conv-1", None, "s1")
    assert second.scope == Scope("conv-1", None, "s2")
    planted, looked = messages(first)
    assert planted.speaker == "Ida"
    assert planted.occurred_at == datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
    assert looked.text == "Look! [shares a photo of a barn]"


@pytest.mark.parametrize(
    ("text", "hour"),
    [("12:05 am on 1 January, 2024", 0), ("12:05 pm on 1 January, 2024", 12)],
)
def test_midnight_and_noon_are_told_apart(text: str, hour: int) -> None:
    assert instant(text) == datetime(2024, 1, 1, hour, 5, tzinfo=UTC)


def test_a_session_whose_date_cannot_be_read_is_named_and_the_others_are_read() -> None:
    sample = dict(LOCOMO[0])
    sample["conversation"] = sample["conversation"] | {"session_1_date_time": "some day"}
    found = list(read(json_file([sample]), ANA))
    assert [each.where for each in found if isinstance(each, Broken)] == ["conv-1 session 1"]
    assert len([each for each in found if isinstance(each, Telling)]) == 1


def test_of_a_chatgpt_conversation_the_branch_that_was_looked_at_is_read() -> None:
    (telling,) = tellings(json_file(CHATGPT))
    assert telling.scope == Scope("ana", None, "c-1")
    assert [(each.role, each.text) for each in messages(telling)] == [
        (MessageRole.USER, "When do pears ripen?"),
        (MessageRole.ASSISTANT, "In autumn."),
    ]
    assert messages(telling)[0].occurred_at == datetime.fromtimestamp(1_700_000_010.5, UTC)


def test_of_a_claude_conversation_the_branch_that_was_gone_on_with_is_read() -> None:
    (telling,) = tellings(json_file(CLAUDE))
    assert telling.scope == Scope("ana", None, "c-2")
    said = [(each.role, each.text) for each in messages(telling)]
    assert said == [
        (MessageRole.USER, "What is a barn?"),
        (MessageRole.ASSISTANT, "A farm building."),
    ]


@pytest.mark.parametrize("exported", [CHATGPT, CLAUDE])
def test_messages_in_a_circle_are_named_not_followed_for_ever(exported: Any) -> None:
    text = json.dumps(exported)
    text = text.replace('"parent": null', '"parent": "answer-2"')
    text = text.replace('"uuid": "m1",', '"uuid": "m1", "parent_message_uuid": "m3",')
    assert "circle" in broken(file_of(text))["conversation 1"]


@pytest.mark.parametrize("exported", [CHATGPT, CLAUDE])
def test_an_export_that_names_nobody_needs_a_user(exported: Any) -> None:
    with pytest.raises(BadInput, match="--user"):
        list(read(json_file(exported), Options()))


@pytest.mark.parametrize("exported", [CHATGPT, CLAUDE])
def test_an_archive_is_read_like_the_conversations_in_it(exported: Any) -> None:
    members = {"user.json": b"{}", "export/conversations.json": json.dumps(exported).encode()}
    assert tellings(zipped(members)) == tellings(json_file(exported))


@pytest.mark.parametrize("name", ["../conversations.json", "/etc/conversations.json", "c:/x.json"])
def test_an_archive_that_reaches_outside_of_itself_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="outside of itself"):
        list(read(zipped({"conversations.json": b"[]", name: b"[]"}), ANA))


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    bomb = zipped({"conversations.json": b"[" + b" " * 10_000_000 + b"]"})
    with pytest.raises(TooMuch, match="unpacks to more than 1000000 bytes"):
        list(archive.conversations(bomb, largest=1_000_000))


def test_an_archive_that_is_damaged_is_refused() -> None:
    whole = zipped({"conversations.json": json.dumps(CLAUDE).encode() * 50}).read()
    with pytest.raises(BadInput, match="cannot be read"):
        list(read(file_of(whole[:40] + b"\xff" * 20 + whole[60:]), ANA))


def test_messages_of_one_session_are_told_together() -> None:
    lines = [
        {"text": "one", "userId": "bo", "sessionId": "s1"},
        {"text": "two", "userId": "bo", "sessionId": "s1", "role": "ASSISTANT", "speaker": "Max"},
        {"text": "three", "occurredAt": "2024-01-01T00:00:00"},
    ]
    first, second = tellings(json_lines(*lines))
    assert first.scope == Scope("bo", None, "s1")
    assert [each.text for each in messages(first)] == ["one", "two"]
    assert messages(first)[1].role is MessageRole.ASSISTANT
    assert second.scope == Scope("ana")
    assert messages(second)[0].occurred_at == datetime(2024, 1, 1, tzinfo=UTC)


def test_a_long_session_is_told_in_parts() -> None:
    found = tellings(json_lines(*({"text": f"turn {number}"} for number in range(250))))
    assert [len(messages(each)) for each in found] == [100, 100, 50]


def test_lines_that_are_broken_are_named_and_the_others_are_read() -> None:
    file = file_of(
        b'{"text": "good"}\n'
        b"{no json}\n"
        b'{"text": ""}\n'
        b'{"role": "KING", "text": "x"}\n'
        b'{"text": "\xff"}\n'
        b'{"text": "' + b"x" * LONGEST_LINE + b'"}\n'
        b"\n"
        b'{"text": "' + b"[" * 40_000 + b'"}\n'
        b'{"text": "x", "userId": ""}\n'
        b'{"text": "good again"}\n'
    )
    found = list(read(file, Options()))
    names = [each.where for each in found if isinstance(each, Broken)]
    assert sorted(names) == [f"line {number}" for number in (2, 3, 4, 5, 6, 8, 9)]
    told = [message for each in found if isinstance(each, Telling) for message in messages(each)]
    assert [each.text for each in told] == ["good", "good again"]


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"[1, 2]", b"[", b"[" * 100_000, b"\xff\xfe", b"null"]
)
def test_what_is_no_known_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        list(read(file_of(content), ANA))


def test_verbatim_is_told_on() -> None:
    (telling,) = tellings(json_lines({"text": "x"}), Options(verbatim=True))
    assert telling.infer is False
