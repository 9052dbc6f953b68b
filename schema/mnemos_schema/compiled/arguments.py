"""Arguments as resolvers take them, by converters that are made once for each type.

Strawberry finds out anew in every call what an argument's type is, what its parts are called, and
which of them an input object has. What these converters do not know is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from typing import Any

from strawberry.relay import GlobalID
from strawberry.schema import compat
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.unset import UNSET

Convert = Callable[[Any], Any]


class NotConverted(Exception):
    """A type is left to Strawberry."""


class Converters:
    """Makes converters for the arguments of one schema's fields."""

    def __init__(self, converter: GraphQLCoreConverter) -> None:
        self._schema = converter
        self._inputs: dict[type, Convert] = {}

    def of(self, arguments: Sequence[StrawberryArgument]) -> Convert:
        """Return what turns coerced arguments, by their GraphQL names, into keyword arguments.

        Raises:
            NotConverted: one of them is of a type that is not known here.
        """
        names = self._schema.config.name_converter
        parts = [
            (names.from_argument(each), each.python_name, self._converter(each.type))
            for each in arguments
        ]

        def convert(given: Mapping[str, Any]) -> dict[str, Any]:
            return {own: turn(given[name]) for name, own, turn in parts if name in given}

        return convert

    def _converter(self, kind: Any) -> Convert:
        if isinstance(kind, StrawberryMaybe):
            raise NotConverted
        if isinstance(kind, StrawberryOptional):
            return self._converter(kind.of_type)
        if isinstance(kind, StrawberryList):
            return _each(self._converter(kind.of_type))
        if self._is_leaf(kind):
            return _as_it_is
        if has_object_definition(kind):
            return self._input(kind, kind.__strawberry_definition__)
        raise NotConverted

    def _is_leaf(self, kind: Any) -> bool:
        if kind is GlobalID:
            raise NotConverted
        return (
            isinstance(kind, StrawberryEnumDefinition)
            or has_enum_definition(kind)
            or compat.is_scalar(kind, self._schema.scalar_registry)
        )

    def _input(self, kind: type, declared: StrawberryObjectDefinition) -> Convert:
        if kind in self._inputs:
            return self._inputs[kind]
        if declared.from_input is not None or not declared.is_input:
            raise NotConverted
        names = self._schema.config.name_converter
        parts: list[tuple[str, str, Convert]] = []
        nothing = {
            field.python_name: None
            for field in declared.fields
            if field.default_value is MISSING and field.default_factory is MISSING
        }

        def convert(given: Any) -> Any:
            if given is None or given is UNSET:
                return given
            own = {own: turn(given[name]) for name, own, turn in parts if name in given}
            return kind(**(nothing | own))

        self._inputs[kind] = convert  # before its parts, one of which may be of its own type
        parts += [
            (
                names.from_field(field),
                field.python_name,
                self._converter(field.resolve_type(type_definition=declared)),
            )
            for field in declared.fields
        ]
        return convert


def _as_it_is(given: Any) -> Any:
    return given


def _each(turn: Convert) -> Convert:
    def convert(given: Any) -> Any:
        if given is None or given is UNSET:
            return given
        return [turn(each) for each in given]

    return convert
