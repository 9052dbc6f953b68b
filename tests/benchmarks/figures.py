"""What a benchmark says: figures, each beside its goal and the baseline of the same run."""

from __future__ import annotations

import gc
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number that was measured."""

    what: str
    value: float
    unit: str
    goal: str = ""
    """What is to be reached, in words; empty where nothing was asked."""
    baseline: str = ""
    """What it was compared with, measured in the same run."""
    baseline_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the baseline's value it is."""
        return self.value / self.baseline_value if self.baseline_value else None


class LeftOut(Exception):
    """A benchmark needs what is not there; the message says what to give it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One benchmark's figures, with what is needed to measure them again."""

    name: str
    about: str
    command: str
    figures: tuple[Figure, ...]
    revision: str
    at: str
    machine: str
    load: float
    """Of one minute, before it began."""

    def plain(self) -> Mapping[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Report:
        figures = tuple(Figure(**each) for each in plain["figures"])
        return cls(**{**plain, "figures": figures})


def report(
    name: str, about: str, figures: Sequence[Figure], load: float, *, command: str
) -> Report:
    return Report(
        name=name,
        about=about,
        command=command,
        figures=tuple(figures),
        revision=_revision(),
        at=datetime.now(UTC).strftime("%Y-%m-%d"),
        machine=f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        load=round(load, 2),
    )


def settle() -> None:
    """Take what is there out of garbage collection's sight, as the program does when it starts."""
    gc.collect()
    gc.freeze()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of ``values`` that ``share`` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _revision() -> str:
    """Return the commit, marked where something else than the docs differs from it."""
    commit = _git("rev-parse", "--short", "HEAD") or "unknown"
    return f"{commit}-dirty" if _git("status", "--porcelain", "--", ".", ":!docs") else commit


def _git(*arguments: str) -> str:
    said = subprocess.run(
        ["git", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip()
