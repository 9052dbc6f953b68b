"""Every type that clients can be given, on a root of its own, with values of any kind in it.

A ``World`` makes objects whose attributes are now and then what their types do not allow. What is
behind the resolvers of the real types is not there, so most of those fail, as they may.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Annotated, Any, Optional

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    Undefined,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition

from mnemos_schema.interfaces import Node
from mnemos_schema.nodes import AnyNode
from mnemos_schema.scalars import SCALARS
from mnemos_schema.schema import schema as served
from mnemos_schema.scope import Scope

OPERATIONS = {"Query", "Mutation", "Subscription"}
NESTED_AT_MOST = 4


class Shown:
    """What looks the same whichever of its kind it is."""

    def __repr__(self) -> str:
        return type(self).__name__


class Later(Shown):
    """What has to be awaited, any number of times."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, None, object]:
        yield from asyncio.sleep(0).__await__()
        return self._value


class Stream(Shown):
    """What has to be gone through asynchronously."""

    async def __aiter__(self) -> AsyncIterator[object]:
        for each in ("a", "b"):
            yield each


class Bag(Shown):
    """What can be gone through, and is no list."""

    def __init__(self, *values: object) -> None:
        self._values = values

    def __iter__(self) -> Any:
        return iter(self._values)


class Text(str):
    """A text of a class of its own."""

    __slots__ = ()


SHARED = Scope(organization_id=strawberry.ID("acme"), user_id=None, agent_id=None, session_id=None)
AnyOfThem = Annotated[AnyNode, strawberry.union("AnyOfThem")]


@strawberry.type
class Odd:
    """What the real types do not have: nested lists, abstract attributes, resolvers of all kinds."""

    number: int
    ratio: float | None
    grid: list[list[int | None]]
    scopes: list[list[Scope] | None]
    below: Optional[Odd]  # noqa: UP045 - a string has no `|`
    beside: list[Odd]
    node: Node | None
    nodes: list[Node]
    whichever: AnyOfThem | None
    all: list[AnyOfThem]
    both: bool

    @strawberry.field
    def doubled(self) -> int:
        return self.number * 2

    @strawberry.field
    async def later(self, times: int = 2) -> list[Scope]:
        await asyncio.sleep(0)
        return [SHARED] * times

    @strawberry.field
    def fails(self) -> str:
        raise ValueError("it always does")

    @strawberry.field
    async def fails_later(self) -> str | None:
        await asyncio.sleep(0)
        raise ValueError("it does in the end")

    @strawberry.field
    def changed(self) -> int:
        """Return something, and have an attribute be missing from now on."""
        vars(self).pop("both", None)
        return 1


def _declared(kind: Any) -> StrawberryObjectDefinition | None:
    found = kind.extensions.get("strawberry-definition")
    return found if isinstance(found, StrawberryObjectDefinition) else None


def _real() -> list[type]:
    kinds = [
        each
        for name, each in served._schema.type_map.items()
        if isinstance(each, GraphQLObjectType) and name not in OPERATIONS
    ]
    return [declared.origin for each in kinds if (declared := _declared(each))]


def _root() -> type:
    """Return a type with each of the others: as it is, where it may be missing, and in lists."""
    annotations: dict[str, Any] = {}
    for each in (Odd, *_real()):
        name = each.__name__.lower()
        annotations |= {
            f"a_{name}": each,
            f"maybe_{name}": each | None,
            f"some_{name}": list[each],  # type: ignore[valid-type]
            f"perhaps_{name}": list[each | None] | None,  # type: ignore[valid-type]
        }
    return strawberry.type(type("Root", (), {"__annotations__": annotations}))


SCHEMA = strawberry.Schema(_root(), config=StrawberryConfig(scalar_map=SCALARS))._schema


class World:
    """Makes values. ``share``: of them all, those that are not as their type wants them."""

    def __init__(self, random: Random, share: float) -> None:
        self._random = random
        self._share = share

    def root(self, names: set[str]) -> SimpleNamespace:
        """Return a root with these fields."""
        assert SCHEMA.query_type
        made: SimpleNamespace = self._object(SCHEMA.query_type, 0, only=names)
        return made

    def value(self, kind: Any, depth: int) -> Any:
        if self._random.random() < self._share:
            return self._odd_one(kind, depth)
        if isinstance(kind, GraphQLNonNull):
            return self._given(kind.of_type, depth)
        return None if self._random.random() < 0.2 else self._given(kind, depth)

    def _given(self, kind: Any, depth: int) -> Any:
        if isinstance(kind, GraphQLList):
            most = 3 if depth < NESTED_AT_MOST else 0
            items = [self.value(kind.of_type, depth) for _ in range(self._random.randint(0, most))]
            return self._random.choice((list, list, tuple))(items)
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            return self._object(self._random.choice(SCHEMA.get_possible_types(kind)), depth + 1)
        if isinstance(kind, GraphQLObjectType):
            return self._object(kind, depth + 1)
        return self._leaf(kind)

    def _leaf(self, kind: GraphQLScalarType | GraphQLEnumType) -> Any:
        if isinstance(kind, GraphQLEnumType):
            return self._random.choice(list(kind.wrapped_cls))  # type: ignore[attr-defined]
        return self._random.choice(_LEAVES[kind.name])

    def _object(self, kind: GraphQLObjectType, depth: int, only: set[str] | None = None) -> Any:
        declared = _declared(kind)
        assert declared
        made: Any = SimpleNamespace() if only else object.__new__(declared.origin)
        made.record = made.seen = None
        made.count = _seven
        for name, field in kind.fields.items():
            if (attribute := plain(field)) and (only is None or name in only):
                self._set(made, attribute, field, depth)
        return made

    def _set(self, made: Any, attribute: str, field: GraphQLField, depth: int) -> None:
        if self._random.random() >= self._share / 3:
            is_too_deep = depth >= NESTED_AT_MOST and not isinstance(field.type, GraphQLNonNull)
            setattr(made, attribute, None if is_too_deep else self.value(field.type, depth))

    def _odd_one(self, kind: Any, depth: int) -> Any:
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        chosen = self._random.choice(_ODD)
        if chosen is not None or self._random.random() < 0.5:
            return chosen
        right = self._given(inner, depth)
        return self._random.choice((Later(right), Bag(right), self._cast(right), Text("no")))

    def _cast(self, value: Any) -> Any:
        if hasattr(value, "__strawberry_definition__"):
            return strawberry.cast(self._random.choice((Scope, type(value))), value)
        return value


async def _seven() -> int:
    await asyncio.sleep(0)
    return 7


def plain(field: GraphQLField) -> str | None:
    """Return the attribute that a field is; None where a resolver answers it."""
    declared = field.extensions["strawberry-definition"]
    return declared.python_name if declared.is_basic_field else None


_NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
_LEAVES: Mapping[str, tuple[Any, ...]] = {
    "String": ("", "text", "a\u2028b", 'quote "this"', "\N{SNOWMAN}"),
    "ID": ("0", "0197c9a0-0000-7000-8000-000000000000"),
    "Int": (0, 1, -5, 2**31 - 1, -(2**31)),
    "Float": (0.0, -0.0, 0.5, 1e300, 3),
    "Boolean": (True, False),
    "DateTime": (
        _NOON,
        _NOON.replace(microsecond=7),
        _NOON.astimezone(timezone(timedelta(hours=3))),
    ),
    "Cursor": ("AQ", ""),
    "JSON": ({}, {"a": [1, None]}, [1, 2], "text", 0, False),
}
_ODD: tuple[Any, ...] = (
    *(None,) * 12,
    Undefined,
    2**31,
    1.5,
    2.0,
    float("nan"),
    float("inf"),
    True,
    Decimal("1.5"),
    Text("text"),
    b"bytes",
    "SEMANTIC",
    [1, "two", None],
    {"id": "one"},
    {"a", "b"},
    object,
    ValueError("given, not raised"),
    Later(None),
    Later(3),
    Stream(),
    Bag("a", 1),
    datetime(2026, 5, 4, 12),  # noqa: DTZ001 - that is what is odd about it
    SHARED,
)
