"""Whose memory it is, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NewType

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.model.ids import OrganizationId

Partition = NewType("Partition", str)
"""One user's records in an organization, by the user's id; or the shared ones."""

SHARED = Partition("")
"""The organization's shared partition. No user id is empty, so nobody else can own it."""

LONGEST_SCOPE_ID = 256
"""Characters in a userId, agentId or sessionId."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a record belongs within its organization.

    Raises:
        BadInput: an id is empty or cannot be stored as text.
        TooMuch: an id has more than 256 characters.
    """

    user_id: str | None = None
    agent_id: str | None = None
    session_id: str | None = None

    def __post_init__(self) -> None:
        if self.user_id is not None:
            _check("userId", self.user_id)
        if self.agent_id is not None:
            _check("agentId", self.agent_id)
        if self.session_id is not None:
            _check("sessionId", self.session_id)

    @property
    def partition(self) -> Partition:
        return Partition(self.user_id or SHARED)


def _check(name: str, value: str) -> None:
    if not value:
        raise BadInput(
            f"{name} is empty. Leave it out, or give 1 to {LONGEST_SCOPE_ID} characters."
        )
    if len(value) > LONGEST_SCOPE_ID:
        raise TooMuch(
            f"{name} has {len(value)} characters; at most {LONGEST_SCOPE_ID} are allowed."
        )
    if not value.isprintable():
        raise BadInput(f"{name} has characters that cannot be printed. Remove them.")


class Partitions(Enum):
    """All partitions of the organization, or none of them."""

    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Access:
    """What a request is bound to, once, from its credentials. Every store call takes it."""

    organization: OrganizationId
    actor: str
    """Who acts, as the log names it: ``local``, ``key:<id>``, ``job:<id>``,
    ``consolidation`` or ``system``."""
    reads: Partitions | frozenset[Partition] = Partitions.ALL
    writes: Partitions | frozenset[Partition] = Partitions.ALL

    def may_read(self, partition: Partition) -> bool:
        return _within(self.reads, partition)

    def may_write(self, partition: Partition) -> bool:
        return _within(self.writes, partition)


def _within(allowed: Partitions | frozenset[Partition], partition: Partition) -> bool:
    if isinstance(allowed, Partitions):
        return allowed is Partitions.ALL
    return partition in allowed
