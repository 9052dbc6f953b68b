"""docs/benchmarks.md, written from what the benchmarks measured and from nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from tests.benchmarks.figures import Figure, Report

DOCS = Path(__file__).parents[2] / "docs"
MEASURED = DOCS / "benchmarks"
PAGE = DOCS / "benchmarks.md"

_HEAD = """\
# Benchmarks

Written by `make bench` from the files beside this page: do not edit it. Machines are noisy, so
read the ratios, not the absolute times; each baseline was measured in the same run.
"""
_COLUMNS = "| what | measured | goal | baseline of the same run | ratio |\n|---|---|---|---|---|"


def keep(report: Report) -> None:
    """Keep a report and write the page anew."""
    MEASURED.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report.plain(), indent=2, ensure_ascii=False)
    (MEASURED / f"{report.name}.json").write_text(text + "\n")
    PAGE.write_text(page())


def page() -> str:
    """Return the page that the kept reports make."""
    kept = [json.loads(path.read_text()) for path in sorted(MEASURED.glob("*.json"))]
    return "\n".join([_HEAD, *(_section(Report.read(each)) for each in kept)])


def rows(report: Report) -> str:
    return "\n".join([_COLUMNS, *(_row(each) for each in report.figures)])


def _section(report: Report) -> str:
    return (
        f"## {report.about}\n\n{rows(report)}\n\n"
        f"`{report.command}` at revision {report.revision}, {report.at}, {report.machine}, "
        f"load {report.load} before it began.\n"
    )


def _row(figure: Figure) -> str:
    baseline, ratio = "", ""
    if figure.baseline_value is not None:
        baseline = f"{figure.baseline}: {_number(figure.baseline_value)} {figure.unit}"
    if figure.ratio is not None:
        ratio = f"{figure.ratio:.2f}"
    measured = f"{_number(figure.value)} {figure.unit}"
    return f"| {figure.what} | {measured} | {figure.goal} | {baseline} | {ratio} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
