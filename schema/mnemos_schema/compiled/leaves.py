"""How leaves are completed: what a type's values usually are is checked in place.

What is not usual is given to ``Careful``, which does what the stock executor would, and refuses what
has to be told as an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)
from graphql.type.scalars import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema_converter import CustomGraphQLEnumType, GraphQLCoreConverter
from strawberry.types.scalar import ScalarDefinition, identity

from mnemos_schema.compiled.source import Source

SIMPLE = frozenset(
    {str, int, float, bool, dict, list, tuple, datetime, date, time, timedelta, Decimal, UUID}
)
"""Whose values are never awaitable and no exceptions."""
_BUILT_IN = frozenset({GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString})


class Unusual(Exception):
    """A value that the stock executor has to complete."""


class Careful:
    """Completes any value of one leaf type.

    Raises:
        Unusual: the value is no simple one.
        Exception: the type cannot represent it.
    """

    def __init__(self, leaf: GraphQLLeafType) -> None:
        self._coerce: Callable[[Any], Any] = leaf.coerce_output_value

    def __call__(self, value: Any) -> Any:
        if value is None or value is Undefined or isinstance(value, Exception):
            raise Unusual
        if optimized_is_awaitable(value):
            raise Unusual
        completed = self._coerce(value)
        if completed is None or completed is Undefined or optimized_is_awaitable(completed):
            raise Unusual
        return completed


def write_leaf(source: Source, leaf: GraphQLLeafType, name: str) -> None:
    """Write lines that complete the value in ``name``, which is not None where it may be."""
    careful = source.bind(Careful(leaf))
    if isinstance(leaf, CustomGraphQLEnumType):
        _write_enum(source, leaf, name, careful)
        return
    if isinstance(leaf, GraphQLScalarType) and not _passes_on(leaf):
        _write_scalar(source, leaf, name, careful)
        return
    source.line(f"if {_unusual(source, leaf, name)}: {name} = {careful}({name})")


def _unusual(source: Source, leaf: GraphQLLeafType, name: str) -> str:
    """Return the condition under which a value is not its own completion already."""
    kind = f"{source.bind(type)}({name}) is not"
    if leaf is GraphQLString or leaf is GraphQLID:
        return f"{kind} {source.bind(str)}"
    if leaf is GraphQLBoolean:
        return f"{kind} {source.bind(bool)}"
    if leaf is GraphQLInt:
        within = f"{GRAPHQL_MIN_INT} <= {name} <= {GRAPHQL_MAX_INT}"
        return f"{kind} {source.bind(int)} or not {within}"
    if leaf is GraphQLFloat:  # only what is not finite is not 0 away from itself
        return f"{kind} {source.bind(float)} or {name} - {name} != 0.0"
    return f"{source.bind(type)}({name}) not in {source.bind(SIMPLE)}"


def _passes_on(leaf: GraphQLLeafType) -> bool:
    """Return whether simple values are their own completion, or become so where they are not."""
    if leaf in _BUILT_IN:
        return True
    declared = leaf.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return isinstance(declared, ScalarDefinition) and declared.serialize is identity


def _write_scalar(source: Source, leaf: GraphQLScalarType, name: str, careful: str) -> None:
    kind, simple = source.bind(type), source.bind(SIMPLE)
    with source.block(f"if {kind}({name}) in {simple}:"):
        source.line(f"{name} = {source.bind(leaf.coerce_output_value)}({name})")
        source.line(f"if {kind}({name}) not in {simple}: raise {source.bind(Unusual)}")
    source.line(f"else: {name} = {careful}({name})")


def _write_enum(source: Source, leaf: CustomGraphQLEnumType, name: str, careful: str) -> None:
    """Look members up by their own names: they are at hand, and hashing a member is not as cheap."""
    members: Iterable[Enum] = leaf.wrapped_cls
    names = {member.name: leaf.coerce_output_value(member) for member in members}
    kind = f"{source.bind(type)}({name}) is {source.bind(leaf.wrapped_cls)}"
    source.line(f"if {kind}: {name} = {source.bind(names)}[{name}._name_]")
    source.line(f"else: {name} = {careful}({name})")
