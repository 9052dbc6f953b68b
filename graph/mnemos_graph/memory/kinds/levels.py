"""How far memories reach: up by use and importance, down where both are wanting.

A pure function of a memory, its uses and the time. The numbers are a policy: up takes use that goes
on (a use counts half after a month) of something that matters; down comes of importance that fades,
by half for every half a year in which nobody used or changed the memory. The wider a memory reaches,
the longer it stays. Between up and down lies enough that nothing goes to and fro.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from mnemos_graph.memory.kinds.uses import Use
from mnemos_graph.model import Memory, MemoryLevel, MemoryType, Origin

FADES = timedelta(days=180)
"""After so long without use or change, importance counts half."""


class Up(NamedTuple):
    to: MemoryLevel
    uses: float
    importance: float


class Down(NamedTuple):
    to: MemoryLevel
    below: float
    """Of importance, as it has faded."""


UP: Mapping[MemoryLevel, Up] = {
    MemoryLevel.CONTEXTUAL: Up(MemoryLevel.OPERATIONAL, 3, 0.4),
    MemoryLevel.OPERATIONAL: Up(MemoryLevel.TACTICAL, 8, 0.6),
    MemoryLevel.TACTICAL: Up(MemoryLevel.STRATEGIC, 20, 0.8),
}
DOWN: Mapping[MemoryLevel, Down] = {
    MemoryLevel.STRATEGIC: Down(MemoryLevel.TACTICAL, 0.0625),
    MemoryLevel.TACTICAL: Down(MemoryLevel.OPERATIONAL, 0.125),
    MemoryLevel.OPERATIONAL: Down(MemoryLevel.CONTEXTUAL, 0.25),
}
MOVING = tuple(each for each in MemoryType if each is not MemoryType.WORKING)
"""Types whose level moves: what is at hand in a session ends with it."""
_FORGOTTEN = frozenset({MemoryType.EPISODIC, MemoryType.SEMANTIC})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a memory: another level, or None: it is forgotten. And why."""

    level: MemoryLevel | None
    reason: str


@dataclass(frozen=True, slots=True)
class Levels:
    unused: timedelta | None = None
    """After so long without use or change, what was made of what was told, and has sunk to
    CONTEXTUAL, is forgotten; None: nothing is."""

    def verdict(self, memory: Memory, use: Use | None, now: datetime) -> Verdict | None:
        """Return what becomes of a memory now; None: it stays as it is.

        One that is pinned may rise, and never sinks or is forgotten.
        """
        strength = use.at(now) if use else 0.0
        up = UP.get(memory.level)
        if up and strength >= up.uses and memory.importance >= up.importance:
            return Verdict(up.to, f"used often: {_named(memory.level)} to {_named(up.to)}")
        if memory.pinned:
            return None
        idle = now - max(memory.updated_at, use.last if use else memory.updated_at)
        down = DOWN.get(memory.level)
        if down and memory.importance * 0.5 ** (idle / FADES) < down.below:
            unused = f"unused for {idle.days} days"
            return Verdict(down.to, f"{unused}: {_named(memory.level)} to {_named(down.to)}")
        if self._forgets(memory) and self.unused is not None and idle >= self.unused:
            return Verdict(None, f"unused for {idle.days} days")
        return None

    def _forgets(self, memory: Memory) -> bool:
        """Whether it is of a kind that may be forgotten: never what somebody wrote as it is."""
        return (
            memory.level is MemoryLevel.CONTEXTUAL
            and memory.type in _FORGOTTEN
            and memory.origin is not Origin.WRITTEN
        )


def _named(level: MemoryLevel) -> str:
    return level.name
