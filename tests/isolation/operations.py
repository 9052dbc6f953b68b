"""Every operation of the schema and every place in its arguments where a client puts its own words.

All of it comes from the schema, so that what is added to the schema is covered from that day on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_required_input_field,
    print_ast,
)

from mnemos_schema.schema import schema as served

SCHEMA = build_schema(served.as_str())
WORDY = ("ID", "Cursor", "String", "JSON")
"""Scalars in which a client can name something of somebody else's."""
RECORDS = 2
"""Records below each other that an answer is asked for."""
PAGE = 3
"""Items of each list in an answer."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in an operation's arguments that takes a client's own words."""

    path: Path
    scalar: str

    @property
    def name(self) -> str:
        return next(str(each) for each in reversed(self.path) if isinstance(each, str))

    def __str__(self) -> str:
        return ".".join(map(str, self.path))


@dataclass(frozen=True, slots=True)
class Operation:
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def field(self) -> GraphQLField:
        root: Mapping[str, GraphQLObjectType | None] = {
            "query": SCHEMA.query_type,
            "mutation": SCHEMA.mutation_type,
            "subscription": SCHEMA.subscription_type,
        }
        of = root[self.kind]
        assert of is not None
        field: GraphQLField = of.fields[self.name]
        return field

    @property
    def document(self) -> str:
        """The operation with all its arguments as variables, asking for all that it can answer."""
        declared = ", ".join(f"${name}: {_declared(arg)}" for name, arg in self.field.args.items())
        given = ", ".join(f"{name}: ${name}" for name in self.field.args)
        around = (f"({declared})", f"({given})") if declared else ("", "")
        return f"{self.kind} {around[0]} {{ {self.name}{around[1]} {_selected(self.field.type, RECORDS)} }}"

    @property
    def slots(self) -> list[Slot]:
        """The places that take words of the client's own."""
        return self.places(WORDY)

    def ids(self) -> list[Slot]:
        return self.places(("ID",))

    def places(self, scalars: Collection[str]) -> list[Slot]:
        """Return the places that take one of these scalars."""
        return [
            slot
            for name, arg in self.field.args.items()
            for slot in _slots(arg.type, (name,), ())
            if slot.scalar in scalars
        ]

    @property
    def takes_scope(self) -> bool:
        return any(slot.name == "userId" and len(slot.path) > 1 for slot in self.slots)

    def filled(self, example: Mapping[str, Any], slot: Slot, value: object) -> dict[str, Any]:
        """Return the variables of an example with another value in one slot."""
        variables = deepcopy(dict(example))
        name = str(slot.path[0])
        whole = _put(variables.get(name), self.field.args[name].type, slot.path[1:], value)
        return {**variables, name: whole}


def _declared(arg: GraphQLArgument) -> str:
    default = arg.ast_node.default_value if arg.ast_node else None
    return f"{arg.type} = {print_ast(default)}" if default else str(arg.type)


def operations() -> list[Operation]:
    roots = ("query", SCHEMA.query_type), ("mutation", SCHEMA.mutation_type)
    return [
        Operation(kind, name)
        for kind, root in (*roots, ("subscription", SCHEMA.subscription_type))
        for name in (root.fields if root else ())
    ]


def _slots(type_: GraphQLInputType, path: Path, within: tuple[str, ...]) -> Iterator[Slot]:
    bare = get_nullable_type(type_)
    if is_list_type(bare):
        yield from _slots(bare.of_type, (*path, 0), within)
    elif isinstance(bare, GraphQLInputObjectType) and bare.name not in within:
        for name, field in bare.fields.items():
            yield from _slots(field.type, (*path, name), (*within, bare.name))
    elif isinstance(bare, GraphQLScalarType):
        yield Slot(path, bare.name)


def _put(before: Any, type_: GraphQLInputType, path: Path, value: object) -> Any:
    if not path:
        return value
    bare = get_nullable_type(type_)
    if is_list_type(bare):
        items = list(before or [None])
        return [_put(items[0], bare.of_type, path[1:], value), *items[1:]]
    assert isinstance(bare, GraphQLInputObjectType)
    name = str(path[0])
    whole = dict(_least(bare) if before is None else before)
    return whole | {name: _put(whole.get(name), bare.fields[name].type, path[1:], value)}


def _least(type_: GraphQLInputType) -> Any:
    """Return the least that an input of this type can be."""
    bare = get_nullable_type(type_)
    if isinstance(bare, GraphQLInputObjectType):
        return {n: _least(f.type) for n, f in bare.fields.items() if is_required_input_field(f)}
    if is_list_type(bare):
        return [_least(bare.of_type)]
    if isinstance(bare, GraphQLEnumType):
        return next(iter(bare.values))
    return {"Int": 1, "Float": 0.5, "Boolean": True, "JSON": {}}.get(str(bare), "least")


def _selected(type_: GraphQLOutputType, records: int) -> str:
    """Return a selection of everything, through at most so many records below each other."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    if is_abstract_type(named):
        possible = SCHEMA.get_possible_types(named)
        clashing = _clashing(possible)
        parts = (f"... on {each} {_all_of(each, records, clashing)}" for each in possible)
        return "{ " + " ".join(parts) + " }"
    assert isinstance(named, GraphQLObjectType)
    return _all_of(named, records, ())


def _all_of(type_: GraphQLObjectType, records: int, clashing: Collection[str]) -> str:
    left = records - 1 if type_.interfaces else records
    return "{ __typename " + " ".join(_fields(type_, left, clashing)) + " }"


def _fields(type_: GraphQLObjectType, records: int, clashing: Collection[str]) -> Iterator[str]:
    for name, field in type_.fields.items():
        below = get_named_type(field.type)
        is_record = is_abstract_type(below) or bool(getattr(below, "interfaces", ()))
        if is_record and not records:
            continue
        alias = f"{type_.name}_{name}: " if name in clashing else ""
        paged = f"(first: {PAGE})" if "first" in field.args else ""
        yield f"{alias}{name}{paged} {_selected(field.type, records)}"


def _clashing(types: Sequence[GraphQLObjectType]) -> set[str]:
    """Return the fields that cannot stand beside each other in one answer."""
    seen: dict[str, set[str]] = {}
    for each in types:
        for name, field in each.fields.items():
            leaf = is_leaf_type(get_named_type(field.type))
            seen.setdefault(name, set()).add(str(field.type) if leaf else f"{field.type} of {each}")
    return {name for name, kinds in seen.items() if len(kinds) > 1}
