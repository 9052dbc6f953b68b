"""What a language model promises: a request in, a completion out, whole or as it is written.

Text goes in as messages and nothing else. What comes back is checked before it is returned: a value
fits the schema that was asked for, a call fits its tool's. A model that answers anything else has
failed, as one that is away has.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, Self, TypeAlias

from mnemos_graph.language.bills import Usage
from mnemos_graph.language.models.schemas import Schema


class Author(StrEnum):
    USER = "user"
    MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Something that a model may ask its caller to do."""

    name: str
    """Letters, digits, `_` and `-`; at most 64."""
    description: str
    schema: Schema
    """What its arguments fit: an object."""

    @classmethod
    def answering(cls, schema: Schema) -> Self:
        """Return the tool whose call is an answer that fits ``schema``."""
        return cls(name=schema.name, description="Give the answer.", schema=schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    id: str
    name: str
    arguments: Mapping[str, Any]
    token: str | None = None
    """What the provider wants to have back with this call, unread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    call: ToolCall
    text: str
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Of a user: text and results. Of the model: text and the calls that it made."""

    author: Author = Author.USER
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    results: tuple[ToolResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    messages: tuple[Message, ...]
    """Users' and the model's by turns; the last one is a user's."""
    system: str = ""
    """The instructions. What stands in messages is never one of them."""
    schema: Schema | None = None
    """What the answer's value fits; then there is a value and no text."""
    tools: tuple[Tool, ...] = ()
    must_call: bool = False
    """Whether one of the tools has to be called."""
    most_tokens: int = 4_096
    """How long the answer may be, in the model's tokens, thoughts included."""


class Ending(StrEnum):
    """Why a model stopped."""

    DONE = "done"
    CALLS = "calls"
    LENGTH = "length"
    """The text is cut off at ``most_tokens``."""
    DECLINED = "declined"
    """It never is that of a completion: ``Declined`` is raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    text: str = ""
    value: Any = None
    """What fits the request's schema, where it had one."""
    calls: tuple[ToolCall, ...] = ()
    ending: Ending = Ending.DONE
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    """Which model answered, as it is called by its provider."""
    dollars: float | None = None
    """What it cost; None where that is not known."""


Piece: TypeAlias = str | Completion
"""Of a stream: text as it is written and, as the last piece, the completion, text included."""


class LanguageModel(Protocol):
    @property
    def name(self) -> str:
        """Provider and model, as in messages and accounts: ``anthropic:claude-haiku-5-5``."""
        ...

    async def complete(self, request: Request) -> Completion:
        """Return the whole answer.

        Raises:
            Declined: the model will not answer this.
            TooMuch: the request is longer than the model reads.
            RateLimited: more was asked than the provider allows; ``after`` says when to come back.
            TimedOut: no answer within the time that there is.
            Unusable: its key, name or account is not in order. Asking again does not help.
            Garbled: what it answered does not fit the schema, or is no answer at all.
            CutShort: a value or a call was not whole at ``most_tokens``.
            Unavailable: it is away, or overloaded.
        """
        ...

    def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Yield the answer as it is written, and the completion in the end.

        What was yielded before an error is not to be relied on.

        Raises:
            MnemosError: as ``complete``; ``Unavailable`` also where the stream breaks off.
        """
        ...
