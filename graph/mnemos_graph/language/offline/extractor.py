"""The extractor that needs no model: sentences worth keeping, and the facts that patterns find."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mnemos_graph.language.extractor import (
    USER,
    CandidateEntity,
    CandidateFact,
    CandidateMemory,
    Extraction,
    Turn,
)
from mnemos_graph.language.offline import belongings
from mnemos_graph.language.offline.apart import apart
from mnemos_graph.language.offline.clauses import Belonging, Clause, clauses
from mnemos_graph.language.offline.dates import Moment, moments
from mnemos_graph.language.offline.names import entities
from mnemos_graph.language.offline.person import UNNAMED, by_name
from mnemos_graph.language.offline.relations import Stated, relations
from mnemos_graph.language.offline.sentences import sentences
from mnemos_graph.language.offline.worth import (
    Worth,
    asks_to_remember,
    judge,
    speaks_to_you,
    to_forget,
    without_lead,
)
from mnemos_graph.model import MemoryType, MessageRole

AT_ONCE = 50
"""Turns read in one go of a thread."""

_WEIGHTY = re.compile(
    r"\b(?:important|allergic|always|never|must|urgent|deadline)\b", re.IGNORECASE
)
_INTRODUCED = re.compile(
    r"^(?:I'?m|I am|this is)\s+([A-Z]\w+(?: [A-Z]\w+)?)(?=[.!,]|$| and\b| from\b)"
)
_GREETED = re.compile(r"^(?:hi|hello|hey|good (?:morning|evening|afternoon))\b", re.IGNORECASE)


class OfflineExtractor:
    """An ``Extractor`` that reads English with patterns, on a thread. Never away."""

    async def extract(self, turns: Sequence[Turn]) -> Sequence[Extraction]:
        found: list[Extraction] = []
        for start in range(0, len(turns), AT_ONCE):
            part = turns[start : start + AT_ONCE]
            found += await asyncio.to_thread(_read_all, part)
        return found


def _read_all(turns: Sequence[Turn]) -> list[Extraction]:
    return [read(turn) for turn in turns]


def read(turn: Turn) -> Extraction:
    """Return what one turn gives. Only what users say is taken."""
    if turn.role is not MessageRole.USER:
        return Extraction()
    memories: list[CandidateMemory] = []
    facts: list[CandidateFact] = []
    forget: list[str] = []
    for sentence in sentences(turn.text):
        if (what := to_forget(sentence)) is not None:
            forget.append(what)
            continue
        bare = without_lead(sentence)
        times = moments(bare, turn.occurred_at)
        worth = judge(bare, times) if bare else Worth.NOTHING
        if worth is Worth.NOTHING:
            continue
        stated = tuple(_facts(bare, turn)) if worth is Worth.FACTS else ()
        if not stated and worth is not Worth.STANDING_WISH and speaks_to_you(bare):
            continue
        asked = asks_to_remember(sentence)
        pieces = apart(bare, stated, lambda text: tuple(_facts(text, turn)))
        for piece in pieces:
            facts += piece.facts
            of_piece = moments(piece.text, turn.occurred_at)
            memory = _memory(piece.text, turn, of_piece, worth, piece.facts, asked=asked)
            memories.append(replace(memory, quote=piece.quote))
        if not pieces:
            facts += stated
            memories.append(_memory(bare, turn, times, worth, stated, asked=asked))
    return Extraction(
        memories=tuple(dict.fromkeys(memories)),
        entities=_named(memories, facts),
        facts=tuple(dict.fromkeys(facts)),
        forget=tuple(forget),
    )


def _memory(
    sentence: str,
    turn: Turn,
    times: list[Moment],
    worth: Worth,
    stated: Sequence[CandidateFact],
    *,
    asked: bool,
) -> CandidateMemory:
    begun = [moment.begin for moment in times if moment.begin <= turn.occurred_at]
    kind = MemoryType.EPISODIC if times and not stated else MemoryType.SEMANTIC
    if worth is Worth.STANDING_WISH:
        kind = MemoryType.PROCEDURAL
    weight = 0.5 + 0.2 * bool(stated) + 0.1 * bool(_WEIGHTY.search(sentence))
    named = [*entities(sentence), *(entity for fact in stated for entity in _of(fact))]
    return CandidateMemory(
        text=by_name(_dated(sentence, times), _name(turn)),
        type=kind,
        importance=round(0.8 if asked or worth is Worth.STANDING_WISH else weight, 2),
        valid_from=begun[0] if begun else None,
        entities=_distinct(named),
        quote=sentence,
    )


def _dated(sentence: str, times: list[Moment]) -> str:
    """Write the date behind each time that only the day of saying explains."""
    for moment in reversed(times):
        if moment.relative:
            sentence = f"{sentence[: moment.end]} ({moment.spelled()}){sentence[moment.end :]}"
    return sentence


def _name(turn: Turn) -> str | None:
    return turn.speaker or turn.user_name


def _speaker(turn: Turn) -> CandidateEntity:
    return CandidateEntity(name=_name(turn) or USER, kind="PERSON")


def _facts(sentence: str, turn: Turn) -> Iterator[CandidateFact]:
    speaker = _speaker(turn)
    lower = sentence == sentence.lower()
    introduced = _INTRODUCED.match(sentence) if _GREETED.match(turn.text.strip()) else None
    if introduced:
        yield _fact(speaker, Stated("name", introduced.group(1)), sentence)
    for stated in belongings.to_me(sentence):
        yield _fact(speaker, stated, sentence)
    for clause in clauses(sentence, speaker):
        for subject, stated in _of_clause(clause, speaker, turn, lower=lower):
            yield _fact(subject, stated, sentence)


def _of_clause(
    clause: Clause | Belonging, speaker: CandidateEntity, turn: Turn, *, lower: bool
) -> Iterator[tuple[CandidateEntity, Stated]]:
    if isinstance(clause, Belonging):
        for stated in belongings.of_mine(clause.says, turn.occurred_at):
            yield speaker, stated
        return
    if clause.own:
        for stated in belongings.owned(clause.says):
            yield speaker, stated
    else:
        for stated in belongings.claimed(clause.subject.name, clause.says):
            yield speaker, stated
    for stated in relations(clause.says, turn.occurred_at, lower=lower):
        yield clause.subject, stated


def _fact(subject: CandidateEntity, stated: Stated, quote: str) -> CandidateFact:
    entity = stated.target if isinstance(stated.target, CandidateEntity) else None
    value = stated.target if isinstance(stated.target, str) else None
    name = UNNAMED if subject.name == USER else subject.name
    target = entity.name if entity else value
    verb = stated.predicate.replace("_", " ")
    statement = (
        f"{name} {verb} {target}."
        if verb.endswith(_SAID_AS_IT_IS)
        else f"{name}'s {verb}: {target}."
    )
    if stated.ended:
        statement = f"No longer: {statement}"
    return CandidateFact(
        subject=subject,
        predicate=stated.predicate,
        object=entity,
        value=value,
        statement=statement,
        valid_from=stated.since,
        valid_to=stated.until,
        ended=stated.ended,
        quote=quote,
    )


_SAID_AS_IT_IS = (" in", " at", " to", "likes", "prefers", "speaks", "studies", "plays")


def _of(fact: CandidateFact) -> tuple[CandidateEntity, ...]:
    return (fact.subject, fact.object) if fact.object else (fact.subject,)


def _named(
    memories: Sequence[CandidateMemory], facts: Sequence[CandidateFact]
) -> tuple[CandidateEntity, ...]:
    of_facts = [entity for fact in facts for entity in _of(fact)]
    return _distinct([*of_facts, *(entity for memory in memories for entity in memory.entities)])


def _distinct(named: Sequence[CandidateEntity]) -> tuple[CandidateEntity, ...]:
    """Each name once, with the kind that tells more than TOPIC where one does."""
    kinds: dict[str, str] = {}
    for entity in named:
        if kinds.get(entity.name, "TOPIC") == "TOPIC":
            kinds[entity.name] = entity.kind
    return tuple(CandidateEntity(name=name, kind=kind) for name, kind in kinds.items())
