"""What a score is worth: how often hits are evidence, by their score; and the curves fitted anew.

A curve has two parts, each fitted by maximum likelihood: whether a question has an answer, over its
grounds, and which hits are evidence where it has one, over their sums and what competes with them.
Of the questions without an answer our own are weighed up, to be heard beside the many that were
moved from one conversation to another, and so that four fifths of them stay silent. Figures that
are called left out are of a conversation, or a fifth of our own questions, that the curve was not
fitted on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnemos.bench_recall import dataset
from mnemos_graph.memory.recall.relevance import CURVES, SECOND_CURVE, Curve
from tests.benchmarks import conversations
from tests.benchmarks.answers import WAYS, Asked, asked
from tests.benchmarks.figures import Figure
from tests.benchmarks.recall_own import LIKELY

ABOUT = "What scores are worth"
EDGES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
FOLDS = 5
UNANSWERED_COUNTS = 8
TRADED = (0.1, 0.2, LIKELY, 0.4, 0.5)
"""Scores at which it is counted who stays silent."""
_STEPS = 100
_LONGEST_STEP = 1.0
_RESTRAINT = 1.0
GROUNDS = {
    "second look": ("apart", "near", "missing", "uncovered", "unlike"),
    "hybrid": ("apart", "missing", "unlike"),
    "text": ("missing", "unlike"),
    "vector": ("apart", "missing", "unlike"),
}
"""What tells whether a question is answered, in each way to rank."""

Values = NDArray[np.float64]


def logistic(rows: Values, right: Values, counts: Values) -> Values:
    """Return the weights under which what was right is most likely; the last column is constant."""
    scale = rows.std(axis=0)
    scale[scale == 0] = 1.0
    plain, weights = rows / scale, np.zeros(rows.shape[1])
    restraint = _RESTRAINT * np.eye(len(weights))
    restraint[-1, -1] = 0.0
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(plain @ weights, -40, 40)))
        slope = plain.T @ ((right - chance) * counts) - restraint @ weights
        bend = (plain * (chance * (1 - chance) * counts)[:, None]).T @ plain + restraint
        step = np.linalg.solve(bend, slope)
        weights += step * min(1.0, _LONGEST_STEP / float(np.abs(step).max()))
    found: Values = weights / scale
    return found


def fitted(way: str, questions: Sequence[Asked]) -> Curve:
    """Return the curve under which what was answered, and what was evidence, is most likely."""
    told = [each for each in questions if each.right]
    names = GROUNDS[way]
    rows = np.array([[*_of(each, names), 1.0] for each in told])
    counts = [UNANSWERED_COUNTS if each.ours and not each.answered else 1 for each in told]
    first = logistic(rows, np.array([each.answered for each in told]), np.array(counts))
    hits = [
        (hit.total, each.ranking.grounds.crowd, 1.0, right)
        for each in told
        if each.answered
        for hit, right in zip(each.ranking.best, each.right, strict=True)
    ]
    second = logistic(
        np.array([row[:3] for row in hits]), np.array([row[3] for row in hits]), np.ones(len(hits))
    )
    rounded = [round(float(weight), 3) for weight in (*second, *first)]
    return Curve(**dict(zip(("slope", "crowd", "hit", *names, "answered"), rounded, strict=True)))


def _of(each: Asked, names: Sequence[str]) -> list[float]:
    return [getattr(each.ranking.grounds, name) for name in names]


def left_out(way: str, questions: Sequence[Asked]) -> list[tuple[Curve, list[Asked]]]:
    """Return each fold with the curve that was fitted on the others."""
    number = dict.fromkeys(each.conversation for each in questions if not each.ours)
    places = {name: place % FOLDS for place, name in enumerate(number)}
    folds: list[list[Asked]] = [[] for _ in range(FOLDS)]
    for place, each in enumerate(questions):
        folds[place % FOLDS if each.ours else places[each.conversation]].append(each)
    found = []
    for held in folds:
        others = [each for fold in folds if fold is not held for each in fold]
        found.append((fitted(way, others), held))
    return found


def chances(curve: Curve, each: Asked) -> Values:
    ranking = each.ranking
    return np.array([curve.chance(hit.total, ranking.grounds) for hit in ranking.best])


Fold = tuple[Curve, Sequence[Asked]]
"""A curve, and questions that it is asked about."""


def highest(folds: Sequence[Fold], *, ours: bool, answered: bool) -> Values:
    """Return the score of the best hit to each of the questions of a kind."""
    return np.array(
        [
            chances(curve, each).max(initial=0.0)
            for curve, held in folds
            for each in held
            if each.ours is ours and each.answered is answered
        ]
    )


def reliability(folds: Sequence[Fold]) -> Iterator[Figure]:
    scores = np.concatenate([chances(curve, each) for curve, held in folds for each in held])
    right = np.concatenate([np.array(each.right) for _, held in folds for each in held])
    for low, high in pairwise(EDGES):
        here = (scores >= low) & (scores < high)
        if here.any():
            yield Figure(
                what=f"left out: evidence among hits that score {low:g} to {high:g} ({here.sum():,} hits)",
                value=float(right[here].mean()) * 100,
                unit="%",
                goal="the mean score",
                baseline="their mean score",
                baseline_value=float(scores[here].mean()) * 100,
            )


def silences(what: str, folds: Sequence[Fold], *least: float) -> Iterator[Figure]:
    """Yield how many questions get no hit that scores ``least``, without an answer and with one."""
    for ours, whose in ((True, "of our own"), (False, "asked in another conversation")):
        without = highest(folds, ours=ours, answered=False)
        having = highest(folds, ours=ours, answered=True)
        for score in least:
            yield Figure(
                what=f"{what}: questions without an answer, {whose}, to which no hit scores {score:g}",
                value=float((without < score).mean()) * 100,
                unit="%",
                goal="≥ 80 %" if score == LIKELY else "",
                baseline="questions with an answer to which none does",
                baseline_value=float((having < score).mean()) * 100,
            )


def separation(folds: Sequence[Fold]) -> Iterator[Figure]:
    """Yield how often a question with an answer is thought likelier to have one than one without."""
    for ours, whose in ((True, "our own"), (False, "of conversations")):
        chances_of = {
            answered: np.array(
                [
                    curve.answerable(each.ranking.grounds)
                    for curve, held in folds
                    for each in held
                    if each.ours is ours and each.answered is answered
                ]
            )
            for answered in (True, False)
        }
        likelier = chances_of[True][:, None] > chances_of[False][None, :]
        yield Figure(
            what=f"left out: of two questions {whose}, the answered one is thought likelier to be",
            value=float(likelier.mean()) * 100,
            unit="%",
        )


async def figures(folder: Path) -> list[Figure]:
    questions = await asked(folder, dataset.read(conversations.path()))
    found: list[Figure] = []
    for way, (strategy, again) in WAYS.items():
        of_it = [each for each in questions if each.way == way]
        standing = SECOND_CURVE if again else CURVES[strategy]
        apart = left_out(way, of_it)
        found += silences(f"{way}, left out", apart, *(TRADED if again else (LIKELY,)))
        found += silences(f"{way}, in use", [(standing, of_it)], LIKELY)
        if again:
            found += reliability(apart)
            found += separation(apart)
        found += constants(way, fitted(way, of_it), standing)
    return found


def constants(way: str, anew: Curve, standing: Curve) -> Iterator[Figure]:
    for each, now, then in zip(fields(Curve), astuple(anew), astuple(standing), strict=True):
        yield Figure(
            what=f"{way}: {each.name} of the curve, fitted anew",
            value=now,
            unit="",
            baseline="as it stands",
            baseline_value=then,
        )
