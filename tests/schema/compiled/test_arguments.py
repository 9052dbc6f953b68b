"""Arguments come to resolvers as Strawberry would have converted them."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from mnemos_schema.compiled.arguments import Converters, NotConverted
from mnemos_schema.schema import schema

FIELDS = [
    (kind.name, name, field.extensions["strawberry-definition"], field.args)
    for kind in schema._schema.type_map.values()
    if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
    for name, field in kind.fields.items()
    if field.args
]


@strawberry.input
class Wish:
    size: int | None
    colour: str = "red"


def coerced(kind: Any, random: Random) -> Any:
    """Return a value as graphql-core gives it to a resolver: inputs are dicts."""
    if isinstance(kind, GraphQLNonNull):
        return _given(kind.of_type, random)
    return None if random.random() < 0.2 else _given(kind, random)


def _given(kind: Any, random: Random) -> Any:
    if isinstance(kind, GraphQLList):
        return [coerced(kind.of_type, random) for _ in range(random.randint(0, 3))]
    if isinstance(kind, GraphQLInputObjectType):
        return {
            name: coerced(field.type, random)
            for name, field in kind.fields.items()
            if isinstance(field.type, GraphQLNonNull) or random.random() < 0.5
        }
    if isinstance(kind, GraphQLEnumType):
        return random.choice(list(kind.values.values())).value
    return random.choice(("text", 3, 0.5, True, {"any": "thing"}))


@settings(max_examples=20)
@given(random=st.randoms(use_true_random=True))
def test_every_argument_of_the_schema_is_converted_as_strawberry_does(random: Random) -> None:
    registry = schema.schema_converter.scalar_registry
    converters = Converters(schema.schema_converter)
    for _, _, declared, args in FIELDS:
        values = {
            name: coerced(argument.type, random)
            for name, argument in args.items()
            if random.random() < 0.7
        }
        stock = convert_arguments(values, declared.arguments, registry, schema.config)
        assert converters.of(declared.arguments)(values) == stock


def test_resolvers_with_arguments_are_called_directly() -> None:
    queries = schema._schema.query_type
    assert queries
    assert {field.resolve.__module__ for field in queries.fields.values()} == {
        "mnemos_schema.compiled.resolvers"
    }


def field_of(query: type) -> StrawberryField:
    converted = strawberry.Schema(query)._schema.query_type
    assert converted
    declared: StrawberryField = converted.fields["asked"].extensions["strawberry-definition"]
    return declared


def test_what_an_input_does_not_give_and_has_no_default_is_null() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def asked(self, wish: Wish) -> int:
            return 1

    convert = Converters(schema.schema_converter).of(field_of(Query).arguments)
    assert convert({"wish": {}}) == {"wish": Wish(size=None, colour="red")}


def test_what_is_not_known_is_left_to_strawberry() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def asked(self, maybe: strawberry.Maybe[int]) -> int:
            return 1

    with pytest.raises(NotConverted):
        Converters(schema.schema_converter).of(field_of(Query).arguments)
