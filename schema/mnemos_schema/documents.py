"""Documents: parsed and validated once, and weighed before they are executed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import ExecutionContext

from mnemos_graph.errors import MnemosError
from mnemos_schema.cost import Bill
from mnemos_schema.page_sizes import PageSizes

MOST_TOKENS = 5_000

_parsed = ParserCache().cached_parse_document
"""Of the same cache that every execution uses."""


class DocumentCache(ParserCache):
    """Keeps the documents that were parsed last.

    An error that a hook raises ends a stream without a word. One that is left to the execution
    itself, which then parses again, is answered.
    """

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options["max_tokens"] = MOST_TOKENS
        with suppress(GraphQLError):
            context.graphql_document = self.cached_parse_document(
                context.query, **context.parse_options
            )
        yield


class Validation(ValidationCache):
    """Keeps what was found wrong with the last documents.

    One request carries out one operation, which is weighed first: validating a document that asks
    for far too much would be work enough to hurt.
    """

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if refused := _too_much(context):
            context.pre_execution_errors = [refused]
            yield
            return
        for _ in super().on_validate():
            if not context.pre_execution_errors and _is_ambiguous(context):
                context.pre_execution_errors = [
                    GraphQLError("The document has several operations. Name one: operationName.")
                ]
            yield


def listens(query: str | None, operation_name: str | None) -> bool:
    """Return whether the operation of a document is a subscription."""
    try:
        document = _parsed(query or "", max_tokens=MOST_TOKENS)
    except GraphQLError:
        return False
    return any(
        each.operation is OperationType.SUBSCRIPTION
        for each in _operations(document)
        if operation_name is None or (each.name and each.name.value == operation_name)
    )


def _too_much(context: ExecutionContext) -> GraphQLError | None:
    document = context.graphql_document
    if document is None:
        return None
    schema: GraphQLSchema = context.schema._schema  # noqa: SLF001 - as Strawberry's own extensions do
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    may_introspect = context.context.introspection
    for operation in _operations(document):
        sizes = PageSizes(operation, context.variables)
        try:
            Bill(schema, fragments, sizes, introspection=may_introspect).add(operation)
        except MnemosError as error:
            return GraphQLError(str(error), original_error=error)
    return None


def _is_ambiguous(context: ExecutionContext) -> bool:
    named = context._provided_operation_name  # noqa: SLF001 - the public one falls back to the first
    if named is not None or context.graphql_document is None:
        return False
    return len(_operations(context.graphql_document)) > 1


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
