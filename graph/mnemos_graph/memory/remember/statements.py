"""Candidate facts, told to a book: who is meant, whether it is known, and what it ends."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time

from mnemos_graph.errors import BadInput
from mnemos_graph.language.extractor import CandidateEntity, CandidateFact
from mnemos_graph.memory import checks
from mnemos_graph.memory.facts.book import Book
from mnemos_graph.memory.facts.naming import DEFAULT_KIND, EntityRef, Names, word
from mnemos_graph.model import Entity, Episode, Fact, RecordId, Scope, new_id


@dataclass(frozen=True, slots=True)
class Stated:
    """What telling one candidate came to."""

    fact: Fact
    has_ended: bool
    """It was believed, and is said to have stopped."""
    entities: tuple[RecordId, ...]


class Statements:
    def __init__(self, book: Book, names: Names, scope: Scope, now: datetime) -> None:
        self._book = book
        self._names = names
        self._scope = Scope(scope.user_id, scope.agent_id)
        self._now = now

    async def entity(self, candidate: CandidateEntity) -> Entity | None:
        """Return who or what is meant; None where it is nothing that can be named.

        A mere topic is whatever is called so already.
        """
        with suppress(BadInput):
            if candidate.kind == DEFAULT_KIND:
                with suppress(BadInput):
                    return await self._names.resolve("entity", EntityRef(name=candidate.name))
            ref = EntityRef(name=candidate.name, kind=candidate.kind)
            return await self._names.resolve("entity", ref)
        return None

    async def tell(self, candidate: CandidateFact, episode: Episode) -> Stated | None:
        """Tell the book; None where there is nothing to believe or to end."""
        fact = await self._made(candidate, episode)
        if fact is None:
            return None
        entities = tuple(id_ for id_ in (fact.subject_id, fact.object_id) if id_)
        said = await self._book.says(fact)
        if candidate.ended and said is None:
            return None
        told = await self._book.tell(fact, episode.occurred_at)
        return Stated(told.fact, has_ended=candidate.ended, entities=entities)

    async def _made(self, candidate: CandidateFact, episode: Episode) -> Fact | None:
        known = len(self._names.new)
        subject = await self.entity(candidate.subject)
        target = await self.entity(candidate.object) if candidate.object else None
        since, until = candidate.valid_from, candidate.valid_to
        if candidate.ended:
            since, until = None, _ended(until, episode.occurred_at)
        if subject is None or (candidate.object and target is None):
            return None
        if candidate.ended and len(self._names.new) > known:
            self._names.drop_new(known)  # of somebody unknown nothing is believed that could end
            return None
        with suppress(BadInput):
            checks.interval(since, until)
            return Fact(
                id=new_id(),
                scope=self._scope,
                created_at=self._now,
                updated_at=self._now,
                subject_id=subject.id,
                predicate=word("predicate", candidate.predicate),
                object_id=target.id if target else None,
                value=None if target else checks.text("value", candidate.value or ""),
                statement=checks.text("statement", candidate.statement),
                confidence=checks.share("confidence", candidate.confidence),
                valid_from=since,
                told_at=None if since else _told_at(candidate, episode),
                ended_at=until,
                ended_by=episode.id if until else None,
                sources=() if candidate.ended else (episode.id,),
            )
        return None


def _ended(until: datetime | None, told: datetime) -> datetime:
    """Return when something ended: what ended "today" held until that was told, not since midnight.

    Else it would not have held when it was told of earlier on that day.
    """
    if until is None or until.timetz().replace(tzinfo=None) != time.min:
        return until or told
    return told if told.astimezone(until.tzinfo).date() == until.date() else until


def _told_at(candidate: CandidateFact, episode: Episode) -> datetime:
    """Return the place among the others: what has stopped stands where it stopped."""
    if candidate.valid_to is not None and not candidate.ended:
        return min(candidate.valid_to, episode.occurred_at)
    return episode.occurred_at
