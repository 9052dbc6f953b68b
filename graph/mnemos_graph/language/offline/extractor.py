"""The extractor that needs no model: sentences worth keeping, and the facts that patterns find."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from mnemos_graph.language.extractor import (
    USER,
    CandidateEntity,
    CandidateFact,
    CandidateMemory,
    Extraction,
    Readings,
    Turn,
)
from mnemos_graph.language.offline import belongings
from mnemos_graph.language.offline.apart import apart
from mnemos_graph.language.offline.clauses import Belonging, Clause, clauses
from mnemos_graph.language.offline.couples import couples
from mnemos_graph.language.offline.dates import Moment, moments
from mnemos_graph.language.offline.foreign import foreign
from mnemos_graph.language.offline.myself import of_me
from mnemos_graph.language.offline.names import entities
from mnemos_graph.language.offline.person import by_name, is_english
from mnemos_graph.language.offline.relations import relations
from mnemos_graph.language.offline.sentences import sentences
from mnemos_graph.language.offline.stated import Stated, place
from mnemos_graph.language.offline.stating import fact_of
from mnemos_graph.language.offline.talk import Talk
from mnemos_graph.language.offline.worth import (
    Worth,
    asks_to_remember,
    judge,
    speaks_to_you,
    sure_parts,
    tells_of_others,
    to_forget,
    without_lead,
)
from mnemos_graph.language.ontologies import within
from mnemos_graph.language.relations import single_valued
from mnemos_graph.model import MemoryType, MessageRole, Ontology

Said = TypeVar("Said")
AT_ONCE = 50
"""Turns read in one go of a thread."""

_WEIGHTY = re.compile(
    r"\b(?:important|allergic|always|never|must|urgent|deadline)\b", re.IGNORECASE
)
_INTRODUCED = re.compile(
    r"^(?:I'?m|I am|this is)\s+(?P<name>[A-Z]\w+(?: [A-Z]\w+)?)(?=[.!,]|$| and\b| from\b)"
    r"(?:, (?P<age>\d{1,2})\b)?(?:,? (?:and )?from (?P<origin>[A-Z]\w+(?: [A-Z]\w+)?))?"
)
_GREETED = re.compile(r"^(?:hi|hello|hey|good (?:morning|evening|afternoon))\b", re.IGNORECASE)


class OfflineExtractor:
    """An ``Extractor`` that reads English with patterns, on a thread. Never away."""

    async def extract(
        self,
        turns: Sequence[Turn],
        ontology: Ontology | None = None,
        readings: Readings | None = None,
    ) -> Sequence[Extraction]:
        found: list[Extraction] = []
        talk = Talk()
        for start in range(0, len(turns), AT_ONCE):
            part = turns[start : start + AT_ONCE]
            found += await asyncio.to_thread(_read_all, part, talk)
        return [within(each, ontology) for each in found] if ontology else found


def _read_all(turns: Sequence[Turn], talk: Talk) -> list[Extraction]:
    return [read(turn, talk) for turn in turns]


@dataclass(slots=True)
class _Found:
    memories: list[CandidateMemory] = field(default_factory=list)
    facts: list[CandidateFact] = field(default_factory=list)
    forget: list[str] = field(default_factory=list)


def read(turn: Turn, talk: Talk | None = None) -> Extraction:
    """Return what one turn gives, after those of ``talk``. Only what users say is taken."""
    if turn.role is not MessageRole.USER:
        return Extraction()
    talk = talk or Talk()
    talk.begin(_speaker(turn).name, turn.text)
    found = _Found()
    for sentence in () if talk.is_play else sentences(turn.text):
        _read_sentence(sentence, turn, talk, found)
    return Extraction(
        memories=_last(found.memories),
        entities=_named(found.memories, found.facts),
        facts=_last(found.facts),
        forget=tuple(found.forget),
    )


def _read_sentence(sentence: str, turn: Turn, talk: Talk, found: _Found) -> None:
    if (what := to_forget(sentence)) is not None:
        found.forget.append(what)
        return
    bare = talk.people.told(without_lead(sentence))
    if corrected := _corrected(bare, turn, talk):
        _take(found, talk, turn, corrected)
        found.memories += [_saying(each) for each in corrected if not each.ended]
        return
    times = moments(bare, turn.occurred_at)
    worth = judge(bare, times) if bare else Worth.NOTHING
    if worth is Worth.NOTHING:
        return
    stated = _stated(bare, turn, talk, worth)
    if not stated and worth is not Worth.STANDING_WISH and speaks_to_you(bare):
        return
    asked = asks_to_remember(sentence)
    pieces = apart(bare, stated, lambda text: tuple(_facts(text, turn, talk)))
    for piece in pieces:
        _take(found, talk, turn, piece.facts)
        of_piece = moments(piece.text, turn.occurred_at)
        memory = _memory(piece.text, turn, of_piece, worth, piece.facts, asked=asked)
        found.memories.append(replace(memory, quote=piece.quote))
    if not pieces:
        _take(found, talk, turn, stated)
        found.memories.append(_memory(bare, turn, times, worth, stated, asked=asked))


def _last(said: Sequence[Said]) -> tuple[Said, ...]:
    """Return each thing once, where it was said last: who goes back on something means it so."""
    return tuple(reversed(dict.fromkeys(reversed(said))))


def _take(found: _Found, talk: Talk, turn: Turn, facts: Sequence[CandidateFact]) -> None:
    found.facts += facts
    talk.heard(facts, _speaker(turn))


def _stated(sentence: str, turn: Turn, talk: Talk, worth: Worth) -> tuple[CandidateFact, ...]:
    if worth is Worth.FACTS:
        return tuple(dict.fromkeys(_facts(sentence, turn, talk)))
    if worth is Worth.MEMORY and not tells_of_others(sentence):
        kin = belongings.named_kin(sentence)
        return tuple(fact_of(_speaker(turn), each, sentence) for each in kin)
    return ()


def _corrected(sentence: str, turn: Turn, talk: Talk) -> tuple[CandidateFact, ...]:
    speaker = _speaker(turn)
    return tuple(
        fact_of(subject, stated, sentence)
        for subject, stated in talk.corrected(sentence, speaker, turn.occurred_at)
    )


def _saying(fact: CandidateFact) -> CandidateMemory:
    """Return a memory that says a fact: "it's Lisbon, not Porto" says nothing by itself."""
    return CandidateMemory(
        text=fact.statement, importance=0.7, entities=_of(fact), quote=fact.quote
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


def _facts(sentence: str, turn: Turn, talk: Talk) -> Iterator[CandidateFact]:
    speaker = _speaker(turn)
    at = turn.occurred_at
    if not is_english(sentence):
        for stated in foreign(sentence):
            yield fact_of(speaker, stated, sentence)
    if _GREETED.match(turn.text.strip()):
        for stated in _introduced(sentence):
            yield fact_of(speaker, stated, sentence)
    for part in sure_parts(sentence):
        for stated in (*of_me(part, at), *couples(part, at)):
            yield fact_of(speaker, stated, sentence)
        lower = part == part.lower()
        for clause in clauses(part, speaker, talk.people):
            for subject, stated in _of_clause(clause, speaker, at, lower=lower):
                yield fact_of(subject, stated, sentence)


def _introduced(sentence: str) -> Iterator[Stated]:
    """Yield what "I'm Carlos, 34, from Recife" states, where it begins a talk."""
    found = _INTRODUCED.match(sentence)
    if found is None:
        return
    yield Stated("name", found["name"])
    if found["age"]:
        yield Stated("age", found["age"])
    if found["origin"]:
        yield Stated("from", place(found["origin"]))


def _of_clause(
    clause: Clause | Belonging, speaker: CandidateEntity, at: datetime, *, lower: bool
) -> Iterator[tuple[CandidateEntity, Stated]]:
    if isinstance(clause, Belonging):
        for stated in belongings.of_mine(clause.says, at):
            yield clause.owner, stated
        return
    for stated in belongings.owned(clause.says, at):
        yield clause.subject, stated
    if not clause.own:
        for stated in belongings.claimed(clause.subject.name, clause.says, at):
            yield speaker, stated
    for stated in relations(clause.says, at, lower=lower):
        if not (clause.besides and single_valued(stated.predicate)):
            yield clause.subject, stated


def _of(fact: CandidateFact) -> tuple[CandidateEntity, ...]:
    """Return who a fact names; what it only may end, as a pet that died, need not be one."""
    if fact.object is None or fact.ended:
        return (fact.subject,)
    return (fact.subject, fact.object)


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
