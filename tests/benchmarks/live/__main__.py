"""``python -m tests.benchmarks.live [NAME …]``: live delivery and answers, beside plain Strawberry."""

from __future__ import annotations

import sys

from tests.benchmarks.running import Suite

SUITE = Suite(
    command="make bench-live",
    package="tests.benchmarks.live",
    names=(
        *(
            "thousand",
            "hundred",
            "many",
            "storm",
            "stalled",
            "standing",
            "cached",
            "cached_team",
            "uncached",
        ),
        "hostile",
    ),
    prefix="live_",
)

if __name__ == "__main__":
    sys.exit(SUITE.run(__doc__))
