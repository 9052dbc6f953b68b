"""Read, decide, commit: and decide anew where somebody else was first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from mnemos_graph.errors import Conflict, NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.model import Access, OrganizationId, Position
from mnemos_graph.store import ChangeSet, GraphStore, Operation

T = TypeVar("T")

DECIDED_ANEW = 3
"""So many times a decision is taken again on what is there by then."""


@dataclass(frozen=True, slots=True)
class Plan(Generic[T]):
    """What was decided: what to write, and what to answer once it is written.

    Nothing to write is answered with the position at which it was decided.
    """

    operations: tuple[Operation, ...]
    answer: Callable[[Position], T]


Decide = Callable[[Position], Awaitable[Plan[T]]]
"""Reads what is there and decides. It is given the log's end as it was before it began to read."""


class Attempts:
    """Carries decisions out, optimistically at first and, once the race was lost, one at a time."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._turns: WeakValueDictionary[OrganizationId, asyncio.Lock] = WeakValueDictionary()

    @property
    def store(self) -> GraphStore:
        return self._journal.store

    async def carry_out(
        self,
        access: Access,
        decide: Decide[T],
        began: Position | None = None,
        head: Position | None = None,
    ) -> T:
        """Commit what ``decide`` plans and return its answer.

        ``began`` is the log's end when the work behind it began, where that was before this call:
        what was forgotten since then is not written again. ``head`` is the log's end where the
        caller has just asked for it.

        A plan that lost a race is decided anew, up to three times; those who lost wait for each
        other, so that a crowd at one record is served and not refused. What ``decide`` itself
        raises, a ``Conflict`` too, is final. What it read and is gone at the commit is a lost race.

        Raises:
            Conflict: the race was lost four times.
            NotFound: what the plan refers to is still not there.
        """
        try:
            return await self._once(access, decide, began, head)
        except _Lost:
            turn = self._turns.setdefault(access.organization, asyncio.Lock())
        async with turn:
            for _ in range(DECIDED_ANEW - 1):
                try:
                    return await self._once(access, decide, began)
                except _Lost:
                    continue
            try:
                return await self._once(access, decide, began)
            except _Lost as lost:
                raise lost.error from lost

    async def _once(
        self,
        access: Access,
        decide: Decide[T],
        began: Position | None,
        head: Position | None = None,
    ) -> T:
        if head is None:
            (end,) = await self.store.heads([access])
            head = end.position
        plan = await decide(head)
        if not plan.operations:
            return plan.answer(head)
        since = head if began is None else began
        change_set = ChangeSet(plan.operations, began=since)
        try:
            committed = await self._journal.commit(access, change_set)
        except (Conflict, NotFound) as error:
            raise _Lost(error) from error
        return plan.answer(committed.last)


class _Lost(Exception):
    def __init__(self, error: Conflict | NotFound) -> None:
        self.error = error
