"""The schema as it is served."""

from __future__ import annotations

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from mnemos_schema.changes import ChangeQueries, ChangeSubscriptions
from mnemos_schema.documents import DocumentCache, Validation
from mnemos_schema.errors import PublicErrors
from mnemos_schema.memories import MemoryMutations, MemoryQueries
from mnemos_schema.scalars import SCALARS
from mnemos_schema.viewer import ViewerQueries


@strawberry.type(description="What can be asked.")
class Query(ViewerQueries, MemoryQueries, ChangeQueries):
    pass


@strawberry.type(
    description=(
        "Every mutation that creates takes an idempotencyKey: the same key again returns the first "
        "answer and changes nothing."
    )
)
class Mutation(MemoryMutations):
    pass


@strawberry.type(description="What can be listened to.")
class Subscription(ChangeSubscriptions):
    pass


class Schema(strawberry.Schema):
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here: ``PublicErrors`` knows which errors are defects."""


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=SCALARS),
    extensions=[PublicErrors, DocumentCache, Validation],
)
