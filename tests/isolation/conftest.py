from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.isolation.house import House, laptop, team
from tests.servers.neo4j import emptied

TEAM = pytest.param("team", marks=[pytest.mark.server, pytest.mark.timeout(180)])


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["laptop", TEAM])
async def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """The program that all tests of a module share; each makes organizations of its own."""
    folder = tmp_path_factory.mktemp("home")
    if request.param == "laptop":
        async with laptop(folder) as opened:
            yield opened
        return
    neo4j = await emptied(request.getfixturevalue("shared_neo4j"))
    async with team(folder, neo4j, request.getfixturevalue("shared_redis").url) as opened:
        yield opened
