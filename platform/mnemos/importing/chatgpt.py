"""ChatGPT's export: of each conversation the branch that was last looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from mnemos.importing.items import Broken, Conversation, Item, Options, tellings
from mnemos_graph.errors import BadInput
from mnemos_graph.memory.remember.telling import Message
from mnemos_graph.model import MessageRole

SOURCE = "chatgpt"


class Author(msgspec.Struct, frozen=True):
    role: str


class Said(msgspec.Struct, frozen=True):
    author: Author
    content: dict[str, Any] = {}
    create_time: float | None = None
    metadata: dict[str, Any] | None = None

    @property
    def is_hidden(self) -> bool:
        return bool((self.metadata or {}).get("is_visually_hidden_from_conversation"))

    @property
    def text(self) -> str:
        """What can be read of it: images, files and the model's own thoughts cannot."""
        if self.content.get("content_type") not in {"text", "multimodal_text"}:
            return ""
        parts = self.content.get("parts")
        texts = [each for each in parts if isinstance(each, str)] if isinstance(parts, list) else []
        return "\n".join(texts).strip()


class Node(msgspec.Struct, frozen=True):
    message: Said | None = None
    parent: str | None = None


class Exported(msgspec.Struct, frozen=True):
    mapping: dict[str, Any]
    current_node: str | None = None
    conversation_id: str | None = None
    id: str | None = None
    create_time: float | None = None


def read(raw: msgspec.Raw, name: str, options: Options) -> Iterator[Item]:
    """Yield what one conversation comes to."""
    try:
        exported = msgspec.json.decode(raw, type=Exported)
        session = exported.conversation_id or exported.id
        scope = options.scope(None, session)
        branch = _branch(exported)
    except (msgspec.ValidationError, BadInput) as wrong:
        yield Broken(name, str(wrong))
        return
    at = exported.create_time
    said: list[tuple[str, Message]] = []
    for node in branch:
        message = node.message
        if message is None or message.is_hidden or not message.text:
            continue
        at = message.create_time or at
        try:
            told = Message(
                text=message.text, role=MessageRole(message.author.role), occurred_at=_instant(at)
            )
        except (ValueError, OverflowError, OSError) as wrong:
            yield Broken(f"{name} message {len(said) + 1}", str(wrong))
            continue
        said.append((f"{name} message {len(said) + 1}", told))
    yield from tellings(Conversation(scope=scope, source=SOURCE, messages=said), options)


def _branch(exported: Exported) -> list[Node]:
    """Return the nodes from the root to the current one."""
    mapping = exported.mapping
    at = exported.current_node or next(reversed(mapping), None)
    found: list[Node] = []
    while at is not None and at in mapping and len(found) <= len(mapping):
        node = msgspec.convert(mapping[at], Node)
        found.append(node)
        at = node.parent
    if len(found) > len(mapping):
        raise BadInput("Its messages follow each other in a circle.")
    return found[::-1]


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
