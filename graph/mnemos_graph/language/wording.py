"""Whether two sentences say one thing in other words, as far as their words can show.

Vectors do not see it: "bought a bicycle" and "sold a bicycle", "every Monday" and "every Friday",
"tea rather than coffee" and the reverse lie as close together as what means the same. So what one
sentence has and the other has not must be other words for one another, tense and order the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from mnemos_graph.language.similarity import WORDS_FOR_NUMBERS, agree
from mnemos_graph.model.words import fold, words

_OTHER_WORDS = """
love adore
like enjoy
afraid scared frightened
live reside dwell
bought purchased
began started
big large
bike bicycle
film movie
car automobile
doctor physician
phone telephone
child kid children
job work occupation
colleague coworker
near close
unwell ill sick
wish want
frequently often
regularly usually
quick fast rapid
glad happy
mum mom mother
dad father
flat apartment
holiday vacation
autumn fall
football soccer
shop store
each every
"""
_EMPTY = """
a an the this that these those is are am be being of to and also too very really quite just so
currently now still as it its there at in on has have having do does got name named call called 's user's
"""
_TENSES = frozenset(
    [
        *("was", "were", "had", "did", "been", "will", "would", "shall", "should", "could"),
        *("may", "might", "used", "going", "ago"),
    ]
)
_PAST = re.compile(r"\w{2,}ed\b")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_EMPTY_WORDS = frozenset(words(_EMPTY)) | frozenset({"s"})
_FIGURE = re.compile(r"\d+(?:st|nd|rd|th)?")
_MONTHS = frozenset(
    words(
        "january february march april may june july august september october november december "
        "jan feb mar apr jun jul aug sep sept oct nov dec"
    )
)
_FIGURES = frozenset(words(" ".join(WORDS_FOR_NUMBERS)))
_LEAST_TURNED = 3
"""Words from which on a list can begin elsewhere: two in another order are the other way round."""
_MEANINGS: dict[str, int] = {
    word: number for number, line in enumerate(_OTHER_WORDS.split("\n")) for word in words(line)
}


def one_thing(one: str, other: str) -> bool:
    """Return whether nothing in two sentences says that they mean different things.

    Where only one has words that the other has not, it says more; where both have, these must be
    other words for the same.
    """
    return (
        agree(one, other) and _one_tense(one, other) and _is_turned(_telling(one), _telling(other))
    )


def says_more(one: str, other: str) -> bool:
    """Return whether the first of two sentences that say one thing says more than the second."""
    return len(_alone(_telling(one), _telling(other))) > len(_alone(_telling(other), _telling(one)))


def _one_tense(one: str, other: str) -> bool:
    """Return whether no word is in the past in one sentence and in the present in the other."""
    marks, others = (frozenset(_WORD.findall(fold(text))) & _TENSES for text in (one, other))
    mine, theirs = (frozenset(words(" ".join(_PAST.findall(fold(text))))) for text in (one, other))
    both = frozenset(words(one)) & frozenset(words(other))
    return marks == others and mine & both == theirs & both


def _telling(text: str) -> list[str]:
    found = [_meaning(word) for word in words(text) if word not in _EMPTY_WORDS]
    beside = zip(("", *found), found, (*found[1:], ""), strict=False)
    return [
        word
        for before, word, behind in beside
        if word != "#" or not _MONTHS & {before, behind}  # "12 May" is "May 12"
    ]


def _meaning(word: str) -> str:
    """Return what all words for the same are written as here; figures are compared elsewhere."""
    if _FIGURE.fullmatch(word) or word in _FIGURES:
        return "#"
    number = _MEANINGS.get(word)
    return word if number is None else f"={number}"


def _alone(mine: Sequence[str], theirs: Collection[str]) -> list[str]:
    return [word for word in mine if word not in theirs]


def _is_turned(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether one list has the other's words, in their order but for where it begins."""
    if _alone(one, other) and _alone(other, one):
        return False
    shared = set(one) & set(other)
    mine = [word for word in one if word in shared]
    theirs = [word for word in other if word in shared]
    if mine == theirs:
        return True
    turns = (theirs[at:] + theirs[:at] for at in range(1, len(theirs)))
    return len(mine) >= _LEAST_TURNED and any(mine == turned for turned in turns)
