"""From what a model answered to candidates: only what rests on the words of its turn.

A model's answer is somebody's text twice over. So each candidate is looked at by itself, and what
is out of order is left out: a quote that the turn does not have, a predicate that is no word, a
date that is none. The rest stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mnemos_graph.language.extractor import (
    CandidateEntity,
    CandidateFact,
    CandidateMemory,
    Extraction,
    Turn,
)
from mnemos_graph.language.models import asking
from mnemos_graph.language.ontologies import within
from mnemos_graph.model import MemoryType, Ontology

LONGEST_TEXT = 2_000
"""Characters of one memory: it is a sentence."""
LONGEST_NAME = 200
MOST_ENTITIES = 20
SUREST = 0.95
"""A model may be as sure as it likes: what it read was not asserted to us."""

_PREDICATE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?(Z|[+-]\d{2}:\d{2})?")


def extraction(answer: asking.OfTurn, turn: Turn, ontology: Ontology | None = None) -> Extraction:
    """Return what of an answer about one turn can be relied on to be about it."""
    memories = tuple(_memories(answer, turn))
    facts = tuple(_facts(answer, turn))
    named = [entity for memory in memories for entity in memory.entities]
    for fact in facts:
        named += [fact.subject] + ([fact.object] if fact.object else [])
    forget = tuple(wish.strip() for wish in answer.forget if _found(wish, turn.text))
    found = Extraction(
        memories=memories, entities=tuple(dict.fromkeys(named)), facts=facts, forget=forget
    )
    return within(found, ontology)


def _memories(answer: asking.OfTurn, turn: Turn) -> Iterator[CandidateMemory]:
    for given in answer.memories:
        text, quote = given.text.strip(), _found(given.quote, turn.text)
        if not quote or not 0 < len(text) <= LONGEST_TEXT:
            continue
        since, until = _span(given.since, given.until, turn)
        named = (_entity(each) for each in given.entities[:MOST_ENTITIES])
        yield CandidateMemory(
            text=text,
            type=MemoryType(given.type),
            importance=_share(given.importance),
            valid_from=since,
            valid_to=until,
            entities=tuple(dict.fromkeys(each for each in named if each)),
            quote=quote,
        )


def _facts(answer: asking.OfTurn, turn: Turn) -> Iterator[CandidateFact]:
    for given in answer.facts:
        quote, subject = _found(given.quote, turn.text), _entity(given.subject)
        predicate = re.sub(r"[\s-]+", "_", given.predicate.strip().lower())
        object_ = _entity(given.object) if given.object else None
        value = (given.value or "").strip() or None
        statement = given.statement.strip()
        if not (quote and subject and statement) or (object_ is None) is (value is None):
            continue
        if not _PREDICATE.fullmatch(predicate) or len(statement + (value or "")) > LONGEST_TEXT:
            continue
        since, until = _span(given.since, given.until, turn)
        yield CandidateFact(
            subject=subject,
            predicate=predicate,
            object=object_,
            value=value,
            statement=statement,
            valid_from=since,
            valid_to=until,
            ended=given.ended,
            confidence=min(SUREST, _share(given.confidence)),
            quote=quote,
        )


def _found(quote: str, text: str) -> str | None:
    """Return the words of ``text`` that ``quote`` repeats; spaces and case may differ."""
    words = quote.split()
    if not words:
        return None
    found = re.search(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE)
    return found[0] if found else None


def _entity(given: asking.Entity) -> CandidateEntity | None:
    name = " ".join(given.name.split())
    return CandidateEntity(name=name, kind=given.kind) if 0 < len(name) <= LONGEST_NAME else None


def _share(number: float) -> float:
    return min(1.0, max(0.0, number))


def _span(
    since: str | None, until: str | None, turn: Turn
) -> tuple[datetime | None, datetime | None]:
    """Return two instants in the turn's time zone; neither where they contradict each other."""
    begins, ends = _instant(since, turn), _instant(until, turn)
    if begins and ends and begins >= ends:
        return None, None
    return begins, ends


def _instant(told: str | None, turn: Turn) -> datetime | None:
    if told is None or not _DATE.fullmatch(told):
        return None
    try:
        instant = datetime.fromisoformat(told)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=turn.occurred_at.tzinfo)
        instant.timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return instant
