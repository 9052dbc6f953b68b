"""A sentence as clauses: who, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mnemos_graph.language.extractor import CandidateEntity
from mnemos_graph.language.offline.lexicon import KIN
from mnemos_graph.language.offline.names import read_name, split
from mnemos_graph.language.offline.verbs import is_adverb

_SHORT = (
    (re.compile(r"\b(I)'?m\b"), r"\1 am"),
    (re.compile(r"\b(I|we|We|they|They)'ve\b"), r"\1 have"),
    (re.compile(r"\b(we|We|they|They)'re\b"), r"\1 are"),
    (re.compile(r"\b[Cc]an't\b"), "cannot"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"^i\b|(?<=\s)i\b"), "I"),
)
_BREAK = re.compile(
    r"\s*[;:–—]\s+|\s+-\s+|\.\s+|,?\s+(?:but|because|although|though|while|whereas|so)\s+"
    r"|,?\s+and\s+(?=(?:I|we|my|our|My|We)\b)|,\s+(?=(?:I|we|my|our)\b)"
    r"|,?\s+and\s+(?=(?:also |now |currently )?(?:live|lives|work|works|study|studies|speak|speaks"
    r"|(?:love|loves|like|likes|hate|hates|enjoy|enjoys)(?= \w+ing\b)|have|has|play|plays|moved|started|joined"
    r"|prefer|prefers|am|is)\b)"
)
_SUBJECT = re.compile(r"^(?:I|[Ww]e)\b\s*")
_MY = re.compile(r"^(?:[Mm]y|[Oo]ur)\s+")


@dataclass(frozen=True, slots=True)
class Clause:
    """What is said of somebody who can be named."""

    subject: CandidateEntity
    says: str
    """From the verb on, shortened forms written out."""
    own: bool
    """The speaker says it of themselves."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """What is said of something that is the speaker's: "my cat is called Milo"."""

    says: str
    """What follows "my"."""


def clauses(sentence: str, speaker: CandidateEntity) -> Iterator[Clause | Belonging]:
    """Yield the clauses whose subject is the speaker, something of theirs, or somebody by name."""
    plain = sentence.replace("’", "'").rstrip(" .!")
    for pattern, whole in _SHORT:
        plain = pattern.sub(whole, plain)
    subject: CandidateEntity | None = None
    for piece in _BREAK.split(plain):
        said = _without_opening(piece)
        if own := _SUBJECT.match(said):
            subject = speaker
            yield Clause(speaker, without_adverbs(said[own.end() :]), own=True)
        elif mine := _MY.match(said):
            subject = _somebody_of_mine(said[mine.end() :])
            yield Belonging(said[mine.end() :])
            if subject is not None:
                yield Clause(subject, _behind(said[mine.end() :], subject), own=False)
        elif named := _named(said):
            subject = CandidateEntity(name=named, kind="PERSON")
            yield Clause(subject, _behind(said, subject), own=False)
        elif subject is not None and said[:1].islower():
            yield Clause(subject, without_adverbs(said), own=subject is speaker)


def without_adverbs(text: str) -> str:
    words = text.split(" ")
    n = 0
    while n < len(words) - 1 and is_adverb(words[n]) and words[n] not in {"never", "not", "only"}:
        n += 1
    return " ".join(words[n:])


_OPENING = re.compile(
    r"^(?:and|so|also|now|then|currently|recently|these days|at the moment|right now|yesterday|today|[a-z]+ly,"
    r"|(?:last|this) \w+|in (?:\w+ )?(?:19|20)\d\d|since \S+|years ago)\b,?\s+(?=\S)",
    re.IGNORECASE,
)


def _without_opening(piece: str) -> str:
    return _OPENING.sub("", piece.strip())


def _somebody_of_mine(said: str) -> CandidateEntity | None:
    """Return Anna of "sister Anna lives in Oslo"."""
    noun, _, rest = said.partition(" ")
    if noun.lower() not in KIN:
        return None
    name, _ = read_name(split(rest))
    return CandidateEntity(name=name, kind="PERSON") if name else None


_AFTER_A_NAME = re.compile(r"^(?:'s\b|[,)]|(?:and|or)\b)")


def _named(said: str) -> str | None:
    """Return the name at the beginning, where a verb seems to follow it."""
    words = split(said)
    name, taken = read_name(words)
    if not name or taken >= len(words) or words[taken - 1].endswith("'s"):
        return None
    return name if words[taken][0].islower() and not _AFTER_A_NAME.match(words[taken]) else None


def _behind(said: str, subject: CandidateEntity) -> str:
    place = said.find(subject.name)
    return without_adverbs(said[place + len(subject.name) :].strip())
