"""Whose memory it is: scopes as clients give and see them."""

from __future__ import annotations

from typing import Self

import strawberry

from mnemos_graph import model
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope
from mnemos_graph.memory.scopes import WeightedScope as Weighted
from mnemos_schema.inputs import optional


@strawberry.type(
    description=(
        "Whose memory it is. The organization is never an argument: it comes from the caller's "
        "credentials."
    )
)
class Scope:
    organization_id: strawberry.ID = strawberry.field(description="The caller's organization.")
    user_id: str | None = strawberry.field(
        description="Whose partition it is in; null: the organization's shared one."
    )
    agent_id: str | None = strawberry.field(description="The agent it belongs to, if to one.")
    session_id: str | None = strawberry.field(description="The session it belongs to, if to one.")

    @classmethod
    def of(cls, organization: model.OrganizationId, scope: model.Scope) -> Self:
        return cls(
            organization_id=strawberry.ID(organization),
            user_id=scope.user_id,
            agent_id=scope.agent_id,
            session_id=scope.session_id,
        )


@strawberry.input(
    description=(
        "Absent means any on reads, and unset on writes. Every record is in one partition: a "
        "user's, or, without a userId, the organization's shared one."
    )
)
class ScopeInput:
    user_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 256 characters."
    )
    agent_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 256 characters."
    )
    session_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 256 characters."
    )
    include_shared: bool = strawberry.field(
        default=True, description="On reads: a user's question also sees the shared partition."
    )

    def scope(self) -> model.Scope:
        """Return where a record with this scope is written.

        Raises:
            BadInput: an id is empty or cannot be stored.
            TooMuch: an id is too long.
        """
        return model.Scope(
            user_id=optional(self.user_id),
            agent_id=optional(self.agent_id),
            session_id=optional(self.session_id),
        )

    def read_scope(self) -> ReadScope:
        """Return the scope that a question sees.

        Raises:
            BadInput: an id is empty or cannot be stored.
            TooMuch: an id is too long.
        """
        return ReadScope(
            user_id=optional(self.user_id),
            agent_id=optional(self.agent_id),
            session_id=optional(self.session_id),
            include_shared=self.include_shared,
        )


@strawberry.input(description="One of several scopes that a question is asked in.")
class WeightedScope:
    scope: ScopeInput = strawberry.field(description="Whose memory to search.")
    weight: float = strawberry.field(
        default=1.0,
        description=(
            "Above 0, at most 100: how much what is in it counts beside the heaviest of the scopes. "
            "At half the weight a memory is thought half as likely to be relevant."
        ),
    )

    def read_scope(self) -> Weighted:
        """Return the scope with its weight.

        Raises:
            BadInput: an id is empty or cannot be stored.
            TooMuch: an id is too long.
        """
        return Weighted(self.scope.read_scope(), self.weight)


def scope_of(scope: ScopeInput | None) -> ReadScope:
    """Return the scope that a question sees; an absent one is everywhere."""
    given = optional(scope)
    return given.read_scope() if given else ANYWHERE
