"""Taking in what agents tell: keep it, and decide what of it is worth knowing."""

from __future__ import annotations

from mnemos_graph.feed import Journal
from mnemos_graph.memory import answers
from mnemos_graph.memory.attempts import Attempts
from mnemos_graph.memory.intake import Intake
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.memory.receipts import Keyed, Receipts
from mnemos_graph.memory.telling import Remembered, Telling, checked
from mnemos_graph.memory.verbatim import decisions_of
from mnemos_graph.model import Access, Position


class Rememberer:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._store = journal.store
        self._receipts = Receipts(journal.store, clock)
        self._intake = Intake(journal, Attempts(journal), self._receipts, clock)

    async def remember(
        self,
        access: Access,
        telling: Telling,
        key: str | None = None,
        *,
        operation: str = "remember",
        began: Position | None = None,
    ) -> Remembered:
        """Keep every message as an episode, and decide what is known by it.

        The same key again returns the first answer. Without a key, a telling of more than 499
        messages that fails half-way leaves what was kept until then.

        ``began`` is the log's end when the work behind this call began, where that was earlier:
        a partition that was forgotten since then is not written to. ``operation`` is what the key
        is a key of.

        Raises:
            BadInput: not exactly one of text and messages, or a part that cannot be kept.
            TooMuch: more messages, or more of a part, than is allowed.
            Conflict: the key came with another input, or the partition was forgotten meanwhile.
        """
        request = Keyed.of(operation, key, checked(telling))
        if began is None:
            (head,) = await self._store.heads([access])
            began = head.position
        taken = await self._intake.take(access, telling, request, began)
        if taken.receipt and taken.receipt.answer:
            return await answers.again(self._store, access, taken.receipt)
        return Remembered(
            episodes=taken.episodes,
            decisions=decisions_of(taken.memories),
            position=taken.position,
        )
