"""What the turns before explain of those behind: whom a pronoun means, and what is corrected."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from mnemos_graph.language.extractor import CandidateEntity, CandidateFact
from mnemos_graph.language.offline.people import People
from mnemos_graph.language.offline.personal import COUPLE, parted
from mnemos_graph.language.offline.stated import Stated
from mnemos_graph.language.relations import single_valued
from mnemos_graph.model.words import fold

MOST_FACTS = 200
"""The last ones that a correction can mean."""

_FILLER = r"(?:(?:no|nope|oh|wait|sorry|actually|well|oops|correction|hold on|scrap that|i mean|my bad)[,.!…-]*\s+)*"
_CORRECTS = re.compile(
    rf"^{_FILLER}(?:it's|it is|that's|that is|it should be|that should be|i meant|i mean|make that"
    r"|i said)\s+(?:(?P<right>[^,;]{1,60}?),?\s+(?:and )?not\s+(?P<wrong>[^,;]{1,60}?)"
    r"|not\s+(?P<wrong2>[^,;]{1,60}?),?\s+(?:but|it's|it is)\s+(?P<right2>[^,;]{1,60}?))[.!]*$",
    re.IGNORECASE,
)
_WE_PART = re.compile(
    r"^(?:and |but )?we(?:'ve| have)? (?:just |finally |recently |actually )?(?:broke up|broken up|split up"
    r"|separated|got divorced|divorced|are divorced|are no longer together)\b",
    re.IGNORECASE,
)
_PLAYS = re.compile(
    r"\brole-?play|\blet(?:'s|s| us) pretend\b|\bpretend (?:to be|you are|you're|that|i'm|i am)\b"
    r"|\bplay a game where\b",
    re.IGNORECASE,
)
_PLAYS_NO_MORE = re.compile(
    r"\b(?:stop|end|enough|quit|done)\b.{0,20}\b(?:role-?play|pretend)", re.IGNORECASE
)


@dataclass(slots=True)
class Talk:
    """A conversation as far as it has been read."""

    people: People = field(default_factory=People)
    is_play: bool = False
    """From here on nobody speaks for themselves."""
    _facts: deque[CandidateFact] = field(default_factory=lambda: deque(maxlen=MOST_FACTS))

    def begin(self, speaker: str, text: str) -> None:
        """Go on to the next message of a user."""
        self.people.begin(speaker)
        if _PLAYS_NO_MORE.search(text):
            self.is_play = False
        elif _PLAYS.search(text):
            self.is_play = True

    def heard(self, facts: Iterable[CandidateFact], speaker: CandidateEntity) -> None:
        """Take down what a sentence of ``speaker`` stated."""
        for fact in facts:
            self._facts.append(fact)
            own = fact.subject == speaker
            if fact.object is not None and fact.object.kind == "PERSON":
                self.people.note(fact.object.name, fact.predicate)
                if own:
                    self.people.belongs(fact.object.name, fact.predicate)
            if not own:
                self.people.note(fact.subject.name)

    def corrected(
        self, sentence: str, speaker: CandidateEntity, at: datetime
    ) -> Iterator[tuple[CandidateEntity, Stated]]:
        """Yield what "it's Lisbon, not Porto" and "we broke up" say of what was told before."""
        if _WE_PART.match(sentence):
            for fact in self._facts:
                if fact.predicate in COUPLE and fact.subject == speaker and fact.object:
                    for stated in parted(fact.object.name, sentence, at):
                        yield speaker, stated
            return
        found = _CORRECTS.match(sentence.replace("’", "'"))
        if found is None:
            return
        right, wrong = found["right"] or found["right2"], found["wrong"] or found["wrong2"]
        meant = next((each for each in reversed(self._facts) if _target(each) == fold(wrong)), None)
        if meant is None or meant.ended:
            return
        old = meant.object or meant.value or ""
        new = replace(meant.object, name=right) if meant.object else right
        yield meant.subject, Stated(meant.predicate, new, since=meant.valid_from)
        if not single_valued(meant.predicate):
            yield meant.subject, Stated(meant.predicate, old, ended=True)


def _target(fact: CandidateFact) -> str:
    return fold(fact.object.name if fact.object else fact.value or "")
