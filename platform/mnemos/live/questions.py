"""What listeners ask, and the executions that answer it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import msgspec
from strawberry.schema import BaseSchema
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from mnemos.live.payload import Payload
from mnemos_graph.identity import Caller
from mnemos_schema.context import Context
from mnemos_schema.reading import Greeting, Stretch
from mnemos_schema.sharing import Shared


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that an answer depends on: those with the same are one group."""

    caller: Caller
    """With its Access and role, so that nobody shares with anybody who may see something else."""
    introspection: bool
    query: str
    operation_name: str | None
    variables: bytes
    """As JSON with sorted names, without where a listener stands."""
    shared: Shared

    @classmethod
    def of(
        cls,
        caller: Caller,
        shared: Shared,
        query: str,
        operation_name: str | None,
        variables: Mapping[str, Any],
        *,
        introspection: bool = True,
    ) -> Question:
        common = msgspec.json.encode(shared.common(variables), order="sorted")
        return cls(caller, introspection, query, operation_name, common, shared)


class Refused(Exception):
    """A question that cannot be executed, with the GraphQL errors that say why."""

    def __init__(self, errors: list[Any]) -> None:
        super().__init__(errors)
        self.errors = errors


Contexts = Callable[[Question, Greeting | Stretch | None], Context]
"""Makes the context of one execution."""


class Executions:
    def __init__(self, schema: BaseSchema, contexts: Contexts) -> None:
        self._schema = schema
        self._contexts = contexts

    async def answers(
        self, question: Question, reading: Greeting | Stretch | None = None
    ) -> AsyncGenerator[Payload, None]:
        """Execute a question and yield what it answers, encoded.

        Raises:
            Refused: it cannot be executed at all.
        """
        context = self._contexts(question, reading)
        results = await self._schema.stream(
            question.query,
            variable_values=msgspec.json.decode(question.variables),
            context_value=context,
            operation_name=question.operation_name,
        )
        async with aclosing(results):
            async for result in results:
                if isinstance(result, PreExecutionError):
                    raise Refused([each.formatted for each in result.errors or ()])
                if not isinstance(result, ExecutionResult):  # @defer is not served
                    raise TypeError(f"a subscription answered with {type(result).__name__}")
                extent = context.extent if result.data is not None else None
                yield Payload(encoded(result), extent, whole=not result.errors)

    async def first(
        self, question: Question, reading: Greeting | Stretch | None = None
    ) -> Payload | None:
        """Return the first answer alone; None: there is none.

        Raises:
            Refused: it cannot be executed at all.
        """
        async with aclosing(self.answers(question, reading)) as answers:
            return await anext(answers, None)


def without_data(errors: Sequence[Any]) -> bytes:
    """Return the last result of what cannot go on, as JSON: formatted errors alone."""
    return msgspec.json.encode({"data": None, "errors": errors})


def encoded(result: ExecutionResult) -> bytes:
    """Return a result as JSON, as the protocols have it."""
    told: dict[str, Any] = {"data": result.data}
    if result.errors:
        told["errors"] = [each.formatted for each in result.errors]
    if result.extensions:
        told["extensions"] = result.extensions
    return msgspec.json.encode(told)
