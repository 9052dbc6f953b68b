"""Clients of Node and browsers, each with its own tests beside this file."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Served
from tests.clients.node import HERE, node

pytestmark = pytest.mark.timeout(120)

SUITES = sorted(path.name for path in HERE.glob("*.test.mjs"))


@pytest.mark.parametrize("suite", SUITES)
async def test_a_client_that_others_wrote_gets_what_it_expects(served: Served, suite: str) -> None:
    printed = await node(
        "--test",
        "--test-reporter=spec",
        suite,
        MNEMOS_URL=served.url,
        MNEMOS_API_KEY=served.secret,
    )
    assert "pass 0" not in printed
