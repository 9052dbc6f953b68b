"""What callers give. What is left out is not sent, so the server's defaults hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

import msgspec

MemoryType = Literal[
    "WORKING", "CORE", "EPISODIC", "SEMANTIC", "PROCEDURAL", "RESOURCE", "KNOWLEDGE_VAULT"
]
MemoryLevel = Literal["STRATEGIC", "TACTICAL", "OPERATIONAL", "CONTEXTUAL"]
MemoryOrder = Literal["NEWEST", "OLDEST", "RECENTLY_UPDATED", "MOST_IMPORTANT"]
MessageRole = Literal["SYSTEM", "USER", "ASSISTANT", "TOOL"]
Strategy = Literal["HYBRID", "VECTOR", "TEXT", "GRAPH"]
ContextFormat = Literal["MARKDOWN", "XML", "JSON"]
SubjectType = Literal["MEMORY", "EPISODE", "ENTITY", "FACT", "BLOCK", "JOB", "TEMPLATE", "ONTOLOGY"]
Role = Literal["ADMIN", "MEMBER", "READER"]
FileFormat = Literal[
    "mnemos", "messages", "locomo", "chatgpt", "claude", "text", "markdown", "html", "pdf"
]
ChangeKind = Literal["CREATED", "UPDATED", "DELETED", "ERASED"]


class Where(TypedDict, total=False):
    """Whose memory. Absent means any on reads, and unset on writes."""

    user_id: str | None
    agent_id: str | None
    session_id: str | None


class ReadWhere(Where, total=False):
    include_shared: bool
    """A user's question also sees the shared partition; it does unless this is False."""


class Input(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Sent as the GraphQL input of the same name."""


class Message(Input, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    text: str
    role: MessageRole = "USER"
    speaker: str | None = None
    occurred_at: datetime | None = None


class MemoryFilter(Input, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    types: Sequence[MemoryType] = ()
    levels: Sequence[MemoryLevel] = ()
    tags: Sequence[str] = ()
    """Every one of these."""
    metadata: Mapping[str, Any] | None = None
    """Equality on top-level keys."""
    text: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    min_importance: float | None = None
    as_of: datetime | None = None
    """What held in the world at this instant; default: what holds now."""
    known_at: datetime | None = None
    """What was known at this instant; default: what is known now."""
    include_superseded: bool = False


class WeightedScope(Input, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One of several scopes that a question is asked in."""

    user_id: str | None = None
    agent_id: str | None = None
    session_id: str | None = None
    include_shared: bool = True
    """A user's question also sees the shared partition; it does unless this is False."""
    weight: float = 1.0
    """How much what is in it counts, beside what is in the heaviest scope; above 0, at most 100."""


class ChangeFilter(Input, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    subject_types: Sequence[SubjectType] = ()
    kinds: Sequence[ChangeKind] = ()
    memory_types: Sequence[MemoryType] = ()
    subject_ids: Sequence[str] = ()


class EntityRef(Input, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An entity by its id, or by name and kind: an unknown name creates one."""

    id: str | None = None
    name: str | None = None
    kind: str | None = None


class EntityType(Input, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A kind of entity of an organization's own."""

    name: str
    """In upper case with underscores."""
    description: str = ""


class FactType(Input, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A relation that an organization wants noted."""

    name: str
    """The predicate, in lower case with underscores."""
    description: str = ""
    subjects: Sequence[str] = ()
    """Kinds of entity that it is said about; none: any."""
    objects: Sequence[str] = ()
    """Kinds of entity that it leads to; none: any, and values too."""


class Telling(Input, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thing to remember, for many at once. Exactly one of text and messages."""

    text: str | None = None
    messages: Sequence[Message] | None = None
    user_id: str | None = None
    agent_id: str | None = None
    session_id: str | None = None
    type: MemoryType | None = None
    occurred_at: datetime | None = None
    source: str | None = None
    metadata: Mapping[str, Any] | None = None
    tags: Sequence[str] = ()
    infer: bool = True
    idempotency_key: str | None = None


def sent(value: object) -> Any:
    """Return ``value`` as JSON carries it: inputs in camel case, instants as RFC 3339."""
    return msgspec.to_builtins(value)


def scope(where: Mapping[str, Any]) -> dict[str, Any]:
    """Return a ScopeInput of what is given in ``where``.

    Raises:
        TypeError: a name in it is no part of a scope.
    """
    if unknown := where.keys() - _CAMEL.keys():
        given_as, known = ", ".join(sorted(unknown)), ", ".join(_CAMEL)
        raise TypeError(f"There is no argument {given_as}. A scope is given by {known}.")
    return {_CAMEL[name]: value for name, value in where.items() if value is not None}


def asked_in(where: Mapping[str, Any], scopes: Sequence[WeightedScope] | None) -> dict[str, Any]:
    """Return the scope, or the scopes, of a question as its input has them.

    Raises:
        TypeError: there are both, or a name in ``where`` is no part of a scope.
    """
    one = scope(where)
    if scopes is None:
        return {"scope": one}
    if one:
        raise TypeError(f"Give scopes, or {', '.join(_CAMEL)}; not both.")
    return {"scopes": [_weighted(each) for each in scopes]}


def _weighted(each: WeightedScope) -> dict[str, Any]:
    told: dict[str, Any] = sent(each)
    weight = {"weight": told.pop("weight")} if "weight" in told else {}
    return {"scope": told} | weight


def given(**arguments: object) -> dict[str, Any]:
    """Return those arguments that are not None, in camel case, as JSON carries them."""
    return {camel(name): sent(value) for name, value in arguments.items() if value is not None}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


_CAMEL = {
    "user_id": "userId",
    "agent_id": "agentId",
    "session_id": "sessionId",
    "include_shared": "includeShared",
}
