"""How near to the times that a question names each memory is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.partition import ABSENT_INSTANT, PartitionIndex
from mnemos_graph.model.instants import micros

_DAY = 86_400_000_000.0
_SHORTEST_DAYS = 1.0
_FADING = 0.5
"""How far beyond a period something still counts, as a share of the period's length."""
_OUTSIDE = 0.9
"""The most that something counts beyond a period."""
_THROUGHOUT = 0.5
"""What holds all through a period says less about it than what began or ended in it."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Period:
    """[begin, until); None: it is open on that side."""

    begin: datetime | None
    until: datetime | None


def nearness(index: PartitionIndex, periods: Sequence[Period]) -> Values:
    """Return for each memory how near it is to the nearest of ``periods``: 1 within, less beyond.

    A memory counts from when it was said, or by when what it says began, ended or held.
    """
    found = np.zeros(len(index))
    for period in periods:
        np.maximum(found, _said(index, period), out=found)
        np.maximum(found, _held(index, period), out=found)
    return found


def _said(index: PartitionIndex, period: Period) -> Values:
    moments = index.moments.held.astype(np.float64)
    begin, until = _ends(period)
    away = np.maximum(np.maximum(begin - moments, moments - until), 0.0) / _DAY
    closed = period.begin is not None and period.until is not None
    length = (until - begin) / _DAY if closed else _SHORTEST_DAYS
    near: Values = _OUTSIDE * np.exp(-away / max(length * _FADING, _SHORTEST_DAYS))
    return np.where((moments >= begin) & (moments < until), 1.0, near)


def _held(index: PartitionIndex, period: Period) -> Values:
    begin, until = _ends(period)
    since, ended = index.instants["valid_from"].held, index.instants["valid_to"].held
    has_since, has_ended = since != ABSENT_INSTANT, ended != ABSENT_INSTANT
    began = has_since & (since >= begin) & (since < until)
    stopped = has_ended & (ended >= begin) & (ended < until)
    through = has_since & (since < until) & (~has_ended | (ended > begin))
    return np.where(began | stopped, 1.0, np.where(through, _THROUGHOUT, 0.0))


def _ends(period: Period) -> tuple[float, float]:
    begin = -np.inf if period.begin is None else float(micros(period.begin))
    return begin, np.inf if period.until is None else float(micros(period.until))
