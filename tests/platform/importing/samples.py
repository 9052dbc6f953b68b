"""Small files in every format that can be taken in. All of it was made up for these tests."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, cast

OPENED: list[BinaryIO] = []
"""What a test opened, to be closed behind it."""


def file_of(content: bytes | str) -> BinaryIO:
    """Return an open file with this content: a real one, for what maps it into memory."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the reader is given it open
    file.write(content if isinstance(content, bytes) else content.encode())
    file.seek(0)
    OPENED.append(cast("BinaryIO", file))
    return OPENED[-1]


def json_file(content: object) -> BinaryIO:
    return file_of(json.dumps(content))


def json_lines(*values: object) -> BinaryIO:
    return file_of("".join(json.dumps(value) + "\n" for value in values))


def zipped(members: Mapping[str, bytes]) -> BinaryIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file_of(packed.getvalue())


LOCOMO: Sequence[Mapping[str, Any]] = [
    {
        "sample_id": "conv-1",
        "conversation": {
            "speaker_a": "Ida",
            "speaker_b": "Bo",
            "session_1_date_time": "1:56 pm on 8 May, 2023",
            "session_1": [
                {"speaker": "Ida", "dia_id": "D1:1", "text": "I planted a pear tree."},
                {
                    "speaker": "Bo",
                    "dia_id": "D1:2",
                    "text": "Look!",
                    "blip_caption": "a photo of a barn",
                },
            ],
            "session_2_date_time": "12:05 am on 1 January, 2024",
            "session_2": [{"speaker": "Ida", "dia_id": "D2:1", "text": "Happy new year."}],
            "session_3_date_time": "9:00 am on 2 January, 2024",
        },
        "qa": [],
    }
]


def chatgpt_node(
    parent: str | None, role: str, text: str, at: float | None = None, **more: Any
) -> Mapping[str, Any]:
    message = {
        "author": {"role": role},
        "create_time": at,
        "content": {"content_type": "text", "parts": [text]},
        "metadata": {},
        **more,
    }
    return {"parent": parent, "message": message}


CHATGPT: Sequence[Mapping[str, Any]] = [
    {
        "title": "Pears",
        "conversation_id": "c-1",
        "create_time": 1_700_000_000.0,
        "current_node": "answer-2",
        "mapping": {
            "root": {"parent": None, "message": None},
            "system": chatgpt_node(
                "root", "system", "", metadata={"is_visually_hidden_from_conversation": True}
            ),
            "question": chatgpt_node("system", "user", "When do pears ripen?", 1_700_000_010.5),
            "answer-1": chatgpt_node("question", "assistant", "In spring.", 1_700_000_020.0),
            "answer-2": chatgpt_node("question", "assistant", "In autumn.", 1_700_000_030.0),
        },
    }
]

CLAUDE: Sequence[Mapping[str, Any]] = [
    {
        "uuid": "c-2",
        "name": "Barns",
        "current_leaf_message_uuid": "m3",
        "chat_messages": [
            {
                "uuid": "m1",
                "sender": "human",
                "text": "What is a barn?",
                "created_at": "2024-02-03T10:00:00Z",
                "content": [{"type": "text", "text": "What is a barn?"}],
            },
            {
                "uuid": "m2",
                "parent_message_uuid": "m1",
                "sender": "assistant",
                "text": "A bird.",
                "created_at": "2024-02-03T10:00:05Z",
            },
            {
                "uuid": "m3",
                "parent_message_uuid": "m1",
                "sender": "assistant",
                "created_at": "2024-02-03T10:01:00Z",
                "content": [
                    {"type": "tool_use", "name": "search"},
                    {"type": "text", "text": "A farm building."},
                ],
            },
        ],
    }
]
