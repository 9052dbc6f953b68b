"""Relations by their verbs: what "lives in", "is a nurse at" and their like state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mnemos_graph.language.offline import dwelling, health, personal, tastes, things, working
from mnemos_graph.language.offline.lexicon import DIETS
from mnemos_graph.language.offline.stated import Stated, first_past, read_by

_ENDS_BEFORE = re.compile(
    r"^(?:no longer\s+|(?:do|does|am|is|are) no longer\s+|used to (?:be )?|(?:have |has )?stopped\s+|quit\s+(?=\w+ing\b))"
)
_NOT_ANY_MORE = re.compile(r"\b(?:any ?more|any longer)\b")
_DENIED = re.compile(
    r"^(?:(?:do|does|did|am|is|are|was|were|have|has|had) )?(?:not|never)\b|\bnever\b"
)
_RELATIONS = (
    *dwelling.RELATIONS,
    *working.RELATIONS,
    *personal.RELATIONS,
    *tastes.RELATIONS,
    *health.RELATIONS,
    *things.RELATIONS,
)


def relations(says: str, at: datetime, *, lower: bool) -> Iterator[Stated]:
    """Yield what a clause, from its verb on, states of its subject. ``at``: when it was said."""
    ending = _ENDS_BEFORE.match(says)
    if ending or _NOT_ANY_MORE.search(says):
        bare = _NOT_ANY_MORE.sub("", says[ending.end() :] if ending else _undenied(says)).strip()
        for stated in read_by(_RELATIONS, _present(bare), at, lower=lower):
            yield Stated(stated.predicate, stated.target, until=first_past(says, at), ended=True)
        return
    yield from tastes.dislikes(says)
    if not _DENIED.search(says):
        yield from read_by(_RELATIONS, says, at, lower=lower)
        yield from working.leaving(says, at)
        yield from personal.parting(says, at)
        yield from things.giving_away(says, at)
        yield from health.stopping(says, at)


def _undenied(says: str) -> str:
    return re.sub(r"^(?:do |does )?((?:am |is |are )?)not\s+", r"\1", says)


def _present(verb_phrase: str) -> str:
    if re.match(
        rf"(?:a|an|allergic|married|engaged|dating|fluent|from|{'|'.join(DIETS)})\b", verb_phrase
    ):
        return f"is {verb_phrase}"
    return re.sub(
        r"^(liv|work|study|play|lik|lov|enjoy|teach|us|tak|driv)ing\b", _plain, verb_phrase
    )


def _plain(match: re.Match[str]) -> str:
    stem = match.group(1)
    return f"{stem}e" if stem in {"liv", "lik", "lov", "us", "tak", "driv"} else stem
