"""Taking a telling in: its episodes, and where it is kept verbatim its memories, come first.

What needs more than one change set is begun by a pending receipt that names every id, so that the
same key again goes on where the first call stopped, under the same ids and commit ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mnemos_graph.feed import Journal
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.kinds.types import Types
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.memory.receipts import Keyed, Receipts
from mnemos_graph.memory.remember import answers
from mnemos_graph.memory.remember.telling import Telling, episodes_of, messages_of
from mnemos_graph.memory.remember.verbatim import VERBATIM, decisions_of, memory_of
from mnemos_graph.model import (
    START,
    Access,
    CommitId,
    Episode,
    Memory,
    Position,
    Receipt,
    RecordId,
    new_id,
)
from mnemos_graph.store import MOST_CHANGES, ChangeSet, Operation, Put


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken in."""

    episodes: tuple[Episode, ...]
    memories: tuple[Memory, ...]
    """Those kept verbatim; none where they are still to be inferred."""
    receipt: Receipt | None = None
    """As it is now; None: the call has no key."""
    position: Position = START

    def sets(self) -> list[tuple[Operation, ...]]:
        """Return its writes in order, each with a place left for the receipt."""
        turns: list[tuple[Operation, ...]] = [(Put(episode),) for episode in self.episodes]
        for turn, memory in enumerate(self.memories):
            turns[turn] += (Put(memory, VERBATIM),)
        size = (MOST_CHANGES - 1) // len(turns[0])
        parts = [turns[start : start + size] for start in range(0, len(turns), size)]
        return [tuple(each for turn in part for each in turn) for part in parts]

    @property
    def is_whole(self) -> bool:
        """Whether its receipt says that every set of it is written."""
        kept = self.receipt
        return kept is not None and bool(kept.answer or "decided" in (kept.progress or {}))

    def after_last_set(self) -> Mapping[str, Any]:
        """Return what its receipt says once every set is written."""
        if self.memories:
            decisions = answers.kept_decisions(decisions_of(self.memories))
            return {"answer": answers.answer([each.id for each in self.episodes], decisions)}
        return {"progress": self.undecided()}

    def undecided(self) -> Mapping[str, Any]:
        """Return the progress of a telling that is kept, and not decided about at all."""
        ids = [each.id for each in (*self.episodes, *self.memories)]
        return {"ids": ids, "decided": 0, "decisions": []}

    def after_first_set(self) -> Mapping[str, Any]:
        return {"progress": {"ids": [each.id for each in (*self.episodes, *self.memories)]}}


class Intake:
    def __init__(
        self,
        journal: Journal,
        attempts: Attempts,
        receipts: Receipts,
        clock: Clock,
        types: Types,
    ) -> None:
        self._types = types
        self._journal = journal
        self._attempts = attempts
        self._receipts = receipts
        self._clock = clock

    async def take(
        self,
        access: Access,
        telling: Telling,
        request: Keyed | None,
        began: Position,
        head: Position | None = None,
    ) -> Taken:
        """Keep what was told, and return it; a call that was begun before is gone on with.

        A verbatim telling's receipt is answered with its last change set; one that is to be
        inferred from is left pending. Where the receipt was answered, nothing is written. ``head``
        is the log's end where the caller has just asked for it.

        Raises:
            Conflict: the key came with another input, or the partition was forgotten meanwhile.
        """
        fresh = _planned(telling, self._clock(), self._types)

        async def decide(_: Position) -> Plan[Taken]:
            before = await self._receipts.look(access, request)
            if before and not self._receipts.is_stale(before):
                resumed = _planned(telling, before.created_at, self._types, before.progress)
                return Plan((), lambda at: replace(resumed, receipt=before, position=at))
            first, *more = fresh.sets()
            said = fresh.after_first_set() if more else fresh.after_last_set()
            kept = self._receipts.put(request, telling.scope, before, **said)
            return Plan((*first, *kept), lambda at: _with(fresh, kept, at))

        taken = await self._attempts.carry_out(access, decide, began, head)
        return taken if taken.is_whole else await self._go_on(access, taken, request, began)

    async def _go_on(
        self, access: Access, taken: Taken, request: Keyed | None, began: Position
    ) -> Taken:
        """Write the sets behind the first one."""
        _, *more = taken.sets()
        done, pending = taken, taken.receipt
        for number, operations in enumerate(more, 2):
            kept: tuple[Put, ...] = ()
            if number == len(more) + 1:
                scope = taken.episodes[0].scope
                kept = self._receipts.put(request, scope, pending, **taken.after_last_set())
            change_set = ChangeSet((*operations, *kept), began=began)
            if pending:
                name = CommitId(f"{pending.id}.{pending.version}.{number}")
                change_set = replace(change_set, commit_id=name)
            committed = await self._journal.commit(access, change_set)
            done = _with(done, kept, committed.last)
        return done


def _planned(
    telling: Telling, now: datetime, types: Types, progress: Mapping[str, Any] | None = None
) -> Taken:
    """Return what a telling comes to: under the ids of ``progress``, or under new ones."""
    count = sum(1 for _ in messages_of(telling))
    needed = count if telling.infer else 2 * count
    ids = [RecordId(id_) for id_ in (progress or {}).get("ids", ())]
    ids = ids or [new_id() for _ in range(needed)]
    episodes = episodes_of(telling, now, ids[:count])
    turns = zip(episodes, ids[count:], strict=not telling.infer)
    return Taken(episodes, tuple(memory_of(telling, *turn, types) for turn in turns))


def _with(taken: Taken, kept: tuple[Put, ...], position: Position) -> Taken:
    written = (each.record for each in kept if isinstance(each.record, Receipt))
    return replace(taken, receipt=next(written, taken.receipt), position=position)
