"""``python -m tests.benchmarks [NAME …]``: measure, print, keep, and write docs/benchmarks.md.

Each benchmark runs in a process of its own, so that none inherits another's memory. One that needs
what is not there says so and is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.benchmarks import page
from tests.benchmarks.figures import LeftOut, report

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
)


def measure(name: str) -> None:
    """Run one benchmark here, print its figures and keep them."""
    module = import_module(f"tests.benchmarks.{name}")
    load = os.getloadavg()[0]
    try:
        with tempfile.TemporaryDirectory(prefix="mnemos-bench-") as folder:
            figures = asyncio.run(module.figures(Path(folder)))
    except LeftOut as lacking:
        print(f"\n{module.ABOUT}: left out; {lacking}", flush=True)  # noqa: T201
        return
    made = report(name, module.ABOUT, figures, load)
    page.keep(made)
    print(f"\n{made.about}, load {made.load}\n{page.rows(made)}", flush=True)  # noqa: T201


def main() -> int:
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    options.add_argument("--here", action="store_true", help="run it in this process")
    chosen = options.parse_args()
    if unknown := set(chosen.names) - set(NAMES):
        options.error(f"there is no benchmark {unknown.pop()!r}; there are {', '.join(NAMES)}")
    if chosen.here:
        for name in chosen.names:
            measure(name)
        return 0
    failed = 0
    for name in chosen.names or NAMES:
        alone = [sys.executable, "-m", "tests.benchmarks", "--here", name]
        failed += subprocess.run(alone, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
