"""What was compiled, kept by document.

A position in a document is its AST nodes themselves: only another execution of the same parsed
document finds what was compiled for it, and what is kept holds the nodes, so that none of them can
become another. Which fields a position selects may hang on the variables of `@include` and `@skip`,
so their values are part of the key. Nothing of an answer, nor of who asks, is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor import Executor

from mnemos_schema.compiled.objects import Compiler, Head, Read
from mnemos_schema.compiled.source import NotCompiled
from mnemos_schema.familiar import Familiar

MOST_DOCUMENTS = 512
MOST_LINES = 100_000
"""In all that is kept: about 15 MB."""
MOST_LINES_OF_ONE = 5_000
"""In all functions of one document."""
MOST_CONDITIONS = 6
"""Variables of `@include` and `@skip`: each doubles what can be selected."""
AT_ONCE = 10
"""Items of a list for which compiling pays the first time already."""
_LINES_OF_A_POSITION = 10
"""What one counts, whatever was written for it."""

Key = tuple[object, ...]
M = TypeVar("M", Read, Head)


class Plan:
    """The functions of one document, made for its second execution or for a long list at once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._of = (schema, document)  # held: positions and types are known by their identity
        self._made: dict[Key, Any] = {}
        self._lines = 0
        self.conditions = tuple(sorted(_conditions(document)))
        self.uses = 0

    @property
    def is_possible(self) -> bool:
        return len(self.conditions) <= MOST_CONDITIONS

    @property
    def lines(self) -> int:
        """How many lines were written for it."""
        return self._lines

    def find(
        self, executor: Executor[Any], key: Key, write: Callable[[Compiler], M], *, items: int = 1
    ) -> M | None:
        """Return what was compiled for a position; None where the stock executor does it.

        ``items``: for how many values it is wanted now.
        """
        if key in self._made:
            made: M | None = self._made[key]
            return made
        if (self.uses < 2 and items < AT_ONCE) or self._lines >= MOST_LINES_OF_ONE:  # noqa: PLR2004
            return None
        compiler = Compiler(executor)
        try:
            made = write(compiler)
        except NotCompiled:
            made = None
        self._made[key] = made
        self._lines += compiler.size + _LINES_OF_A_POSITION
        return made


class Plans:
    """The plans of the documents that were executed last."""

    def __init__(self, most: int = MOST_DOCUMENTS, most_lines: int = MOST_LINES) -> None:
        self._kept: Familiar[tuple[int, int], Plan] = Familiar(
            most, most_lines, lambda plan: plan.lines
        )

    def of(self, schema: GraphQLSchema, document: DocumentNode) -> Plan:
        """Return the plan of a document, for one more execution."""
        key = (id(schema), id(document))
        plan = self._kept.get(key)
        if plan is None:
            plan = Plan(schema, document)
            self._kept.put(key, plan)
        plan.uses += 1
        return plan

    @property
    def lines(self) -> int:
        return self._kept.weight


def position(selected: FieldDetailsList) -> Iterator[int]:
    """Yield what tells a position from any other of the same document."""
    return (id(details.node) for details in selected)


def positions(fields: Iterable[tuple[str, FieldDetailsList]]) -> Iterator[object]:
    """Yield what tells some fields of an object from any others of the same document."""
    for name, selected in fields:
        yield name
        yield from position(selected)


def _conditions(document: DocumentNode) -> set[str]:
    """Return the variables that decide which fields are selected."""
    found = set[str]()
    waiting: list[Any] = list(document.definitions)
    while waiting:
        node = waiting.pop()
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode | SelectionNode):
            found.update(_variables(node))
            below = getattr(node, "selection_set", None)
            waiting += below.selections if below else ()
    return found


def _variables(node: Any) -> Iterator[str]:
    for directive in node.directives or ():
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                yield argument.value.name.value
