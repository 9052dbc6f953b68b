"""What was said before and after: the turns of each session in order."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.growing import Growing

STRETCH = 32
"""Turns that are scored as one piece of conversation."""
NOBODY = -1
"""In place of a neighbour, where there is none."""
_SESSION = 600
"""Bytes that a session takes besides its turns: its name, its own arrays."""
_SOURCE = 100
"""Bytes that a turn's source takes."""

Place = tuple[int, str]
"""(when it was said, its source's id or its own): the order of a session's turns, where what was
derived from a turn stands beside it."""


@dataclass(slots=True)
class _Session:
    turns: array[int] = field(default_factory=lambda: array("i"))
    """Memory numbers, in the order of their places."""
    stretches: list[int] = field(default_factory=list)


class Sessions:
    """Neighbours and stretches by memory number; a memory without session has neither."""

    def __init__(self) -> None:
        self._before = Growing(np.int32)
        self._after = Growing(np.int32)
        self._stretch = Growing(np.int32)
        self._which = Growing(np.int32)
        self._said = Growing(np.int64)
        self._sources: list[str] = []
        self._codes: dict[Hashable, int] = {}
        self._sessions: list[_Session] = []
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
        arrays = sum(each.nbytes for each in self._arrays)
        return arrays + _SOURCE * len(self._sources) + _SESSION * len(self._sessions)

    def extend(self, told: Sequence[tuple[Hashable | None, Place]]) -> None:
        """Take in the next memory numbers, each in its place among the turns of its session."""
        first, count = len(self._sources), len(told)
        for links in (self._before, self._after, self._stretch):
            links.extend(np.full(count, NOBODY))
        self._which.extend([self._code(session) for session, _ in told])
        self._said.extend([said for _, (said, _) in told])
        self._sources += [source for _, (_, source) in told]
        for doc, which in enumerate(self._which.held[first:].tolist(), first):
            if which != NOBODY:
                session = self._sessions[which]
                at = bisect_left(session.turns, self._place(doc), key=self._place)
                session.turns.insert(at, doc)
                self._settle(session, at)

    def remove(self, doc: int) -> None:
        """Take a memory out; those around it become neighbours."""
        which = int(self._which.held[doc])
        if which == NOBODY:
            return
        session = self._sessions[which]
        at = bisect_left(session.turns, self._place(doc), key=self._place)
        del session.turns[at]
        for links in (self.before, self.after, self.stretch, self._which.held):
            links[doc] = NOBODY
        self._settle(session, at)

    def settle(self) -> None:
        """Give back the room for more."""
        for each in self._arrays:
            each.settle()

    @property
    def _arrays(self) -> Sequence[Growing[Any]]:
        return (self._before, self._after, self._stretch, self._which, self._said)

    def _code(self, session: Hashable | None) -> int:
        if session is None:
            return NOBODY
        code = self._codes.setdefault(session, len(self._sessions))
        if code == len(self._sessions):
            self._sessions.append(_Session())
        return code

    def _place(self, doc: int) -> tuple[int, str, int]:
        return int(self._said.held[doc]), self._sources[doc], doc

    def _settle(self, session: _Session, at: int) -> None:
        """Link the turns around ``at``, and count stretches anew from there on."""
        turns = session.turns
        for place in range(max(0, at - 1), min(len(turns), at + 2)):
            doc = turns[place]
            self.before[doc] = turns[place - 1] if place else NOBODY
            self.after[doc] = turns[place + 1] if place + 1 < len(turns) else NOBODY
        while len(session.stretches) * STRETCH < len(turns):
            session.stretches.append(self.stretches)
            self.stretches += 1
        for place in range(at, len(turns)):
            self.stretch[turns[place]] = session.stretches[place // STRETCH]
