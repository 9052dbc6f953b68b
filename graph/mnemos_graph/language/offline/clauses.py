"""A sentence as clauses: who, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mnemos_graph.language.extractor import CandidateEntity
from mnemos_graph.language.offline.lexicon import KIN
from mnemos_graph.language.offline.names import read_name, split
from mnemos_graph.language.offline.people import People
from mnemos_graph.language.offline.verbs import is_adverb

_SHORT = (
    (re.compile(r"\b(I)'?m\b"), r"\1 am"),
    (
        re.compile(
            r"\bim\b(?= (?:a|an|from|in|on|at|not|so|the|vegan|vegetarian|allergic|\w+ing|\d+)\b)"
        ),
        "I am",
    ),
    (re.compile(r"\b(I|we|We|they|They)'ve\b"), r"\1 have"),
    (re.compile(r"\b(we|We|they|They)'re\b"), r"\1 are"),
    (re.compile(r"\b([Hh]e|[Ss]he)'s (?=(?:got|been|had|[a-ln-z]\w+ed)\b)"), r"\1 has "),
    (re.compile(r"\b([Hh]e|[Ss]he)'s\b"), r"\1 is"),
    (
        re.compile(
            r"\b([A-Za-z]\w+)'s (?=(?:a|an|from|allergic|vegan|vegetarian|married|engaged|living|working"
            r"|on|in|at|called|named|studying|\d{1,2}\.?$)(?:\b|$))"
        ),
        r"\1 is ",
    ),
    (re.compile(r"\b[Cc]an't\b"), "cannot"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"^i\b|(?<=\s)i\b"), "I"),
)
_VERBS = (
    r"(?:is|was|has|lives?|works?|loves?|likes?|hates?|stud(?:y|ies)|speaks?|plays?|moved|started"
    r"|turned|joined|owns?|got|prefers?)"
)
_BREAK = re.compile(
    r"\s*[;:–—]\s+|\s+-\s+|(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bProf)(?<!\bSt)\.\s+|,?\s+(?:but|because|although|though|while|whereas|so)\s+"
    r"|,?\s+and\s+(?=(?:I|we|my|our|My|We)\b)|,\s+(?=(?:I|we|my|our)\b)"
    r"|,?\s+and\s+(?=(?:also |now |currently )?(?:live|lives|work|works|study|studies|speak|speaks"
    r"|(?:love|loves|like|likes|hate|hates|enjoy|enjoys)(?= \w+ing\b)|have|has|play|plays|moved|started|joined"
    r"|prefer|prefers|am|is)\b)"
    rf"|,?\s+and\s+(?=[A-Z]\w+ (?:just |now |also |still )?{_VERBS}\b)"
    rf"|,?\s+(?:and\s+)?(?=(?:he|she)(?: is| has)?\b(?: \w+ly| also| now| still| just)? ?{_VERBS}?\b)"
    r"|,\s+(?=(?:now |just |then )?(?:moved|relocated|living|working) (?:to|in|at|back)\b)"
)
_SUBJECT = re.compile(r"^(?:I|[Ww]e)\b\s*")
_MY = re.compile(r"^(?:[Mm]y|[Oo]ur)\s+")
_PRONOUN = re.compile(r"^([Hh]e|[Ss]he)\b\s*")
_WHICH_ONE = re.compile(
    r"^(?:(?:older|younger|little|big|best|eldest|youngest|oldest|twin|late|dear|new|old|own|first"
    r"|second|former|baby|lovely)\s+)+"
)
_BESIDE = re.compile(
    r"\b(?:met|saw|with|and|called|helped|told|invited|thanked|asked|introduced|visited)"
    r"\s+(?P<name>[A-Z][\w-]+)(?! (?:is|was|has|and)\b)"
)
_ON_TOP = re.compile(r"(?:also|sometimes|occasionally|often|usually|once|temporarily|briefly)\b")
_KIN_TITLE = re.compile(r"^(Uncle|Aunt|Auntie|Grandma|Grandpa|Granny)\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Clause:
    """What is said of somebody who can be named."""

    subject: CandidateEntity
    says: str
    """From the verb on, shortened forms written out."""
    own: bool
    """The speaker says it of themselves."""
    besides: bool = False
    """It comes on top of what holds already: "I also work at"."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """What is said of something that is the speaker's: "my cat is called Milo"."""

    says: str
    """What follows "my", or "Anna's"."""
    owner: CandidateEntity


def clauses(
    sentence: str, speaker: CandidateEntity, people: People
) -> Iterator[Clause | Belonging]:
    """Yield the clauses whose subject is the speaker, something of theirs, or somebody by name.

    Whom they name is noted in ``people``, so that a pronoun behind can mean them.
    """
    subject: CandidateEntity | None = None
    _note_others(sentence, people)
    for piece in _BREAK.split(written_out(sentence)):
        said = _without_opening(piece)
        if own := _SUBJECT.match(said):
            subject = speaker
            says = said[own.end() :]
            besides = _ON_TOP.match(says) is not None
            yield Clause(speaker, without_adverbs(says), own=True, besides=besides)
        elif mine := _MY.match(said):
            belonging = _WHICH_ONE.sub("", said[mine.end() :])
            yield Belonging(belonging, speaker)
            subject, says = _somebody_of_mine(belonging, speaker, people)
            if subject is not None:
                yield _of_theirs(says, subject) or Clause(subject, without_adverbs(says), own=False)
        elif theirs := _named_owner(said):
            subject = theirs.owner
            yield theirs
        elif (pronoun := _PRONOUN.match(said)) and (meant := people.meant(pronoun.group(1))):
            subject = meant
            yield Clause(meant, without_adverbs(said[pronoun.end() :]), own=False)
        elif named := _named(said):
            subject = CandidateEntity(name=named, kind="PERSON")
            people.note(named, _title_of(said))
            yield Clause(subject, _behind(said, subject), own=False)
        elif pronoun:
            subject = None
        elif subject is not None and said[:1].islower():
            yield Clause(subject, without_adverbs(said), own=subject is speaker)


def _note_others(sentence: str, people: People) -> None:
    """Note those who are no subject, and whom a pronoun can mean all the same."""
    for beside in _BESIDE.finditer(sentence):
        people.note(beside["name"])


def written_out(sentence: str) -> str:
    """Return a sentence without shortened verbs and its last mark."""
    plain = sentence.replace("’", "'").rstrip(" .!")
    for pattern, whole in _SHORT:
        plain = pattern.sub(whole, plain)
    return plain


def without_adverbs(text: str) -> str:
    words = text.split(" ")
    n = 0
    while n < len(words) - 1 and is_adverb(words[n]) and words[n] not in {"never", "not", "only"}:
        n += 1
    return " ".join(words[n:])


_OPENING = re.compile(
    r"^(?:and|so|also|now|then|currently|recently|these days|at the moment|right now|yesterday|today|[a-z]+ly,"
    r"|(?:last|this) \w+|in (?:\w+ )?(?:19|20)\d\d|since \S+ (?:years|months)|since \S+|years ago)\b,?\s+(?=\S)",
    re.IGNORECASE,
)


def _without_opening(piece: str) -> str:
    return _OPENING.sub("", piece.strip())


def _somebody_of_mine(
    said: str, speaker: CandidateEntity, people: People
) -> tuple[CandidateEntity | None, str]:
    """Return Anna of "sister Anna lives in Oslo", or the speaker's wife, and what is said of them."""
    noun, _, rest = said.partition(" ")
    noun, comma = noun.rstrip(","), noun.endswith(",")
    if noun.endswith("'s"):
        noun, rest = noun.removesuffix("'s"), f"'s {rest}"
    if noun.lower() not in KIN and people.kin(noun.lower(), speaker) is None:
        return None, ""
    name, _ = read_name(split(rest))
    if name:
        people.note(name, noun.lower())
        behind = rest[rest.find(name) + len(name) :].strip()
        return CandidateEntity(name=name, kind="PERSON"), behind.lstrip(", ") if comma else behind
    return (None if comma else people.kin(noun.lower(), speaker)), rest


def _of_theirs(says: str, owner: CandidateEntity) -> Belonging | None:
    """Return what is said of something that belongs to somebody: "'s birthday is in May"."""
    if not says.startswith("'s ") or says.startswith("'s name "):
        return None
    return Belonging(says[3:], owner)


def _named_owner(said: str) -> Belonging | None:
    name, taken = read_name(split(said))
    if not name or taken > 2 or not said.startswith(f"{name}'s "):
        return None
    return _of_theirs(said[len(name) :], CandidateEntity(name=name, kind="PERSON"))


def _title_of(said: str) -> str:
    """Return the "uncle" of "Uncle Pedro"."""
    title = _KIN_TITLE.match(said)
    return title.group(1).lower() if title else ""


_AFTER_A_NAME = re.compile(r"^(?:'s\b|[,)]|(?:and|or)\b)")


def _named(said: str) -> str | None:
    """Return the name at the beginning, where a verb seems to follow it."""
    title = _KIN_TITLE.match(said)
    words = split(said[title.end() :] if title else said)
    name, taken = read_name(words)
    if not name or taken >= len(words) or words[taken - 1].endswith("'s"):
        return None
    return name if words[taken][0].islower() and not _AFTER_A_NAME.match(words[taken]) else None


def _behind(said: str, subject: CandidateEntity) -> str:
    place = said.find(subject.name)
    return without_adverbs(said[place + len(subject.name) :].strip())
