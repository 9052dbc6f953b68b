"""How many items a field was asked for, read from its arguments before they are coerced."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    IntValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

_NAMES = ("first", "limit")
_ABSENT = object()
_MOST_DIGITS = 9
_LARGEST = 10**_MOST_DIGITS
_Declared = GraphQLArgument | GraphQLInputField


class PageSizes:
    """The page sizes of one operation with its variables.

    What cannot be a page size is left to the execution, which refuses it.
    """

    def __init__(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
    ) -> None:
        self._given = variables or {}
        self.consulted: set[str] = set()
        """The variables whose values were looked at."""
        self._defaults = {
            each.variable.name.value: each.default_value
            for each in operation.variable_definitions or ()
        }

    def of(self, node: FieldNode, declared: GraphQLField) -> int | None:
        """Return how many items ``node`` asks for; None where it has no such argument."""
        written = {each.name.value: each.value for each in node.arguments or ()}
        for name, argument in declared.args.items():
            if name in _NAMES:
                return self._size(argument, self._known(written.get(name)))
            if name == "input" and (size := self._within(argument, written.get(name))):
                return size
        return None

    def _within(self, argument: GraphQLArgument, written: ValueNode | None) -> int | None:
        kind = get_named_type(argument.type)
        if not isinstance(kind, GraphQLInputObjectType):
            return None
        value = self._known(written)
        for name in _NAMES:
            if declared := kind.fields.get(name):
                return self._size(declared, self._member(value, name))
        return None

    def _member(self, value: Any, name: str) -> Any:
        if isinstance(value, ObjectValueNode):
            named = (each.value for each in value.fields if each.name.value == name)
            return self._known(next(named, None))
        return value.get(name) if isinstance(value, Mapping) else None

    def _known(self, value: ValueNode | None) -> Any:
        """Return what a variable stands for, and any other value as it was written."""
        if not isinstance(value, VariableNode):
            return value
        name = value.name.value
        self.consulted.add(name)
        return self._given[name] if name in self._given else self._defaults.get(name)

    @staticmethod
    def told_by(names: Iterable[str], variables: Mapping[str, Any] | None) -> Hashable | None:
        """Return all that page sizes can depend on where these variables are consulted.

        None: a value is of a kind that cannot be compared.
        """
        given = variables or {}
        told: list[Hashable] = []
        for name in names:
            value = given.get(name, _ABSENT)
            is_input = isinstance(value, dict)
            for each in (value.get(part, _ABSENT) for part in _NAMES) if is_input else (value,):
                if each is not _ABSENT and not isinstance(each, str | int | float | None):
                    return None
                told.append(each)
        return tuple(told)

    @staticmethod
    def _size(declared: _Declared, value: Any) -> int | None:
        if isinstance(value, IntValueNode):
            digits = value.value
            value = int(digits) if len(digits) <= _MOST_DIGITS else _LARGEST
        if isinstance(value, int | float) and math.isfinite(value):
            return max(1, int(min(value, _LARGEST)))
        return declared.default_value if isinstance(declared.default_value, int) else None
