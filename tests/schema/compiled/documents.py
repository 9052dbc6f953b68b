"""Documents over the root of ``world``: every way to select, alias, share and leave out fields."""

from __future__ import annotations

from random import Random

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

from tests.schema.compiled.world import SCHEMA

DEEPEST = 5
CONDITIONS = ("yes", "no", "perhaps")
HEAD = "query ($yes: Boolean!, $no: Boolean = false, $perhaps: Boolean!, $n: Int!)"


class Documents:
    """Writes documents; ``roots`` are the fields of the root that the last one begins with."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._fragments: list[str] = []
        self._on: dict[str, list[str]] = {}
        """The names of the fragments on each type."""
        self.roots: set[str] = set()

    def write(self) -> str:
        self._fragments, self._on = [], {}
        root = SCHEMA.query_type
        assert root
        odd = [name for name in root.fields if name.endswith("Odd")]
        picked = {self._random.choice([*odd, *root.fields]) for _ in range(3)}
        self.roots = picked
        fields = [self._field(name, root.fields[name], 1) for name in sorted(picked)]
        return " ".join((HEAD, "{", *fields, "}", *self._fragments))

    def _selection(self, kind: object, depth: int) -> str:
        if isinstance(kind, GraphQLObjectType):
            return "{ " + " ".join(self._parts(kind, depth)) + " }"
        assert isinstance(kind, GraphQLUnionType | GraphQLInterfaceType)
        picked = [
            f"... on {each.name} {self._selection(each, depth + 1)}"
            for each in SCHEMA.get_possible_types(kind)
            if self._random.random() < 0.6
        ]
        return " ".join(("{ __typename", *picked, "}"))

    def _parts(self, kind: GraphQLObjectType, depth: int) -> list[str]:
        parts = ["__typename"] if self._random.random() < 0.3 else []
        names = list(kind.fields)
        for name in self._random.sample(names, self._random.randint(1, min(5, len(names)))):
            parts.append(self._field(name, kind.fields[name], depth))
            if self._random.random() < 0.1:
                parts.append(self._field(name, kind.fields[name], depth))
        if self._random.random() < 0.2:
            parts.insert(self._random.randint(0, len(parts)), self._fragment(kind, depth))
        return [part for part in parts if part] or ["__typename"]

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        named = get_named_type(field.type)
        is_leaf = is_leaf_type(named)
        if not is_leaf and depth > DEEPEST:
            return ""
        alias = self._random.choice(("", "", "", "first: ", "_: ", "__a9: "))
        below = "" if is_leaf else " " + self._selection(named, depth + 1)
        return f"{alias}{name}{self._arguments(field)}{self._directive()}{below}"

    def _arguments(self, field: GraphQLField) -> str:
        given = []
        for name, argument in field.args.items():
            kind = argument.type
            if isinstance(kind, GraphQLNonNull) and get_named_type(kind).name == "Int":
                given.append(f"{name}: {self._random.choice(('2', '$n', '0'))}")
        return f"({', '.join(given)})" if given else ""

    def _fragment(self, kind: GraphQLObjectType, depth: int) -> str:
        if (known := self._on.get(kind.name)) and self._random.random() < 0.7:
            return f"...{self._random.choice(known)}{self._directive()}"
        below = "{ " + " ".join(self._parts(kind, depth)) + " }"
        way = self._random.randrange(3)
        if way == 0:
            return f"...{self._directive()} {below}"
        if way == 1:
            return f"... on {kind.name}{self._directive()} {below}"
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {kind.name} {below}")
        self._on.setdefault(kind.name, []).append(name)
        return f"...{name}{self._directive()} ...{name}"

    def _directive(self) -> str:
        if self._random.random() < 0.85:
            return ""
        which = self._random.choice(("include", "skip"))
        condition = self._random.choice(("true", "false", *(f"${each}" for each in CONDITIONS)))
        return f" @{which}(if: {condition})"
