"""Conversations that a benchmark is given, for they may not be part of the project."""

from __future__ import annotations

import os
from pathlib import Path

from tests.benchmarks.figures import LeftOut

SETTING = "RECALL_DATA"


def path() -> Path:
    """Return where the conversations are.

    Raises:
        LeftOut: nobody said where.
    """
    given = os.environ.get(SETTING)
    if not given:
        raise LeftOut(f"give it a file in LoCoMo's format: {SETTING}=locomo.json make bench")
    return Path(given)
