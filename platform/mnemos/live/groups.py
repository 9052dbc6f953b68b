"""Every group of this process, and the way into it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from strawberry.schema import BaseSchema

from mnemos.live.listener import Listener
from mnemos.live.log_group import LogGroup
from mnemos.live.questions import Contexts, Executions, Question
from mnemos.live.state_group import StateGroup
from mnemos_graph.errors import BadInput
from mnemos_graph.feed import cursor
from mnemos_graph.memory.services import Services
from mnemos_graph.model import Head, OrganizationId, Position
from mnemos_schema.sharing import Sharing

KEPT_BYTES = 16_777_216
"""Of encoded pages that all groups together keep for those who come back."""
LEAST_BYTES = 65_536
"""That each of them may keep, however many they are."""
LINGER_SECONDS = 2.0
"""How long a group goes on with nobody in it: whoever lost a connection is back by then."""

Group = LogGroup | StateGroup


@dataclass(slots=True)
class _Used:
    """A group, and how many are in it or on their way."""

    key: tuple[Question, int]
    group: Group
    users: int = 0


class Groups:
    """Belongs to the event loop that uses it. Groups end with the feed that they follow."""

    def __init__(self, schema: BaseSchema, services: Services, contexts: Contexts) -> None:
        self._services = services
        self._executions = Executions(schema, contexts)
        self._groups: dict[tuple[Question, int], _Used] = {}
        self._of: dict[Listener, _Used] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._groups)

    async def listen(self, listener: Listener, question: Question, place: str | None) -> None:
        """Tell a listener what it asks for, from its place in the log on, until it leaves.

        It returns when the listener is told with all others of its group, or never will be again.

        Raises:
            Refused: the question cannot be executed.
            BadInput: the place is no cursor of this organization's log.
            CursorExpired: the log no longer has what comes after it.
            Unavailable: this process cannot read the log up to there now.
        """
        head = Head(0, listener.position)
        if question.shared.sharing is Sharing.LOG:
            head, listener.position = await self._standing(question, place)
        if not listener.gone:
            await self._entered(listener, (question, head.epoch)).serve(listener, head)

    def leave(self, listener: Listener) -> None:
        """Tell a listener nothing more."""
        used = self._of.pop(listener, None)
        if used is None:
            return
        used.group.leave(listener)
        used.users -= 1
        if not used.users:
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._desert, used)

    async def reach(self, organization: OrganizationId, place: str) -> tuple[Head, Position]:
        """Return where the log ends and the position of a place in it, once this process is there.

        Raises:
            BadInput: the place is no cursor of this organization's log.
            CursorExpired: the log no longer has what comes after it.
            Unavailable: this process cannot read the log up to there now.
        """
        feed, told = self._services.feed, cursor.told(organization, place)
        if (known := feed.known(organization)) and told <= known.position:
            with suppress(BadInput):  # it may be of an epoch that this process has not heard of
                return known, cursor.decode(organization, known, place)
        await self._services.wait_for(organization, told)
        head = await feed.head(organization)
        return head, cursor.decode(organization, head, place)

    async def _standing(self, question: Question, place: str | None) -> tuple[Head, Position]:
        """Return where the log ends, and where in it a listener stands; without a place at its end."""
        organization = question.caller.access.organization
        if place is not None:
            return await self.reach(organization, place)
        head = await self._services.feed.head(organization)
        return head, head.position

    def _entered(self, listener: Listener, key: tuple[Question, int]) -> Group:
        used = self._groups.get(key)
        if used is None or used.group.over:
            used = self._groups[key] = _Used(key, self._made(key[0]))
        used.users += 1
        self._of[listener] = used
        return used.group

    def _made(self, question: Question) -> Group:
        if question.shared.sharing is Sharing.STATE:
            return StateGroup(question, self._executions)
        return LogGroup(question, self._executions, self._services.feed, self._most_bytes)

    def _most_bytes(self) -> int:
        return max(LEAST_BYTES, KEPT_BYTES // max(1, len(self._groups)))

    def _desert(self, used: _Used) -> None:
        if used.users:
            return
        if self._groups.get(used.key) is used:
            del self._groups[used.key]
        closing = asyncio.create_task(used.group.close(), name="end a group")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
