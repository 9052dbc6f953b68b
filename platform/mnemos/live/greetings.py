"""Pages without changes: the first one, which says where a listener starts.

Those of two listeners differ in their cursor alone: such a page is executed once for the group, and
every listener's own cursor put in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mnemos.live.backlog import Failed
from mnemos.live.payload import Payload
from mnemos.live.questions import Executions, Question
from mnemos_graph.model import Head, Position
from mnemos_schema.context import Cursors
from mnemos_schema.reading import Extent, Greeting
from mnemos_schema.scalars import Cursor


class Greetings:
    def __init__(self, question: Question, executions: Executions) -> None:
        self._question = question
        self._executions = executions
        self._around: dict[tuple[int, bool], asyncio.Task[Sequence[bytes]]] = {}

    async def at(self, position: Position, head: Head) -> Payload:
        """Return a page without changes that ends at ``position`` of a log with this head.

        Raises:
            Refused: the question cannot be executed.
            Failed: it was, and answered with nothing but errors.
        """
        greeting = Greeting(head.epoch, head.position, has_more=position < head.position)
        around = await self._template(greeting)
        cursor = self._cursor(head.epoch, position)
        body = _as_value(cursor).join(around)
        return Payload(body, Extent(position, None, None, position, cursor))

    async def _template(self, greeting: Greeting) -> Sequence[bytes]:
        key = greeting.epoch, greeting.has_more
        made = self._around.get(key)
        if made is None or (made.done() and (made.cancelled() or made.exception())):
            made = asyncio.create_task(self._executed(greeting), name="greet")
            self._around[key] = made
        return await asyncio.shield(made)

    async def _executed(self, greeting: Greeting) -> Sequence[bytes]:
        """Return what stands around the cursors of such a page.

        A string behind a colon is a value, and the only text among this page's values is its cursor.
        """
        payload = await self._executions.first(self._question, greeting)
        if payload is None or not payload.whole:
            raise Failed(payload.body if payload else b"")
        return payload.body.split(_as_value(self._cursor(greeting.epoch, greeting.at)))

    def _cursor(self, epoch: int, position: Position) -> Cursor:
        return Cursors(self._question.caller.access.organization, epoch).at(position)


def _as_value(cursor: Cursor) -> bytes:
    return f':"{cursor}"'.encode()
