"""The schema as it is served."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import strawberry
from graphql import ExecutionResult, GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from mnemos_graph.errors import TimedOut
from mnemos_graph.language.bills import billed
from mnemos_schema.blocks import BlockMutations, BlockQueries
from mnemos_schema.changes import ChangeQueries, ChangeSubscriptions
from mnemos_schema.compiled.resolvers import simplify
from mnemos_schema.consolidating import ConsolidateMutations
from mnemos_schema.contexts import ContextQueries
from mnemos_schema.deadline import within
from mnemos_schema.documents import Documents
from mnemos_schema.entities import EntityMutations, EntityQueries
from mnemos_schema.episodes import EpisodeMutations, EpisodeQueries
from mnemos_schema.errors import PublicErrors
from mnemos_schema.execution import Execution
from mnemos_schema.facts import FactMutations, FactQueries
from mnemos_schema.forgetting import ForgetMutations
from mnemos_schema.hooks import HooksRunner
from mnemos_schema.jobs import JobQueries, JobSubscriptions
from mnemos_schema.judging import JudgeMutations
from mnemos_schema.keys import KeyMutations, KeyQueries
from mnemos_schema.memories import MemoryMutations, MemoryQueries
from mnemos_schema.nodes import NodeQueries
from mnemos_schema.ontologies import OntologyMutations, OntologyQueries
from mnemos_schema.recall import RecallQueries, RecallSubscriptions
from mnemos_schema.reindexing import ReindexMutations
from mnemos_schema.remembering import RememberMutations
from mnemos_schema.scalars import SCALARS
from mnemos_schema.spending import COST, told
from mnemos_schema.templates import TemplateMutations, TemplateQueries
from mnemos_schema.viewer import ViewerQueries
from mnemos_schema.vouching import vouch
from mnemos_schema.watching import WatchSubscriptions


@strawberry.type(description="What can be asked.")
class Query(
    ViewerQueries,
    KeyQueries,
    NodeQueries,
    MemoryQueries,
    RecallQueries,
    ContextQueries,
    EpisodeQueries,
    EntityQueries,
    FactQueries,
    BlockQueries,
    TemplateQueries,
    OntologyQueries,
    JobQueries,
    ChangeQueries,
):
    pass


@strawberry.type(
    description=(
        "Every mutation that creates takes an idempotencyKey: the same key again returns the first "
        "answer and changes nothing."
    )
)
class Mutation(
    KeyMutations,
    RememberMutations,
    MemoryMutations,
    JudgeMutations,
    EpisodeMutations,
    FactMutations,
    EntityMutations,
    BlockMutations,
    TemplateMutations,
    OntologyMutations,
    ForgetMutations,
    ReindexMutations,
    ConsolidateMutations,
):
    pass


@strawberry.type(description="What can be listened to.")
class Subscription(ChangeSubscriptions, RecallSubscriptions, WatchSubscriptions, JobSubscriptions):
    pass


class Schema(strawberry.Schema):
    def create_extensions_runner(
        self, execution_context: ExecutionContext, extensions: list[SchemaExtension]
    ) -> SchemaExtensionsRunner:
        return HooksRunner(execution_context, extensions)

    async def _prepare_operation_async(
        self, context: ExecutionContext, extensions_runner: SchemaExtensionsRunner
    ) -> PreExecutionError | None:
        """Answer a document that is none as the stock method does, without parsing it again."""
        try:
            return await super()._prepare_operation_async(context, extensions_runner)
        except GraphQLError as error:
            context.pre_execution_errors = [error]
            return PreExecutionError(data=None, errors=[error])

    async def _execute_operation(
        self, execution_context: ExecutionContext, *rest: Any, **more: Any
    ) -> Any:
        """Execute a query or mutation, as long as its context allows, and say what it cost."""
        execution_context.context.finishes = True
        with billed() as bill:
            result = await self._executed(execution_context, *rest, **more)
        if bill.by_model:
            execution_context.extensions_results[COST] = told(bill)
        vouch(execution_context, result)
        return result

    async def _executed(self, execution_context: ExecutionContext, *rest: Any, **more: Any) -> Any:
        context = execution_context.context
        turn: AbstractAsyncContextManager[None] = nullcontext()
        if context.turns and execution_context.operation_type is OperationType.QUERY:
            turn = context.turns.of(context.access.organization)
        try:
            async with within(context.operation_seconds), turn:
                return await super()._execute_operation(execution_context, *rest, **more)
        except TimedOut as late:
            error = GraphQLError(str(late), original_error=late)
            execution_context.result = ExecutionResult(data=None, errors=[error])
            return execution_context.result

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here: ``PublicErrors`` knows which errors are defects."""


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=SCALARS),
    extensions=[PublicErrors, Documents],
    execution_context_class=Execution,
)
simplify(schema._schema, schema.schema_converter)  # noqa: SLF001 - there is no public way to it
