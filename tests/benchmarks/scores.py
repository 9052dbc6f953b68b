"""What a score is worth: how often hits are evidence, by their score; and the curve fitted anew.

The curve is a logistic one over the sum of signals and the grounds of the question, less the
logarithm of how much was ranked, fitted by maximum likelihood. A question of our own without an
answer counts as five, so that about as many of ours that it learns from have none as have one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnemos.bench_recall import dataset
from mnemos_graph.index.comparing import BACKGROUND
from mnemos_graph.memory.recall.relevance import CURVES, SECOND_CURVE, Curve
from tests.benchmarks import conversations
from tests.benchmarks.answers import WAYS, Asked, asked
from tests.benchmarks.figures import Figure
from tests.benchmarks.recall_own import LIKELY

ABOUT = "What scores are worth"
EDGES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
UNANSWERED_COUNTS = 5
_STEPS = 300
_LONGEST_STEP = 0.5

Values = NDArray[np.float64]


def features(each: Asked) -> Values:
    """Return a row for each hit, in the order of a curve's fields."""
    grounds = each.ranking.grounds
    shared = (1.0, grounds.alike, grounds.close, grounds.missing)
    return np.array([(hit.total, *shared) for hit in each.ranking.best])


def fitted(questions: Sequence[Asked]) -> Curve:
    """Return the curve under which what was evidence, and was not, is most likely."""
    counted = [
        each
        for each in questions
        if each.right
        for _ in range(UNANSWERED_COUNTS if each.ours and not each.answered else 1)
    ]
    rows = np.concatenate([features(each) for each in counted])
    right = np.concatenate([np.array(each.right, np.float64) for each in counted])
    size = np.concatenate(
        [np.full(len(each.right), math.log(each.ranking.among + BACKGROUND)) for each in counted]
    )
    weights = np.zeros(rows.shape[1])
    weights[0] = LIKELY
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(size - rows @ weights))
        slope = rows.T @ (right - chance)
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows + 1e-3 * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights += step * min(1.0, _LONGEST_STEP / float(np.abs(step).max()))
    return Curve(*(round(float(weight), 3) for weight in weights))


def chances(curve: Curve, each: Asked) -> Values:
    ranking = each.ranking
    return np.array(
        [curve.chance(hit.total, ranking.among, ranking.grounds) for hit in ranking.best]
    )


def silent(curve: Curve, questions: Sequence[Asked]) -> float:
    """Return the share of the questions to which no hit is said to be an answer."""
    return float(np.mean([chances(curve, each).max(initial=0.0) < LIKELY for each in questions]))


def reliability(curve: Curve, questions: Sequence[Asked]) -> Iterator[Figure]:
    scores = np.concatenate([chances(curve, each) for each in questions])
    right = np.concatenate([np.array(each.right) for each in questions])
    for low, high in pairwise(EDGES):
        here = (scores >= low) & (scores < high)
        if here.any():
            yield Figure(
                what=f"evidence among hits that score {low:g} to {high:g} ({here.sum():,} hits)",
                value=float(right[here].mean()) * 100,
                unit="%",
                goal="the mean score",
                baseline="their mean score",
                baseline_value=float(scores[here].mean()) * 100,
            )


def silences(curve: Curve, questions: Sequence[Asked]) -> Iterator[Figure]:
    for ours, whose in ((True, "of our own"), (False, "asked in another conversation")):
        without = [each for each in questions if each.ours is ours and not each.answered]
        having = [each for each in questions if each.ours is ours and each.answered]
        yield Figure(
            what=f"questions without an answer, {whose}, to which no hit scores {LIKELY:g}",
            value=silent(curve, without) * 100,
            unit="%",
            goal="≥ 80 %",
            baseline="questions with an answer to which none does",
            baseline_value=silent(curve, having) * 100,
        )


async def figures(folder: Path) -> list[Figure]:
    questions = await asked(folder, dataset.read(conversations.path()))
    best = [each for each in questions if each.way == "second look"]
    found = [*silences(SECOND_CURVE, best), *reliability(SECOND_CURVE, best)]
    for way, (strategy, again) in WAYS.items():
        of_it = [each for each in questions if each.way == way]
        found += constants(way, fitted(of_it), SECOND_CURVE if again else CURVES[strategy])
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
