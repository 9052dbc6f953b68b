"""How a selection becomes one function: field by field, list by list, object by object.

Compiled are attributes without a resolver, whose types are leaves, objects of one Strawberry class,
and lists of either. What fields a selection has, with its fragments, aliases and directives, is
asked of the stock executor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor import Executor
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField

from mnemos_schema.compiled.leaves import Unusual, write_leaf
from mnemos_schema.compiled.source import NotCompiled, Source, attribute, quoted

MOST_LINES = 1_000
"""Of one function. A field takes 2, an object or a list around it 3 to 5 more."""
MOST_NESTED = 16
"""Lists and objects within one another in one function; Python allows 20 loops."""
_SELECTED = frozenset({"include", "skip"})
_TYPENAME = "__typename"

Read = Callable[[Any], Any]
"""Completes a value; raises whatever it likes where the stock executor has to do it."""


class Head(NamedTuple):
    """What reads the first fields of an object, and how many they are."""

    read: Read
    fields: int


class Compiler:
    """Writes one function for one operation with its variables."""

    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor
        self._source = Source(MOST_LINES)
        self._nested = 0

    @property
    def size(self) -> int:
        """How many lines were written."""
        return self._source.size

    def list(self, kind: GraphQLList[Any], selected: FieldDetailsList) -> Read:
        """Return what completes a list.

        Raises:
            NotCompiled: something of it is no plain attribute.
        """
        self._write_list(kind, selected, "v0")
        return self._source.function("v0")

    def object(
        self, parent: GraphQLObjectType, fields: Iterable[tuple[str, FieldDetailsList]]
    ) -> Read:
        """Return what reads the fields of an object that is known to be of its type.

        Raises:
            NotCompiled: one of them is no plain attribute.
        """
        return self._source.function(self._write_fields(parent, fields, "v0"))

    def head(
        self, parent: GraphQLObjectType, fields: Sequence[tuple[str, FieldDetailsList]]
    ) -> Head:
        """Return what reads the first fields of an object, up to one that is more than an attribute.

        Raises:
            NotCompiled: there are fewer than two before that one.
        """
        count = 0
        while count < len(fields) and self._is_plain(parent, fields[count][1]):
            count += 1
        if count < min(2, len(fields)):  # one of several is read as well by itself
            raise NotCompiled
        return Head(self.object(parent, fields[:count]), count)

    def _is_plain(self, parent: GraphQLObjectType, selected: FieldDetailsList) -> bool:
        try:
            Compiler(self._executor)._write_field(parent, selected, "v0")  # noqa: SLF001 - its own
        except NotCompiled:
            return False
        return True

    def field(self, parent: GraphQLObjectType, selected: FieldDetailsList) -> Read:
        """Return what reads one field of an object that is known to be of its type.

        Raises:
            NotCompiled: it is no plain attribute.
        """
        return self._source.function(self._write_field(parent, selected, "v0"))

    def _write_value(self, kind: GraphQLOutputType, selected: FieldDetailsList, name: str) -> None:
        """Write lines that complete the value in ``name``."""
        if isinstance(kind, GraphQLNonNull):
            self._write_given(kind.of_type, selected, name)
            return
        with self._source.block(f"if {name} is not None:"):
            self._write_given(kind, selected, name)

    def _write_given(self, kind: Any, selected: FieldDetailsList, name: str) -> None:
        if is_leaf_type(kind):
            write_leaf(self._source, kind, name)
            return
        self._nested += 1
        if self._nested > MOST_NESTED:
            raise NotCompiled
        if isinstance(kind, GraphQLList):
            self._write_list(kind, selected, name)
        elif isinstance(kind, GraphQLObjectType):
            self._write_object(kind, selected, name)
        else:
            raise NotCompiled
        self._nested -= 1

    def _write_list(self, kind: GraphQLList[Any], selected: FieldDetailsList, name: str) -> None:
        """Only what can be gone through twice: the stock executor may have to begin again."""
        source, of = self._source, self._source.bind(type)
        which = " and ".join(f"{of}({name}) is not {source.bind(each)}" for each in (list, tuple))
        source.line(f"if {which}: raise {source.bind(Unusual)}")
        made, item = source.variable(), source.variable()
        source.line(f"{made} = []")
        with source.block(f"for {item} in {name}:"):
            self._write_value(kind.of_type, selected, item)
            source.line(f"{made}.append({item})")
        source.line(f"{name} = {made}")

    def _write_object(self, kind: GraphQLObjectType, selected: FieldDetailsList, name: str) -> None:
        source = self._source
        is_other = f"{source.bind(type)}({name}) is not {source.bind(_class_of(kind))}"
        if kind.is_type_of is not None:  # which looks whether the object was cast
            cast = f"{source.bind(getattr)}({name}, '{TYPE_CAST_ATTRIBUTE}', None)"
            is_other += f" or {cast} is not None"
        source.line(f"if {is_other}: raise {source.bind(Unusual)}")
        below = self._executor.collect_subfields(kind, selected)
        if below.new_defer_usages:
            raise NotCompiled
        made = self._write_fields(kind, below.grouped_field_set.items(), name)
        source.line(f"{name} = {made}")

    def _write_fields(
        self,
        parent: GraphQLObjectType,
        fields: Iterable[tuple[str, FieldDetailsList]],
        name: str,
    ) -> str:
        """Write lines that read fields of the object in ``name``; return what they make of it."""
        made = {quoted(key): self._write_field(parent, selected, name) for key, selected in fields}
        return "{" + ", ".join(f"{key}: {value}" for key, value in made.items()) + "}"

    def _write_field(self, parent: GraphQLObjectType, selected: FieldDetailsList, name: str) -> str:
        """Write lines that read a field of the object in ``name``; return what has its value."""
        if selected[0].node.name.value == _TYPENAME:
            return quoted(parent.name)
        field, read = _plain(self._executor, parent, selected)
        value = self._source.variable()
        self._source.line(f"{value} = {name}.{attribute(read)}")
        self._write_value(field.type, selected, value)
        return value


def _plain(
    executor: Executor[Any], parent: GraphQLObjectType, selected: FieldDetailsList
) -> tuple[GraphQLField, str]:
    """Return a field and the attribute that it is.

    Raises:
        NotCompiled: it is more than an attribute.
    """
    field = executor.schema.get_field(parent, selected[0].node.name.value)
    if field is None or field.args or not getattr(field.resolve, "_is_default", False):
        raise NotCompiled
    declared = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if (
        not isinstance(declared, StrawberryField)
        or not declared.is_basic_field
        or declared.default_resolver is not getattr
    ):
        raise NotCompiled
    for details in selected:
        directives = {each.name.value for each in details.node.directives or ()}
        if details.node.arguments or directives - _SELECTED:
            raise NotCompiled
    return field, declared.python_name


def _class_of(kind: GraphQLObjectType) -> type:
    """Return the one class whose objects are of this type, and neither awaitable nor errors."""
    declared = kind.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(declared, StrawberryObjectDefinition):
        raise NotCompiled
    if declared.is_type_of is not None or declared.concrete_of is not None:
        raise NotCompiled
    origin = declared.origin
    if hasattr(origin, "__await__") or issubclass(origin, Exception):
        raise NotCompiled
    return origin
