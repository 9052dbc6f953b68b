from __future__ import annotations

from tests.benchmarks.figures import Figure, Report
from tests.benchmarks.page import PAGE, page, rows


def test_every_figure_of_the_page_comes_from_a_kept_measurement() -> None:
    assert PAGE.read_text() == page()


def test_a_figure_stands_beside_its_goal_and_its_baseline() -> None:
    figure = Figure(
        what="commits",
        value=2_000,
        unit="/s",
        goal="≥ 1,000/s",
        baseline="each",
        baseline_value=500,
    )
    report = Report(
        name="commits",
        about="Commits",
        command="make bench ARGS=commits",
        figures=(figure,),
        revision="abc",
        at="2026-11-20",
        machine="2 cores",
        load=0.1,
    )
    assert Report.read(report.plain()) == report
    assert rows(report).splitlines()[-1] == (
        "| commits | 2,000 /s | ≥ 1,000/s | each: 500 /s | 4.00 |"
    )
