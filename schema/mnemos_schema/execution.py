"""How operations are executed: as Strawberry does, but plain attributes by compiled functions."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, NamedTuple, cast

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from mnemos_schema.compiled.objects import Read
from mnemos_schema.compiled.plans import Plan, Plans, position, positions

PLANS = Plans()
"""Of this process: they hold nothing but code for documents."""


class Begun(NamedTuple):
    """What reads the first fields of an object, and those that are left."""

    read: Read
    rest: GroupedFieldSet


class Execution(StrawberryGraphQLCoreExecutionContext):
    """The stock executor, which first looks whether a compiled function can do what it is asked.

    A function that raises has done nothing: it has read attributes. The stock executor then
    completes the value as if nobody had tried, so a failing answer is its answer.
    """

    _plan: Plan | None = None
    """None: everything is left to the stock executor."""
    _given: tuple[object, ...] = ()
    """The values of the variables that decide which fields are selected."""
    _objects: dict[int, tuple[object, Begun | None]]
    """What was found for the sets of fields of this execution, by their identity."""
    _fields: dict[int, tuple[object, Read | None]]
    """What was found for single fields."""

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        *given: Any,
        **named: Any,
    ) -> list[GraphQLError] | Execution:
        named["hide_suggestions"] = not getattr(context_value, "introspection", True)
        executor = super().build(schema, document, root_value, context_value, *given, **named)
        if not isinstance(executor, Execution):
            return cast("list[GraphQLError]", executor)
        executor._prepare(document)  # noqa: SLF001 - it is this class's own
        return executor

    def build_per_event_executor(self, payload: Any) -> Execution:
        """Return what executes one event of a stream, and forgets it afterwards.

        What fields an event selected is remembered by the identity of lists that every event makes
        anew: shared by all events, as the base class has it, it would only ever grow.
        """
        executor = cast("Execution", super().build_per_event_executor(payload))
        executor._relevant_sub_fields = {}  # noqa: SLF001 - there is no public way to it
        executor._objects, executor._fields = {}, {}  # noqa: SLF001
        if executor._plan is not None:  # noqa: SLF001
            executor._plan.uses += 1  # noqa: SLF001
        return executor

    def _prepare(self, document: DocumentNode) -> None:
        """Look up what is compiled, unless somebody wants to see every field being resolved."""
        self._objects, self._fields = {}, {}
        seen = self.middleware_manager is not None and self.middleware_manager.middlewares
        if seen or self.abort_signal is not None:
            return
        plan = PLANS.of(self.schema, document)
        if plan.is_possible:
            self._plan = plan
            values = self.variable_values.coerced
            self._given = tuple(values.get(name) for name in plan.conditions)

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> Any:
        """Do the first fields that are attributes at once, which may be all."""
        rest, head = grouped_field_set, None
        found = None if path is None else self._of_object(parent_type, grouped_field_set)
        if found is not None:
            try:
                head = found.read(source_value)
            except Exception:  # noqa: BLE001, S110 - whatever it is, it is found again below
                pass
            else:
                if not found.rest:
                    return head
                rest = found.rest
        below = super().execute_fields(parent_type, source_value, path, rest, position_context)
        if head is None:
            return below
        return _joined(head, below) if self.is_awaitable(below) else head | below

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Do one field of an object that has others, which are more than attributes."""
        if path.prev is not None:
            read = self._of_field(parent_type, field_details_list)
            if read is not None:
                try:
                    return read(source)
                except Exception:  # noqa: BLE001, S110 - whatever it is, it is found again below
                    pass
        return super().execute_field(
            parent_type, source, field_details_list, path, position_context
        )

    def complete_list_value(  # noqa: PLR0917 - the signature is the base class's
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Do a list that a resolver returned."""
        if type(result) is list or type(result) is tuple:
            read = self._of_list(return_type, field_details_list, len(result))
            if read is not None:
                try:
                    return read(result)
                except Exception:  # noqa: BLE001, S110 - whatever it is, it is found again below
                    pass
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def _of_object(self, parent: GraphQLObjectType, fields: GroupedFieldSet) -> Begun | None:
        if self._plan is None:
            return None
        if held := self._objects.get(id(fields)):
            return held[1]
        given = list(fields.items())
        key = (id(parent), *self._given, *positions(given))
        head = self._plan.find(self, key, lambda compiler: compiler.head(parent, given))
        begun = Begun(head.read, dict(given[head.fields :])) if head else None
        self._objects[id(fields)] = fields, begun
        return begun

    def _of_field(self, parent: GraphQLObjectType, selected: FieldDetailsList) -> Read | None:
        if self._plan is None:
            return None
        if held := self._fields.get(id(selected)):
            return held[1]
        key = (id(parent), "field", *self._given, *position(selected))
        read = self._plan.find(self, key, lambda compiler: compiler.field(parent, selected))
        self._fields[id(selected)] = selected, read
        return read

    def _of_list(
        self, kind: GraphQLList[Any], selected: FieldDetailsList, items: int
    ) -> Read | None:
        if self._plan is None:
            return None
        key = (id(kind), *self._given, *position(selected))
        return self._plan.find(
            self, key, lambda compiler: compiler.list(kind, selected), items=items
        )


async def _joined(head: dict[str, Any], below: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    return head | await below
