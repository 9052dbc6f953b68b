"""From episodes that are kept to decisions that are written, portion by portion.

The extractor is asked before any decision begins. A portion is decided and committed as one change
set, decided anew where a race was lost. Under a key the receipt is part of every set, so that a
call that was cut off goes on behind the last episode that was decided about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnemos_graph.errors import NotFound, TimedOut, Unavailable
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.language.extractor import Extraction, Extractor, Turn
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.memory.receipts import Keyed, Receipts
from mnemos_graph.memory.remember import answers
from mnemos_graph.memory.remember.ahead import Ahead
from mnemos_graph.memory.remember.consolidate import Consolidation
from mnemos_graph.memory.remember.findings import Finding, findings_of, turn_of
from mnemos_graph.memory.remember.ontologies import ontology_for
from mnemos_graph.memory.remember.readings import KeptReadings
from mnemos_graph.memory.remember.telling import Action, Remembered, Telling
from mnemos_graph.model import START, Access, Episode, Position, Receipt, RecordId, Scope
from mnemos_graph.store import GraphStore

_LARGE = 400
"""Records from which on a portion is written before it is decided further: one finding more may
bring many, and a set holds a thousand."""
_MOST_FINDINGS = 100
"""In one portion, so that a lost race costs little."""

_LEFT_OUT = "{} facts were left out, which the ontology does not know"
_ONE_LEFT_OUT = "a fact was left out, which the ontology does not know"

RECALLED = [[Action.NOOP.value, "", 0, "it came out of Mnemos, so it is kept and not taken in"]]


@dataclass(frozen=True, slots=True)
class Begun:
    """A telling whose episodes are kept, and what came of them until now."""

    access: Access
    telling: Telling
    request: Keyed | None
    episodes: tuple[Episode, ...]
    began: Position
    ahead: Ahead | None = None
    """What is being read of it already."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was found in the episodes of a telling."""

    findings: Sequence[Finding] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Reached:
    """How far the findings are decided."""

    findings: int
    decided: tuple[Sequence[Any], ...]
    is_done: bool = False
    position: Position = START
    answer: Remembered | None = None
    """That of another call with the same key, which came first."""


class Deciding:
    def __init__(
        self,
        attempts: Attempts,
        receipts: Receipts,
        clock: Clock,
        *,
        extractor: Extractor | None,
        embedder: Embedder | None,
    ) -> None:
        self._attempts = attempts
        self._receipts = receipts
        self._clock = clock
        self._extractor = extractor
        self._embedder = embedder

    @property
    def _store(self) -> GraphStore:
        return self._attempts.store

    async def decide(self, begun: Begun, patience: float | None = None) -> Remembered:
        """Decide about everything in the episodes, and return the answer.

        ``patience``: seconds that the extractor may take.

        Raises:
            TryLater: the extractor is away, or too slow; nothing was decided by this call.
            Conflict: the partition was forgotten meanwhile, or races were lost again and again.
        """
        read = await self._read(begun, patience)
        reached = _Reached(0, ())
        while not reached.is_done:
            reached = await self._portion(begun, read, reached)
        if reached.answer:
            return reached.answer
        kept = answers.answer([each.id for each in begun.episodes], reached.decided)
        return await answers.remembered(self._store, begun.access, kept, reached.position)

    async def _read(self, begun: Begun, patience: float | None) -> _Read:
        if begun.telling.is_recalled:
            return _Read()
        try:
            async with asyncio.timeout(patience):
                extractions = await self._extracted(begun)
        except TimeoutError as slow:
            raise TimedOut("What was told takes long to understand. A job goes on.") from slow
        left_out = sum(each.left_out for each in extractions)
        return _Read(tuple(findings_of(begun.episodes, extractions)), left_out)

    async def _extracted(self, begun: Begun) -> Sequence[Extraction]:
        if begun.ahead:
            return await begun.ahead.read()
        turns = [turn_of(each) for each in begun.episodes]
        return await self.extracted(begun.access, begun.telling.scope, turns, begun.began)

    async def extracted(
        self, access: Access, scope: Scope, turns: Sequence[Turn], began: Position
    ) -> Sequence[Extraction]:
        """Return what is found in turns, by the organization's ontology.

        Raises:
            TryLater: there is no extractor, or it is away.
        """
        if self._extractor is None:
            raise Unavailable("There is no extractor. What was told is kept until there is one.")
        ontology = await ontology_for(self._store, access.organization)
        readings = KeptReadings(self._store, access, scope, began, self._clock)
        return await self._extractor.extract(turns, ontology, readings)

    async def _portion(self, begun: Begun, read: _Read, reached: _Reached) -> _Reached:
        async def decide(_: Position) -> Plan[_Reached]:
            receipt = await self._receipts.look(begun.access, begun.request)
            if begun.request and receipt is None:
                raise NotFound("episode", begun.episodes[0].id)
            if receipt and receipt.answer:
                known = await answers.again(self._store, begun.access, receipt)
                return Plan((), lambda at: _Reached(0, (), is_done=True, answer=known))
            start = _resumed(begun, read.findings, reached, receipt)
            return await self._decided(begun, read, start, receipt)

        return await self._attempts.carry_out(begun.access, decide, begun.began)

    async def _decided(
        self,
        begun: Begun,
        read: _Read,
        start: _Reached,
        receipt: Receipt | None,
    ) -> Plan[_Reached]:
        findings = read.findings
        consolidation = Consolidation(
            self._store, begun.access, begun.telling, self._clock(), self._embedder
        )
        taken = start.findings
        until = min(len(findings), taken + _MOST_FINDINGS)
        while taken < until and consolidation.size < _LARGE:
            await consolidation.take(findings[taken])
            taken += 1
        operations, judged = await consolidation.outcome()
        decided = (*start.decided, *([action, id_ or "", *rest] for action, id_, *rest in judged))
        done = taken == len(findings)
        if done and begun.telling.is_recalled:
            decided = tuple(RECALLED)
        if done and read.left_out:
            decided = (*decided, _left_out(read.left_out))
        kept = self._receipts.put(
            begun.request,
            begun.telling.scope,
            receipt,
            **self._said(begun, findings, taken, decided, receipt),
        )
        return Plan((*operations, *kept), lambda at: _Reached(taken, decided, done, position=at))

    def _said(
        self,
        begun: Begun,
        findings: Sequence[Finding],
        taken: int,
        decided: Sequence[Sequence[Any]],
        receipt: Receipt | None,
    ) -> Mapping[str, Any]:
        """Return what the receipt says after this portion."""
        ids = [each.id for each in begun.episodes]
        if taken == len(findings):
            return {"answer": answers.answer(ids, decided)}
        whole = ids.index(findings[taken].episode.id)
        before = (receipt.progress if receipt else None) or {}
        return {"progress": {**before, "decided": whole, "decisions": list(decided)}}


def _left_out(count: int) -> Sequence[Any]:
    said = _ONE_LEFT_OUT if count == 1 else _LEFT_OUT.format(count)
    return [Action.NOOP.value, "", 0, said]


def _resumed(
    begun: Begun, findings: Sequence[Finding], reached: _Reached, receipt: Receipt | None
) -> _Reached:
    """Return where to go on: behind what the receipt says, if that is further than we are."""
    progress = (receipt.progress if receipt else None) or {}
    whole = progress.get("decided", 0)
    ids = {RecordId(each.id): number for number, each in enumerate(begun.episodes)}
    ahead = sum(1 for each in findings if ids[each.episode.id] < whole)
    if ahead <= reached.findings:
        return reached
    return _Reached(ahead, tuple(progress.get("decisions", ())))
