"""Documents: parsed, validated and weighed once, and weighed again where variables are others."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import Schema
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext

from mnemos_graph.errors import MnemosError
from mnemos_schema.cost import Bill
from mnemos_schema.familiar import Familiar
from mnemos_schema.lexing import check_length
from mnemos_schema.page_sizes import PageSizes

MOST_DOCUMENTS = 512
MOST_TEXT = 500_000
"""Characters of all documents that are kept. Parsed, one takes about 200 bytes."""
MOST_TEXT_OF_ONE = 50_000
MOST_WEIGHINGS = 64
"""Sets of variables for which one document is known not to be too much."""
MOST_FAULTS = 10
"""That are told of one document. Finding more of them is work that helps nobody."""

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
"""Those of the language, and those that Strawberry adds to them."""

Variables = Mapping[str, Any] | None


class Known:
    """What is known of one document."""

    def __init__(self, document: DocumentNode, size: int) -> None:
        """``size``: in characters."""
        self.document = document
        self.size = size
        self._faults: dict[bool, list[GraphQLError]] = {}
        self._schema: Schema | None = None
        self._sized_by: tuple[str, ...] = ()
        self._passed: set[Hashable] = set()

    def of(self, schema: Schema) -> Known:
        """Return what is known of it for ``schema``: nothing, where another came first."""
        self._schema = self._schema or schema
        return self if self._schema is schema else Known(self.document, self.size)

    def faults(self, core: GraphQLSchema, *, may_introspect: bool) -> list[GraphQLError]:
        """Return what is wrong with it; who may not see the schema gets no names of it suggested."""
        if may_introspect not in self._faults:
            self._faults[may_introspect] = validate(
                core, self.document, _RULES, MOST_FAULTS, hide_suggestions=not may_introspect
            )
        return self._faults[may_introspect]

    def has_passed(self, variables: Variables, *, may_introspect: bool) -> bool:
        """Return whether it was weighed with the same page sizes before, and was not too much."""
        told = PageSizes.told_by(self._sized_by, variables)
        return told is not None and (may_introspect, told) in self._passed

    def let_pass(self, variables: Variables, consulted: set[str], *, may_introspect: bool) -> None:
        """Remember that it is not too much, which hangs on the variables that were consulted."""
        if not consulted.issubset(self._sized_by):
            self._sized_by = tuple(sorted(consulted.union(self._sized_by)))
            self._passed.clear()
        if len(self._passed) >= MOST_WEIGHINGS:
            self._passed.clear()
        told = PageSizes.told_by(self._sized_by, variables)
        if told is not None:
            self._passed.add((may_introspect, told))


_KNOWN: Familiar[str, Known] = Familiar(MOST_DOCUMENTS, MOST_TEXT, lambda known: known.size)


class Documents(SchemaExtension):
    """Keeps the documents that were executed last, with what was found wrong with them.

    One request carries out one operation, which is weighed first: validating a document that asks
    for far too much would be work enough to hurt.
    """

    _known: Known | None = None

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        known = _known(context.query or "")
        self._known = known.of(context.schema)
        context.graphql_document = known.document
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if self._known is not None:
            refused = _too_much(context, self._known)
            context.pre_execution_errors = (
                [refused]
                if refused
                else self._known.faults(
                    _core(context), may_introspect=context.context.introspection
                )
            )
        if not context.pre_execution_errors and _is_ambiguous(context):
            context.pre_execution_errors = [
                GraphQLError("The document has several operations. Name one: operationName.")
            ]
        yield


def listens(query: str | None, operation_name: str | None) -> bool:
    """Return whether the operation of a document is a subscription."""
    try:
        document = parsed(query or "")
    except GraphQLError:
        return False
    return any(
        each.operation is OperationType.SUBSCRIPTION
        for each in _operations(document)
        if operation_name is None or (each.name and each.name.value == operation_name)
    )


def parsed(text: str) -> DocumentNode:
    """Return a document, from what is kept where it is there.

    Raises:
        GraphQLError: it is none, or too long.
    """
    return _known(text).document


def is_known(text: str) -> bool:
    """Return whether a document would be taken from what is kept."""
    return text in _KNOWN


def _known(text: str) -> Known:
    known = _KNOWN.get(text)
    if known is None:
        known = Known(_parsed(text), len(text))
        if known.size <= MOST_TEXT_OF_ONE:
            _KNOWN.put(text, known)
    return known


def _parsed(text: str) -> DocumentNode:
    try:
        check_length(text)
        return parse(text)
    except MnemosError as refused:
        raise GraphQLError(str(refused), original_error=refused) from refused


def _too_much(context: ExecutionContext, known: Known) -> GraphQLError | None:
    may_introspect, variables = context.context.introspection, context.variables
    if known.has_passed(variables, may_introspect=may_introspect):
        return None
    fragments = {
        each.name.value: each
        for each in known.document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    consulted = set[str]()
    for operation in _operations(known.document):
        sizes = PageSizes(operation, variables)
        try:
            Bill(_core(context), fragments, sizes, introspection=may_introspect).add(operation)
        except MnemosError as error:
            return GraphQLError(str(error), original_error=error)
        consulted |= sizes.consulted
    known.let_pass(variables, consulted, may_introspect=may_introspect)
    return None


def _core(context: ExecutionContext) -> GraphQLSchema:
    return context.schema._schema  # noqa: SLF001 - as Strawberry's own extensions do


def _is_ambiguous(context: ExecutionContext) -> bool:
    named = context._provided_operation_name  # noqa: SLF001 - the public one falls back to the first
    if named is not None or context.graphql_document is None:
        return False
    return len(_operations(context.graphql_document)) > 1


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
