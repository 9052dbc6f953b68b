"""What a question is about: its words, and whom it names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mnemos_graph.index.postings import Term
from mnemos_graph.model.words import fold, words

_PLAIN = re.compile(r"[^\W_]+")
_OWNER = re.compile(r"['’]s\b")

_SILENT = """
a about above after again all also am an and any are aren't as at be been before being below between
both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each
ever few for from further get gets getting got had hadn't has hasn't have haven't having he he'd
he'll he's her here hers herself him himself his how how's i i'd i'll i'm i've if in into is isn't
it it's its itself let let's many may me might more most much must my myself no nor not of off on
once only or other our ours ourselves out over own same shall she she'd she'll she's should
shouldn't so some such than that that's the their theirs them themselves then there there's these
they they'd they'll they're they've this those through to too under until up us very was wasn't we
we'd we'll we're we've were weren't what what's when when's where where's which while who who's whom
whose why why's will with won't would wouldn't you you'd you'll you're you've your yours yourself
yourselves
"""
STOP_WORDS = frozenset(words(_SILENT))
_MOST_WORDS = 64
"""Of a question, in which names are looked for."""
_FIRST_PERSON = frozenset({"i", "me", "my", "mine", "myself"})


def terms(question: str) -> tuple[Term, ...]:
    """Return the question's words without stop words and repeats; all, if nothing else is left."""
    asked = list(dict.fromkeys(words(question)))
    telling = [word for word in asked if word not in STOP_WORDS]
    return tuple(hash(word) for word in telling or asked)


def telling_words(question: str) -> str:
    """Return the question without its stop words, as text for a full-text search."""
    asked = list(dict.fromkeys(words(question)))
    return " ".join([word for word in asked if word not in STOP_WORDS] or asked)


def plain_words(text: str) -> list[str]:
    """Return the words of a question or a name, folded, without a closing ``'s``."""
    return _PLAIN.findall(_OWNER.sub("", fold(text)))


def asks_of_oneself(question: str) -> bool:
    return not _FIRST_PERSON.isdisjoint(plain_words(question))


class Names:
    """Names of people, to be found in questions."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, dict[str, list[str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Know ``name``, which is folded, as well."""
        parts = plain_words(name)
        if parts:
            self._by_first.setdefault(parts[0], {})[name] = parts

    def within(self, question: str) -> frozenset[str]:
        """Return the names that the question has: whole, or the first name where it tells enough."""
        asked = plain_words(question)
        found: set[str] = set()
        for place, word in enumerate(asked):
            sharing = self._by_first.get(word, {})
            whole = [
                name for name, parts in sharing.items() if asked[place:][: len(parts)] == parts
            ]
            if whole:
                found.add(max(whole, key=len))
            elif len(sharing) == 1 and word not in STOP_WORDS:
                found |= sharing.keys()
        return frozenset(found)


def phrases(question: str, longest: int = 3) -> tuple[str, ...]:
    """Return every run of 1 to ``longest`` words that may be a name: no stop word at its ends."""
    asked = plain_words(question)[:_MOST_WORDS]
    silent = [word in STOP_WORDS for word in asked]
    runs = (
        " ".join(asked[first : first + length])
        for length in range(1, longest + 1)
        for first in range(len(asked) - length + 1)
        if not silent[first] and not silent[first + length - 1]
    )
    return tuple(dict.fromkeys(runs))
