"""Every provider, with a server of its own that speaks as it does."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.models.places import DIALECTS, opened, place_of
from tests.models.provider import Dialect, Provider, provider_of


@pytest.fixture(params=DIALECTS, ids=lambda each: each.__name__)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    made: Dialect = request.param()
    return made


@pytest.fixture
async def provider(dialect: Dialect) -> AsyncGenerator[Provider, None]:
    async with provider_of(dialect) as provider:
        yield provider


@pytest.fixture
async def model(provider: Provider) -> AsyncGenerator[Any, None]:
    async with opened(place_of(provider)) as model:
        yield model
