"""What a file is read into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from mnemos_graph.errors import BadInput
from mnemos_graph.memory.remember.telling import Message, Telling, checked
from mnemos_graph.model import Record, Scope

MOST_MESSAGES = 100
"""In one telling: a session is told in parts, so that its progress can be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a file is to be taken in."""

    user_id: str | None = None
    """Whose it is, where the file does not say."""
    agent_id: str | None = None
    verbatim: bool = False
    """Keep every turn as a memory, word for word."""
    name: str | None = None
    """What the file is called; a document of the same name takes the place of the earlier one."""

    def scope(self, user_id: str | None, session_id: str | None) -> Scope:
        own = self.user_id if user_id is None else user_id
        return Scope(own, self.agent_id, session_id)


@dataclass(frozen=True, slots=True)
class Broken:
    """A part of a file that cannot be taken in. The rest can."""

    where: str
    why: str


Item = Telling | Record | Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One session as a reader finds it."""

    scope: Scope
    source: str
    messages: Sequence[tuple[str, Message]]
    """Each with what to call it where it is broken."""


def tellings(conversation: Conversation, options: Options) -> Iterator[Item]:
    """Yield a conversation in parts, and what is broken in it."""
    telling = Telling(
        scope=conversation.scope,
        source=conversation.source,
        infer=not options.verbatim,
        messages=(),
    )
    good: list[Message] = []
    for name, message in conversation.messages:
        try:
            checked(replace(telling, messages=(message,)))
        except BadInput as wrong:
            yield Broken(name, str(wrong))
            continue
        good.append(message)
        if len(good) == MOST_MESSAGES:
            yield replace(telling, messages=tuple(good))
            good = []
    if good:
        yield replace(telling, messages=tuple(good))


def utc(value: datetime) -> datetime:
    """Return an instant of a file: without an offset it is UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)
