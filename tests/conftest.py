"""What holds for every test."""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

pytest_plugins = ("tests.servers.chroma", "tests.servers.neo4j", "tests.servers.redis")

settings.register_profile("mnemos", deadline=None)  # no test asserts how long something takes
settings.load_profile("mnemos")

NEEDED_IN_CI = ("server", "faults", "browser")
"""Markers of tests that may skip on somebody's laptop, and never where everything is installed."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    needed = any(item.get_closest_marker(name) for name in NEEDED_IN_CI)
    if needed and report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"CI may not skip this. {reason}"
    return report
