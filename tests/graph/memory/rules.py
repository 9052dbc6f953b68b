"""An extractor for tests, of a few fixed forms, that keeps the protocol."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from mnemos_graph.errors import Unavailable
from mnemos_graph.language.extractor import (
    CandidateEntity,
    CandidateFact,
    CandidateMemory,
    Extraction,
    Readings,
    Turn,
)
from mnemos_graph.model import Ontology

_FORMS = {
    "lives_in": re.compile(r"(?:live|lived|moved) (?:in|to) (\w+)"),
    "works_at": re.compile(r"work (?:at|for) (\w+)"),
    "likes": re.compile(r"like (\w+)"),
}
_SINCE = re.compile(r"since (\d{4})")
_BETWEEN = re.compile(r"from (\d{4}) to (\d{4})")


class Rules:
    """Every sentence is a memory; a few forms are facts of Ann."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        """So many calls fail, as if a model could not be reached."""

    async def extract(
        self,
        turns: Sequence[Turn],
        ontology: Ontology | None = None,
        readings: Readings | None = None,
    ) -> Sequence[Extraction]:
        if self.away:
            self.away -= 1
            raise Unavailable("The model is away.")
        return [_of(turn) for turn in turns]


def _of(turn: Turn) -> Extraction:
    sentences = [each.strip() for each in turn.text.split(".") if each.strip()]
    wishes = [each for each in sentences if each.startswith("Forget that ")]
    kept = [each for each in sentences if each not in wishes]
    return Extraction(
        memories=tuple(_memory(each) for each in kept),
        facts=tuple(fact for each in kept for fact in _facts(each)),
        forget=tuple(each.removeprefix("Forget that ") for each in wishes),
    )


def _memory(sentence: str) -> CandidateMemory:
    return CandidateMemory(text=sentence.replace("I ", "Ann ", 1), quote=sentence)


def _facts(sentence: str) -> list[CandidateFact]:
    since, between = _SINCE.search(sentence), _BETWEEN.search(sentence)
    start = since or between
    return [
        CandidateFact(
            subject=CandidateEntity(name="Ann", kind="PERSON"),
            predicate=predicate,
            object=CandidateEntity(name=match.group(1)),
            statement=sentence.replace("I ", "Ann ", 1),
            valid_from=_year(start.group(1)) if start else None,
            valid_to=_year(between.group(2)) if between else None,
            ended="no longer" in sentence,
            quote=sentence,
        )
        for predicate, form in _FORMS.items()
        if (match := form.search(sentence))
    ]


def _year(year: str) -> datetime:
    return datetime(int(year), 1, 1, tzinfo=UTC)
