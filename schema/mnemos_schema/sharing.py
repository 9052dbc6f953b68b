"""Which subscriptions listeners share.

Those who ask the same with the same rights are told by one execution. What a field promises about
that is said here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    NonNullTypeNode,
    NullValueNode,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)

from mnemos_schema.documents import parsed

MOST_KEPT = 128
"""Documents of which it is remembered how they are shared."""


class Sharing(Enum):
    LOG = "the log, page by page"
    """Every listener stands somewhere in it, by the argument ``after``, and misses nothing."""
    STATE = "something as it is"
    """Every listener is told how it is, and again when it changes."""


SHARED: Mapping[str, Sharing] = {
    "changes": Sharing.LOG,
    "liveRecall": Sharing.STATE,
    "job": Sharing.STATE,
}
"""Subscriptions whose answers depend on nothing but their document, variables and rights."""


@dataclass(frozen=True, slots=True)
class Shared:
    """How the listeners to one document share it."""

    sharing: Sharing
    variable: str | None = None
    """The variable that says where a listener stands, if one does."""
    required: bool = False
    """Whether that variable must have a value."""
    literal: str | None = None
    """Where all of them stand, if the document itself says so."""

    def fits(self, variables: Mapping[str, Any]) -> bool:
        """Return whether what a listener says about where it stands can be taken as that."""
        place = self.place(variables)
        return isinstance(place, str) or (place is None and not self.required)

    def place(self, variables: Mapping[str, Any]) -> Any:
        """Return what a listener says about where it stands; None: nothing."""
        return variables.get(self.variable) if self.variable is not None else self.literal

    def common(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the variables without where a listener stands, as an execution takes them."""
        common = {name: value for name, value in variables.items() if name != self.variable}
        return common | {self.variable: ""} if self.variable and self.required else common


@lru_cache(maxsize=MOST_KEPT)
def shared(query: str, operation_name: str | None) -> Shared | None:
    """Return how a document's operation is shared; None: every listener has its own execution.

    A document that is not valid may be answered with anything: executing it says what is wrong.
    """
    try:
        document = parsed(query)
    except GraphQLError:
        return None
    operation = _operation(document, operation_name)
    field = _only_field(operation) if operation else None
    if operation is None or field is None or field.name.value not in SHARED:
        return None
    sharing = SHARED[field.name.value]
    after = next((each.value for each in field.arguments or () if each.name.value == "after"), None)
    if sharing is Sharing.STATE or after is None:
        return Shared(sharing)
    return _standing(document, operation, after)


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    found = [
        each
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode)
        and (name is None or (each.name is not None and each.name.value == name))
    ]
    if len(found) != 1 or found[0].operation is not OperationType.SUBSCRIPTION:
        return None
    return found[0]


def _only_field(operation: OperationDefinitionNode) -> FieldNode | None:
    selected = operation.selection_set.selections
    if len(selected) != 1 or not isinstance(selected[0], FieldNode) or selected[0].directives:
        return None
    return selected[0]


def _standing(
    document: DocumentNode, operation: OperationDefinitionNode, after: ValueNode
) -> Shared | None:
    if isinstance(after, NullValueNode):
        return Shared(Sharing.LOG)
    if isinstance(after, StringValueNode):
        return Shared(Sharing.LOG, literal=after.value)
    if not isinstance(after, VariableNode):
        return None
    name = after.name.value
    defined = [
        each for each in operation.variable_definitions or () if each.variable.name.value == name
    ]
    if len(defined) != 1 or defined[0].default_value is not None or _uses(document, name) != 1:
        return None  # used for something else as well, it says more than where a listener stands
    return Shared(Sharing.LOG, name, isinstance(defined[0].type, NonNullTypeNode))


def _uses(document: DocumentNode, variable: str) -> int:
    counted = _Uses(variable)
    visit(document, counted)
    return counted.found


class _Uses(Visitor):
    """Counts where a variable is used, without where it is defined."""

    def __init__(self, variable: str) -> None:
        super().__init__()
        self.found = 0
        self._variable = variable

    def enter_variable(self, node: VariableNode, *around: Any) -> None:
        defining = isinstance(around[1], VariableDefinitionNode)
        if node.name.value == self._variable and not defining:
            self.found += 1
