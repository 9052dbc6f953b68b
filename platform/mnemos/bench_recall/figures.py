"""From rankings to figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean

from mnemos.bench_recall.dataset import Category, Query

_TOKEN = re.compile(r"\w+|[^\w\s]")
_DEPTHS = (5, 10, 20)
_BUDGETS = (500, 1_000, 2_000)
_APART = Category.ADVERSARIAL.name.lower()


def tokens(line: str) -> int:
    return len(_TOKEN.findall(line))


@dataclass(frozen=True, slots=True)
class Scored:
    """How well one question was answered; every figure from 0 to 1."""

    conversation: str
    kind: str
    figures: Mapping[str, float]
    marks: frozenset[str] = frozenset()


def scored(
    conversation: str, query: Query, ranking: Sequence[str], costs: Mapping[str, int]
) -> Scored:
    """Score a ranking of turns by name, the best first; ``costs`` has the tokens of each."""
    figures = {f"recall@{depth}": _share(query, ranking[:depth]) for depth in _DEPTHS} | {
        "mrr": _first(query, ranking)
    }
    for budget in _BUDGETS:
        figures[f"within_{budget}_tokens"] = _share(query, _within(ranking, costs, budget))
    return Scored(conversation, query.kind, figures, query.marks)


def _share(query: Query, found: Iterable[str]) -> float:
    return len(query.evidence.intersection(found)) / len(query.evidence)


def _first(query: Query, ranking: Sequence[str]) -> float:
    places = (place for place, name in enumerate(ranking, start=1) if name in query.evidence)
    return 1 / next(places, float("inf"))


def _within(ranking: Sequence[str], costs: Mapping[str, int], budget: int) -> list[str]:
    found: list[str] = []
    for name in ranking:
        budget -= costs[name]
        if budget < 0:
            break
        found.append(name)
    return found


@dataclass(frozen=True, slots=True)
class Summary:
    questions: int
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way of searching reached; adversarial questions count only under their own name."""

    mean_of_conversations: Mapping[str, float]
    all_questions: Summary
    categories: Mapping[str, Summary] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def summed(results: Sequence[Scored]) -> Figures:
    """Return the means of ``results``: of each kind, of all questions, and of conversations."""
    plain = [each for each in results if each.kind != _APART]
    conversations = dict.fromkeys(each.conversation for each in plain)
    means = [
        _mean([each for each in plain if each.conversation == name]).figures
        for name in conversations
    ]
    names = means[0] if means else {}
    return Figures(
        {name: round(fmean(mean[name] for mean in means), 4) for name in names},
        _mean(plain),
        {
            kind: _mean([each for each in results if each.kind == kind])
            for kind in sorted({each.kind for each in results}, key=_place)
        },
    )


def _place(kind: str) -> tuple[int, str]:
    """Return where a kind is named: LoCoMo's in its order, then others by name."""
    known = [category.name.lower() for category in Category]
    return (known.index(kind) if kind in known else len(known), kind)


def _mean(results: Sequence[Scored]) -> Summary:
    names = results[0].figures if results else {}
    return Summary(
        len(results),
        {name: round(fmean(each.figures[name] for each in results), 4) for name in names},
    )
