"""A group that listens to something as it is: the answer to a recall, a job."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from mnemos.live.listener import Listener, Members
from mnemos.live.payload import Payload
from mnemos.live.questions import Executions, Question, Refused, without_data
from mnemos_graph.ending import end
from mnemos_graph.model import Head
from mnemos_schema.errors import formatted


class StateGroup:
    """One execution that tells how something is and how it changes, and its listeners.

    Whoever comes later is first told how it is now: an answer that was begun before they asked may
    be older than what they know. Those who ask in the same moment share it.
    """

    def __init__(self, question: Question, executions: Executions) -> None:
        self.over = False
        self._question = question
        self._executions = executions
        self._members = Members()
        self._begun = False
        self._told = 0
        self._newest: Payload | None = None
        self._last: bytes | None = None
        self._asking: asyncio.Task[Payload | None] | None = None
        self._telling = asyncio.create_task(self._tell(), name="tell a group")

    async def serve(self, listener: Listener, head: Head) -> None:
        """Tell a listener how it is, and keep it among the members from there on.

        Raises:
            Refused: the question cannot be executed.
        """
        if not self._begun:
            self._members.add(listener)
            return
        before = self._told
        now = await self._now()
        if now is not None:
            listener.take(now)
        if self.over or now is None:
            listener.complete(self._last)
            return
        if self._newest is not None and self._told != before:
            listener.take(self._newest)
        if not listener.gone:
            self._members.add(listener)

    def leave(self, listener: Listener) -> None:
        self._members.discard(listener)

    async def close(self) -> None:
        """End the execution, and with it everybody who still listens."""
        await end(self._telling)
        await self._end()

    async def _tell(self) -> None:
        self._begun = True
        try:
            async with aclosing(self._executions.answers(self._question)) as answers:
                async for payload in answers:
                    self._told += 1
                    self._newest = payload
                    await self._members.each(lambda each: each.take(payload))  # noqa: B023
        except Refused as refused:
            errors = refused.errors
            self.over = True
            await self._members.each(lambda each: each.refuse(errors))
        except Exception as error:  # noqa: BLE001 - whatever it is ends this group alone
            self._last = without_data([formatted(error)])
        await self._end()

    async def _end(self) -> None:
        self.over = True
        await self._members.each(self._complete)

    def _complete(self, listener: Listener) -> None:
        self._members.discard(listener)
        listener.complete(self._last)

    async def _now(self) -> Payload | None:
        """Return the answer of an execution that begins after this was called."""
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(), name="ask for all who come")
        return await asyncio.shield(self._asking)

    async def _ask(self) -> Payload | None:
        self._asking = None  # from here on it has begun
        return await self._executions.first(self._question)
