"""``python -m tests.benchmarks.stack [NAME …]``: as ``tests.benchmarks``, over the real servers."""

from __future__ import annotations

import sys

from tests.benchmarks.running import Suite

SUITE = Suite(
    command="make bench-stack",
    package="tests.benchmarks.stack",
    names=("remember", "importing", "recall", "walks", "delivery", "footprint"),
    by_name=("endurance",),
    prefix="stack_",
)

if __name__ == "__main__":
    sys.exit(SUITE.run(__doc__))
