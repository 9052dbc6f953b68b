"""Running benchmarks by name: each in a process of its own, so that none inherits another's memory.

One that needs what is not there says so and is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tests.benchmarks import page
from tests.benchmarks.figures import LeftOut, report


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Benchmarks that are run together, each a module with ``ABOUT`` and ``figures``."""

    command: str
    package: str
    names: Sequence[str]
    by_name: Sequence[str] = ()
    """Those that run only where they are named."""
    prefix: str = ""
    """Of the names under which their figures are kept."""

    def run(self, about: str | None) -> int:
        """Run those that the command line names, or all; return the exit status."""
        known = (*self.names, *self.by_name)
        options = argparse.ArgumentParser(prog=self.command, description=about)
        options.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
        options.add_argument("--here", action="store_true", help="run it in this process")
        chosen = options.parse_args()
        if unknown := set(chosen.names) - set(known):
            options.error(f"there is no benchmark {unknown.pop()!r}; there are {', '.join(known)}")
        if chosen.here:
            for name in chosen.names:
                self._measure(name)
            return 0
        failed = 0
        for name in chosen.names or self.names:
            alone = [sys.executable, "-m", self.package, "--here", name]
            failed += subprocess.run(alone, check=False).returncode != 0
        return failed

    def _measure(self, name: str) -> None:
        """Run one benchmark here, print its figures and keep them."""
        module = import_module(f"{self.package}.{name}")
        load = os.getloadavg()[0]
        try:
            with tempfile.TemporaryDirectory(prefix="mnemos-bench-") as folder:
                figures = asyncio.run(module.figures(Path(folder)))
        except LeftOut as lacking:
            print(f"\n{module.ABOUT}: left out; {lacking}", flush=True)  # noqa: T201
            return
        command = f"{self.command} ARGS={name}"
        made = report(f"{self.prefix}{name}", module.ABOUT, figures, load, command=command)
        page.keep(made)
        print(f"\n{made.about}, load {made.load}\n{page.rows(made)}", flush=True)  # noqa: T201
