"""Taking in what agents tell: keep it, and decide what of it is worth knowing."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import msgspec

from mnemos_graph.errors import TryLater
from mnemos_graph.feed import Journal
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.language.extractor import Extraction, Extractor, Turn
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob, Unit
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.kinds.types import Types
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.memory.receipts import Keyed, Receipts
from mnemos_graph.memory.remember import answers
from mnemos_graph.memory.remember.ahead import Ahead, reading_ahead
from mnemos_graph.memory.remember.deciding import Begun, Deciding
from mnemos_graph.memory.remember.imagined import Imagined, ImaginedJournal
from mnemos_graph.memory.remember.intake import Intake, Taken
from mnemos_graph.memory.remember.telling import Remembered, Telling, as_kept, checked
from mnemos_graph.memory.remember.verbatim import decisions_of
from mnemos_graph.model import Access, Episode, Position, RecordId, Scope, receipt_id
from mnemos_graph.ready import Ready
from mnemos_graph.store import GraphStore

REMEMBER = "remember"
PENDING = "remember_pending"
"""The kind of job that decides what was put off."""


class Rememberer:
    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        clock: Clock,
        *,
        extractor: Extractor | None,
        embedder: Embedder | None = None,
        types: Types | None = None,
        patience: float | None = None,
        ahead: int = 0,
    ) -> None:
        """Put the parts together.

        Without an extractor, everything to be inferred from is put off; so it is where the
        extractor takes more than ``patience`` seconds while somebody waits for the answer. Of what
        a job is given, ``ahead`` tellings are read at the same time. Without an embedder, near duplicates are those with the same words in another order.
        """
        self._patience = patience
        self._ahead = ahead
        self._jobs = jobs
        self._clock = clock
        self._types = types or Types()
        self._extractor = extractor
        self._embedder = embedder
        self._attempts = Attempts(journal)
        self._receipts = Receipts(journal.store, clock)
        self._intake = Intake(journal, self._attempts, self._receipts, clock, self._types)
        self._deciding = Deciding(
            self._attempts, self._receipts, clock, extractor=extractor, embedder=embedder
        )

    @property
    def _store(self) -> GraphStore:
        return self._attempts.store

    async def remember(
        self, access: Access, telling: Telling, key: str | None = None
    ) -> Remembered:
        """Keep every message as an episode, and decide what is known by it.

        The same key again returns the first answer. Without a key, a telling of hundreds of
        messages that fails half-way leaves what was kept until then. While the extractor is away
        the answer has the episodes, and the job that will decide.

        Raises:
            BadInput: not exactly one of text and messages, or a part that cannot be kept.
            TooMuch: more messages, or more of a part, than is allowed.
            Conflict: the key came with another input, or the partition was forgotten meanwhile.
        """
        request = Keyed.of(REMEMBER, key, checked(telling))
        (head,) = await self._store.heads([access])
        taken = await self._taken(access, telling, request, head.position, head.position)
        if isinstance(taken, Remembered):
            return taken
        begun = Begun(access, telling, request, taken.episodes, head.position)
        try:
            return await self._deciding.decide(begun, self._patience)
        except TryLater:
            return await self._put_off(begun, taken)

    async def imagine(self, access: Access, telling: Telling, key: str | None = None) -> Remembered:
        """Return what ``remember`` would decide now; nothing is written, not even under the key.

        It is the same way through, over a store that only imagines what is written. There are no
        episodes in the answer, and the ids of new memories are nobody's. A key that was used
        before is answered as it was.

        Raises:
            BadInput, TooMuch, Conflict: as ``remember`` does.
            Forbidden: the access may not write there.
            TryLater: the extractor is away.
        """
        request = Keyed.of(REMEMBER, key, checked(telling))
        (head,) = await self._store.heads([access])
        imagined = Imagined(self._store, head, self._clock)
        imagining = Rememberer(
            ImaginedJournal(imagined),
            self._jobs,
            self._clock,
            extractor=self._extractor,
            embedder=self._embedder,
            types=self._types,
        )
        answer = await imagining.take_in(access, telling, request, head.position)
        there = tuple(each for each in answer.episodes if not imagined.knows(each.id))
        return replace(answer, episodes=there)

    async def take_in(
        self,
        access: Access,
        telling: Telling,
        request: Keyed | None,
        began: Position,
        ahead: Ahead | None = None,
    ) -> Remembered:
        """Do as ``remember`` does, for a job that began at ``began`` and can be called again.

        ``ahead``: what ``reading`` gave for this telling.

        Raises:
            TryLater: the extractor is away.
        """
        taken = await self._taken(access, checked(telling), request, began)
        if isinstance(taken, Remembered):
            return taken
        begun = Begun(access, telling, request, taken.episodes, began, ahead)
        return await self._deciding.decide(begun)

    def reading(
        self, access: Access, tellings: Mapping[RecordId, Telling], began: Position
    ) -> AbstractAsyncContextManager[Mapping[RecordId, Ahead]]:
        """Within the context, read tellings ahead of ``take_in``, which is given what is yielded."""

        def read(scope: Scope, turns: Sequence[Turn]) -> Awaitable[Sequence[Extraction]]:
            return self._deciding.extracted(access, scope, turns, began)

        return reading_ahead(read, tellings, self._ahead, self._clock())

    async def _taken(
        self,
        access: Access,
        telling: Telling,
        request: Keyed | None,
        began: Position,
        head: Position | None = None,
    ) -> Taken | Remembered:
        """Keep what was told; return the answer where nothing is left to be decided."""
        kept = as_kept(telling)
        taken = await self._intake.take(access, kept, request, began, head)
        if taken.receipt and taken.receipt.answer:
            return await answers.again(self._store, access, taken.receipt)
        if not kept.infer:
            return Remembered(
                episodes=taken.episodes,
                decisions=decisions_of(taken.memories),
                position=taken.position,
            )
        held = await self._store.get(access, Episode, [each.id for each in taken.episodes])
        return replace(taken, episodes=tuple(held.get(each.id, each) for each in taken.episodes))

    async def _put_off(self, begun: Begun, taken: Taken) -> Remembered:
        """Leave the decision to a job, which goes on with the same episodes."""
        unit = Unit(
            scope=begun.telling.scope, payload={"telling": msgspec.to_builtins(begun.telling)}
        )
        job, puts = self._jobs.submission(
            NewJob(kind=PENDING, scope=begun.telling.scope, units=[unit], total=1)
        )
        pending = request_of(PENDING, job.id)
        ids = [each.id for each in begun.episodes]

        async def decide(_: Position) -> Plan[Remembered]:
            before = await self._receipts.look(begun.access, begun.request)
            if before and before.answer:
                known = await answers.again(self._store, begun.access, before)
                return Plan((), lambda _: known)
            scope = begun.telling.scope
            left = self._receipts.put(pending, scope, None, progress=taken.undecided())
            said = self._receipts.put(
                begun.request, scope, before, answer=answers.answer(ids, (), job)
            )
            answer = Remembered(
                episodes=begun.episodes, decisions=(), pending=job, position=taken.position
            )
            return Plan((*puts, *left, *said), lambda at: replace(answer, position=at))

        remembered = await self._attempts.carry_out(begun.access, decide, begun.began)
        if remembered.pending and remembered.pending.id == job.id:
            await self._jobs.ready.put(Ready(begun.access.organization, job.id))
        return remembered

    async def handle(self, work: Work) -> None:
        """Decide what was put off.

        Raises:
            TryLater: the extractor is still away.
        """
        async for page in work.inputs():
            for held in page:
                telling = msgspec.convert(held.payload["telling"], Telling)
                await self.take_in(
                    work.access, telling, request_of(PENDING, work.job.id), work.began
                )
                await work.done(held)


def request_of(operation: str, id: RecordId) -> Keyed:
    """Return the request by which a job takes in what it keeps under ``id``, once."""
    return Keyed(operation, receipt_id(operation, id), id)
