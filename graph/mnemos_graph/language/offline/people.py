"""Whom a message means by "she", "he" and "my wife": those whom it, or the one before, named."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mnemos_graph.language.extractor import CandidateEntity
from mnemos_graph.language.offline.lexicon import HE, KIN, SHE, UNIQUE_KIN
from mnemos_graph.language.offline.stated import person

_LEADING = re.compile(r"^(He|She)(?P<short>'s)?(?=\s+(?P<next>[\w']+))")
_HAS = re.compile(r"(?:got|been|had|\w+ed)$")


MOST = 20
"""People of one message that a pronoun can mean."""


@dataclass(slots=True)
class People:
    """The people of a talk, as far as a pronoun can reach: one message back of the same speaker."""

    _named: dict[str, str | None] = field(default_factory=dict)
    """Who was named, in order: "he", "she", or None where nothing tells."""
    _before: dict[str, str | None] = field(default_factory=dict)
    _speaker: str | None = None
    _kin: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of a speaker, by what they are: their names."""

    def begin(self, speaker: str) -> None:
        """Go on to the next message of a user."""
        self._before = self._named if speaker == self._speaker else {}
        self._named, self._speaker = {}, speaker

    def note(self, name: str, noun: str = "") -> None:
        """Take down that somebody was named, and what they are called beside: "sister"."""
        known = self._named.pop(name, None) or self._before.get(name)
        self._named[name] = "she" if noun in SHE else "he" if noun in HE else known
        if len(self._named) > MOST:
            del self._named[next(iter(self._named))]

    def belongs(self, name: str, predicate: str) -> None:
        """Take down that somebody is the speaker's wife or mother."""
        if self._speaker is not None:
            self._kin[self._speaker, predicate] = name

    def meant(self, pronoun: str) -> CandidateEntity | None:
        """Return who "she" or "he" is; None where nobody or more than one can be meant."""
        for named in (self._named, self._before):
            sure = [name for name, known in named.items() if known == pronoun.lower()]
            unsure = [name for name, known in named.items() if known is None]
            if sure or len(unsure) == 1:
                return person((sure or unsure)[-1])
            if unsure:
                return None
        return None

    def kin(self, noun: str, speaker: CandidateEntity) -> CandidateEntity | None:
        """Return who a speaker's wife or mother is, by name if it is known; None: there are several.

        Of sisters and friends there can be more than one, so they need a name.
        """
        unique = UNIQUE_KIN.get(noun)
        if unique is None:
            return None
        known = self._kin.get((speaker.name, KIN.get(noun, unique)))
        return person(known or f"{speaker.name}'s {unique}")

    def told(self, sentence: str) -> str:
        """Return a sentence that begins with "she" or "he" with the name in its place."""
        found = _LEADING.match(sentence)
        meant = self.meant(found.group(1)) if found else None
        if found is None or meant is None:
            return sentence
        verb = ""
        if found["short"]:
            verb = " has" if _HAS.match(found["next"]) and found["next"] != "married" else " is"
        return f"{meant.name}{verb}{sentence[found.end() :]}"
