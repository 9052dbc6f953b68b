"""Weights of signals learned from questions whose answers are known.

Each answer should stand before all that is none: the loss is the mean over questions and their
answers of how little of the weight the answer has beside those (a softmax), and a little is paid
for every large weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_STEPS, _RATE = 300, 0.1
_MOMENTUM, _SCALE = 0.9, 0.99
_RESTRAINT = 0.002


@dataclass(frozen=True)
class Asked:
    """One question with the memories that came up for it."""

    conversation: str
    names: Sequence[str]
    signals: Values
    """(memories, signals): what each signal said of each, made comparable."""
    answers: NDArray[np.bool_]
    """Which of the memories are answers."""


def learned(questions: Sequence[Asked]) -> Values:
    """Return one weight for each signal."""
    told = [each for each in questions if each.answers.any()]
    weights = np.zeros(told[0].signals.shape[1])
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        slope = sum(_slope(each, weights) for each in told) / len(told) + _RESTRAINT * weights
        mean = _MOMENTUM * mean + (1 - _MOMENTUM) * slope
        square = _SCALE * square + (1 - _SCALE) * slope**2
        size = np.sqrt(square / (1 - _SCALE**step)) + 1e-8
        weights = weights - _RATE * mean / (1 - _MOMENTUM**step) / size
    return weights


def _slope(asked: Asked, weights: Values) -> Values:
    """Return how the loss of one question changes with each weight."""
    sums = asked.signals @ weights
    strength = np.exp(sums - sums.max())
    others = np.where(asked.answers, 0.0, strength)
    beside = strength + others.sum()
    share = 1 / asked.answers.sum()
    pulls = np.where(asked.answers, share * (strength / beside - 1), 0.0)
    pulls += others * (share / beside[asked.answers]).sum()
    slope: Values = pulls @ asked.signals
    return slope
