"""``python -m tests.benchmarks [NAME …]``: measure, print, keep, and write docs/benchmarks.md."""

from __future__ import annotations

import sys

from tests.benchmarks.running import Suite

NAMES = (
    "commits",
    "kills",
    "walks",
    "remember",
    "recall_speed",
    "cached",
    "delivery",
    "start",
    "importing",
    "recall",
    "context",
    "recall_left_out",
    "recall_without",
    "second_look",
    "recall_own",
    "scores",
    "extraction",
    "taking_in",
)

if __name__ == "__main__":
    sys.exit(Suite(command="make bench", package="tests.benchmarks", names=NAMES).run(__doc__))
