"""What those who used a memory say of it: it weighs more or less from then on.

Every word moves importance by a tenth of what is left to 1, or to 0. So it never leaves that range,
the first words count most, and no single one decides.
"""

from __future__ import annotations

from dataclasses import replace

from mnemos_graph.feed import Journal
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.kinds.types import counted
from mnemos_graph.memory.outcomes import Clock, Written
from mnemos_graph.memory.reading import live
from mnemos_graph.memory.receipts import Keyed, Receipts, named
from mnemos_graph.model import Access, Memory, Position, RecordId
from mnemos_graph.store import Put

STEP = 0.1
"""The share of what is left."""
_DIGITS = 6


def moved(importance: float, *, useful: bool) -> float:
    """Return an importance from 0 to 1 as one word of feedback leaves it: from 0 to 1 again."""
    goal = 1.0 if useful else 0.0
    return round(importance + STEP * (goal - importance), _DIGITS)


class Feedback:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._attempts = Attempts(journal)
        self._receipts = Receipts(journal.store, clock)
        self._clock = clock

    async def give(
        self, access: Access, id: RecordId, *, useful: bool, key: str | None = None
    ) -> Written[Memory]:
        """Have a memory weigh more where it was useful, and less where it was not.

        Of many who speak at once, each counts. The same key again returns the first answer.

        Raises:
            BadInput: the key is empty or cannot be printed.
            NotFound: there is no such memory.
            Conflict: the key came with another input before.
        """
        request = Keyed.of("feedback", key, {"memoryId": id, "useful": useful})

        async def decide(_: Position) -> Plan[Written[Memory]]:
            before = await self._receipts.look(access, request)
            if answer := await self._receipts.first_answer(access, Memory, before):
                (first,), position = answer
                return Plan((), lambda _: Written(first, position))
            memory = await live(self._attempts.store, access, Memory, id)
            after = replace(
                memory,
                importance=moved(memory.importance, useful=useful),
                metadata=counted(memory, useful=useful),
                version=memory.version + 1,
                updated_at=self._clock(),
            )
            receipt = self._receipts.put(request, memory.scope, before, answer=named(after))
            put = Put(after, _reason(memory, after, useful=useful))
            return Plan((put, *receipt), lambda at: Written(after, at))

        return await self._attempts.carry_out(access, decide)


def _reason(before: Memory, after: Memory, *, useful: bool) -> str:
    said = "found useful" if useful else "found of no use"
    return f"{said}: importance {before.importance:g} to {after.importance:g}"
