"""Claude's export: of each conversation the branch that was last gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from mnemos.importing.items import Broken, Conversation, Item, Options, tellings, utc
from mnemos_graph.errors import BadInput
from mnemos_graph.memory.remember.telling import Message
from mnemos_graph.model import MessageRole

SOURCE = "claude"
_ROLES = {"human": MessageRole.USER, "assistant": MessageRole.ASSISTANT}


class Part(msgspec.Struct, frozen=True):
    type: str = ""
    text: str | None = None


class Said(msgspec.Struct, frozen=True):
    sender: str
    uuid: str = ""
    text: str = ""
    content: list[Part] = []
    created_at: datetime | None = None
    parent_message_uuid: str | None = None

    @property
    def words(self) -> str:
        """What was said: not what a tool answered, nor what the model thought."""
        texts = [part.text for part in self.content if part.type == "text" and part.text]
        return ("\n".join(texts) or self.text).strip()


class Exported(msgspec.Struct, frozen=True):
    uuid: str
    chat_messages: list[Said]
    current_leaf_message_uuid: str | None = None


def read(raw: msgspec.Raw, name: str, options: Options) -> Iterator[Item]:
    """Yield what one conversation comes to."""
    try:
        exported = msgspec.json.decode(raw, type=Exported)
        scope = options.scope(None, exported.uuid)
        branch = _branch(exported)
    except (msgspec.ValidationError, BadInput) as wrong:
        yield Broken(name, str(wrong))
        return
    said: list[tuple[str, Message]] = []
    for place, each in enumerate(branch, start=1):
        where = f"{name} message {place}"
        role = _ROLES.get(each.sender)
        if role is None:
            yield Broken(where, f"Its sender is {each.sender!r}, neither human nor assistant.")
        elif each.words:
            at = utc(each.created_at) if each.created_at else None
            said.append((where, Message(text=each.words, role=role, occurred_at=at)))
    yield from tellings(Conversation(scope=scope, source=SOURCE, messages=said), options)


def _branch(exported: Exported) -> Sequence[Said]:
    """Return the messages from the first to the current one; all, where none names its parent."""
    messages = exported.chat_messages
    if not any(each.parent_message_uuid for each in messages):
        return messages
    by_id = {each.uuid: each for each in messages}
    at = exported.current_leaf_message_uuid or messages[-1].uuid
    found: list[Said] = []
    while at in by_id:
        if len(found) == len(messages):
            raise BadInput("Its messages follow each other in a circle.")
        found.append(by_id[at])
        at = found[-1].parent_message_uuid or ""
    return found[::-1]
