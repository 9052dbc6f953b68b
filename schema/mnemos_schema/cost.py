"""What an operation may ask for in all, reckoned from its document before anything is executed.

Every field costs 1, as often as the lists around it may have items. Fragments count wherever they
are spread, so that a small document cannot grow into a large question. Of what is asked of items
that may be of several kinds, the dearest kind counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)

from mnemos_graph.errors import Forbidden, TooMuch
from mnemos_schema.account import Account
from mnemos_schema.page_sizes import PageSizes

MOST_COST = 20_000
DEEPEST = 12
MOST_ALIASES = 50
MOST_REPEATS = 200
"""Fields that were selected before at the same place: comparing them takes its time."""
MOST_STEPS = 20_000
"""Through selections, so that reckoning is never much work itself."""
UNPAGED = 20
"""How many items a list without ``first`` counts."""
INTROSPECTION = 5_000
"""The cost of one way into the schema itself, whatever is asked of it there."""

_INTO_THE_SCHEMA = frozenset({"__schema", "__type"})
_Parent = GraphQLObjectType | GraphQLInterfaceType | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the answer some selections stand."""

    parent: _Parent
    account: Account
    kinds: dict[str, Account] | None = None
    """Where an item may be of several kinds, the accounts of what is asked of one alone."""
    times: int = 1
    """How many such places the answer may have."""
    page: int | None = None
    """The page size that the field around gave for the lists in it."""
    depth: int = 1
    taken: dict[str, Any] = field(default_factory=dict)
    """The names that were selected here already, each with those below it."""
    within: frozenset[str] = frozenset()
    """The fragments that led here. One within itself is left to the validation, which names it."""


class Bill:
    """Adds up what one operation asks for, and refuses it where that is too much."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        sizes: PageSizes,
        *,
        introspection: bool = True,
    ) -> None:
        self._account = Account()
        self._schema = schema
        self._fragments = fragments
        self._sizes = sizes
        self._introspection = introspection
        self._aliases = 0
        self._repeats = 0
        self._steps = 0

    def add(self, operation: OperationDefinitionNode) -> None:
        """Add all that ``operation`` selects.

        Raises:
            TooMuch: it is more than one operation may ask for.
            Forbidden: it asks for the schema, which this caller may not see.
        """
        root = self._schema.get_root_type(operation.operation)
        waiting = [(operation.selection_set, _Place(root, self._account))]
        while waiting:
            selections, place = waiting.pop()
            for each in selections.selections:
                self._step()
                if below := self._select(each, place):
                    waiting.append(below)
        if self.cost > MOST_COST:
            raise _too_dear()

    @property
    def cost(self) -> int:
        """What all that was added comes to."""
        return self._account.total()

    def _select(
        self, selection: SelectionNode, place: _Place
    ) -> tuple[SelectionSetNode, _Place] | None:
        if isinstance(selection, FieldNode):
            return self._field(selection, place)
        if isinstance(selection, FragmentSpreadNode):
            return self._spread(selection.name.value, place)
        if isinstance(selection, InlineFragmentNode):
            named = selection.type_condition
            inside = self._narrowed(place, named.name.value) if named else place
            return selection.selection_set, inside
        return None

    def _spread(self, name: str, place: _Place) -> tuple[SelectionSetNode, _Place] | None:
        fragment = self._fragments.get(name)
        if fragment is None or name in place.within:
            return None
        inside = self._narrowed(place, fragment.type_condition.name.value)
        return fragment.selection_set, replace(inside, within=place.within | {name})

    def _narrowed(self, place: _Place, name: str) -> _Place:
        """Return the place as what is asked of one type alone stands in it."""
        parent = self._type(name)
        if place.kinds is None or not isinstance(parent, GraphQLObjectType):
            return replace(place, parent=parent)
        account = place.kinds.setdefault(name, Account())
        return replace(place, parent=parent, account=account, kinds=None)

    def _field(self, node: FieldNode, place: _Place) -> tuple[SelectionSetNode, _Place] | None:
        name = node.name.value
        if place.depth > DEEPEST:
            raise TooMuch(f"The operation is deeper than {DEEPEST} fields at {name}. Ask in parts.")
        taken = self._take(node, place)
        if name in _INTO_THE_SCHEMA:
            self._enter_schema(place)
            return None
        self._pay(place, place.times)
        declared = place.parent.fields.get(name) if place.parent else None
        if node.selection_set is None:
            return None
        deeper = place.depth + 1
        below = replace(place, parent=None, page=None, kinds=None, depth=deeper, taken=taken)
        return node.selection_set, self._below(below, node, declared, place.page)

    def _below(
        self, below: _Place, node: FieldNode, declared: GraphQLField | None, page: int | None
    ) -> _Place:
        if declared is None:
            return below
        kind = get_named_type(declared.type)
        if is_abstract_type(kind):
            below = replace(below, kinds=below.account.choice())
        parent = kind if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) else None
        own = self._sizes.of(node, declared)
        if not _is_list(declared) or is_leaf_type(kind):
            return replace(below, parent=parent, page=own)
        return replace(below, parent=parent, times=below.times * (own or page or UNPAGED))

    def _take(self, node: FieldNode, place: _Place) -> dict[str, Any]:
        name = node.alias.value if node.alias else node.name.value
        self._aliases += node.alias is not None
        self._repeats += name in place.taken
        if self._aliases > MOST_ALIASES:
            raise TooMuch(f"The operation has more than {MOST_ALIASES} aliases. Ask in parts.")
        if self._repeats > MOST_REPEATS:
            raise TooMuch(
                f"The operation selects fields again more than {MOST_REPEATS} times. "
                "Select each once."
            )
        below: dict[str, Any] = place.taken.setdefault(name, {})
        return below

    def _enter_schema(self, place: _Place) -> None:
        if not self._introspection:
            raise Forbidden("The schema is not shown here. `mnemos schema` prints it.")
        self._pay(place, INTROSPECTION)

    def _pay(self, place: _Place, cost: int) -> None:
        place.account.own += cost
        if place.account.own > MOST_COST:
            raise _too_dear()

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooMuch("The operation's fragments are too many or too tangled. Ask in parts.")

    def _type(self, name: str) -> _Parent:
        found = self._schema.type_map.get(name)
        return found if isinstance(found, GraphQLObjectType | GraphQLInterfaceType) else None


def _too_dear() -> TooMuch:
    return TooMuch(
        f"The operation could answer with more than {MOST_COST} fields (fields times page sizes). "
        "Select less, or ask for smaller pages."
    )


def _is_list(declared: GraphQLField) -> bool:
    kind = declared.type
    return is_list_type(kind.of_type if isinstance(kind, GraphQLNonNull) else kind)
