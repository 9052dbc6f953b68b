"""Which answers may be kept and given again to whoever may see the same.

What a query read is noted by the stores (``mnemos_graph.witness``). Here it is said whether that is
all: of the fields below it is. A recall also counts what it showed and reads "last week" in the
question; keys are in no log. A field that is not named here is answered anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from mnemos_graph.witness.witness import witnessed

KEPT = frozenset(
    {
        *("__schema", "__type", "__typename"),
        *("block", "blocks", "entities", "entity", "episode", "fact", "facts", "job"),
        *("memories", "memory", "node", "position", "subgraph", "templates", "viewer"),
    }
)
"""Fields of ``Query`` whose answers rest on records, the present moment and the caller alone."""


def vouch(context: ExecutionContext, result: ExecutionResult) -> None:
    """Tell the witness of an answer, if there is one, whether it is of a kind to be kept."""
    witness = witnessed()
    if witness is None:
        return
    if _is_kept(context):
        witness.vouched = not result.errors and not context.extensions_results
    else:
        witness.refused = witness.never = True


def _is_kept(context: ExecutionContext) -> bool:
    if context.operation_type is not OperationType.QUERY or context.graphql_document is None:
        return False
    return KEPT.issuperset(_roots(context.graphql_document, context.operation_name))


def _roots(document: DocumentNode, operation: str | None) -> Iterator[str]:
    """Yield the fields of ``Query`` that an operation may ask for, whatever its directives say."""
    fragments: dict[str, SelectionSetNode] = {}
    waiting: list[SelectionSetNode] = []
    for each in document.definitions:
        if isinstance(each, FragmentDefinitionNode):
            fragments[each.name.value] = each.selection_set
        elif (name := getattr(each, "name", None)) is None or name.value == operation:
            waiting.append(getattr(each, "selection_set"))  # noqa: B009 - of an operation
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection.name.value
            elif isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                waiting.append(fragments[selection.name.value])
