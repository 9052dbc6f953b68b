"""What was said before and after: the turns of each session in order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.growing import Growing

STRETCH = 32
"""Turns that are scored as one piece of conversation."""
NOBODY = -1
"""In place of a neighbour, where there is none."""

Place = tuple[int, str]
"""(when it was said, its source's id or its own): the order of a session's turns, where what was
derived from a turn stands beside it."""


@dataclass(slots=True)
class _Session:
    turns: list[tuple[Place, int]] = field(default_factory=list)
    stretches: list[int] = field(default_factory=list)


class Sessions:
    """Neighbours and stretches by memory number; a memory without session has neither."""

    def __init__(self) -> None:
        self._before = Growing(np.int32)
        self._after = Growing(np.int32)
        self._stretch = Growing(np.int32)
        self._sessions: dict[Hashable, _Session] = {}
        self._where: dict[int, tuple[Hashable, Place]] = {}
        self.stretches = 0
        """How many stretches there are."""

    @property
    def before(self) -> NDArray[np.int32]:
        return self._before.held

    @property
    def after(self) -> NDArray[np.int32]:
        return self._after.held

    @property
    def stretch(self) -> NDArray[np.int32]:
        return self._stretch.held

    @property
    def nbytes(self) -> int:
        arrays = self._before.nbytes + self._after.nbytes + self._stretch.nbytes
        return arrays + 300 * len(self._where)

    def add(self, doc: int, session: Hashable | None, place: Place) -> None:
        """Take in the next memory number, in its place among the turns of ``session``."""
        for links in (self._before, self._after, self._stretch):
            links.append(NOBODY)
        if session is None:
            return
        known = self._sessions.setdefault(session, _Session())
        at = bisect_left(known.turns, (place, doc))
        known.turns.insert(at, (place, doc))
        self._where[doc] = (session, place)
        self._settle(known, at)

    def remove(self, doc: int) -> None:
        """Take a memory out; those around it become neighbours."""
        session, place = self._where.pop(doc, (None, (0, "")))
        if session is None:
            return
        known = self._sessions[session]
        at = bisect_left(known.turns, (place, doc))
        del known.turns[at]
        self.before[doc] = self.after[doc] = self.stretch[doc] = NOBODY
        if known.turns:
            self._settle(known, at)
        else:
            del self._sessions[session]

    def _settle(self, session: _Session, at: int) -> None:
        """Link the turns around ``at``, and count stretches anew from there on."""
        turns = session.turns
        for place in range(max(0, at - 1), min(len(turns), at + 2)):
            doc = turns[place][1]
            self.before[doc] = turns[place - 1][1] if place else NOBODY
            self.after[doc] = turns[place + 1][1] if place + 1 < len(turns) else NOBODY
        while len(session.stretches) * STRETCH < len(turns):
            session.stretches.append(self.stretches)
            self.stretches += 1
        for place in range(at, len(turns)):
            self.stretch[turns[place][1]] = session.stretches[place // STRETCH]
