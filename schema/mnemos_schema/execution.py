"""How operations are executed: as Strawberry does, but for streams that go on for days."""

from __future__ import annotations

from typing import Any, cast

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class Execution(StrawberryGraphQLCoreExecutionContext):
    def build_per_event_executor(self, payload: Any) -> Execution:
        """Return what executes one event of a stream, and forgets it afterwards.

        What fields an event selected is remembered by the identity of lists that every event makes
        anew: shared by all events, as the base class has it, it would only ever grow.
        """
        executor = cast("Execution", super().build_per_event_executor(payload))
        executor._relevant_sub_fields = {}  # noqa: SLF001 - there is no public way to it
        return executor
