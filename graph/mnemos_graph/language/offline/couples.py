"""Two people who marry or part: "Tom and I got engaged"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mnemos_graph.language.offline.dates import moments
from mnemos_graph.language.offline.lexicon import NEVER_NAMES
from mnemos_graph.language.offline.personal import parted
from mnemos_graph.language.offline.stated import Stated, person

_BOTH = re.compile(
    r"(?:\b(?P<a>[A-Z][\w-]+) and (?:I|me)|\b(?:[Mm]e|I) and (?P<b>[A-Z][\w-]+))\b,? "
    r"(?:(?:finally|just|recently|have|had|we|both|officially|are|were|got|decided to)\s+)*"
    r"(?P<what>married|engaged|broke up|broken up|break up|split up|separated|divorced|dating|together)\b"
    r"(?! (?:the|a|an|our|this|that|in|on|at work|friends)\b(?! (?:19|20|the|last|J|F|M|A|S|O|N|D)))"
)
_BECOME = {
    "married": "married_to",
    "engaged": "engaged_to",
    "dating": "partner",
    "together": "partner",
}


def couples(sentence: str, at: datetime) -> Iterator[Stated]:
    """Yield what a sentence about somebody and the speaker states of the speaker."""
    for found in _BOTH.finditer(sentence):
        name = found["a"] or found["b"]
        if name in NEVER_NAMES:
            continue
        predicate = _BECOME.get(found["what"])
        if predicate is None:
            yield from parted(name, sentence, at)
            continue
        dates = moments(sentence[found.end() :], at)
        since = dates[0].begin if dates else None
        if since is None or since <= at:
            yield Stated(predicate, person(name), since=since)
