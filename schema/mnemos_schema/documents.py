"""Documents, parsed and validated once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import ExecutionContext


class DocumentCache(ParserCache):
    """Keeps the documents that were parsed last.

    An error that a hook raises ends a stream without a word. One that is left to the execution
    itself, which then parses again, is answered.
    """

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        with suppress(GraphQLError):
            context.graphql_document = self.cached_parse_document(
                context.query, **context.parse_options
            )
        yield


class Validation(ValidationCache):
    """Keeps what was found wrong with the last documents; one request carries out one operation."""

    def on_validate(self) -> Iterator[None]:
        for _ in super().on_validate():
            context = self.execution_context
            if not context.pre_execution_errors and _is_ambiguous(context):
                context.pre_execution_errors = [
                    GraphQLError("The document has several operations. Name one: operationName.")
                ]
            yield


def _is_ambiguous(context: ExecutionContext) -> bool:
    named = context._provided_operation_name  # noqa: SLF001 - the public one falls back to the first
    if named is not None or context.graphql_document is None:
        return False
    definitions = context.graphql_document.definitions
    return sum(isinstance(each, OperationDefinitionNode) for each in definitions) > 1
