"""The real model, loaded once."""

from collections.abc import AsyncGenerator

import pytest_asyncio

from mnemos_graph.language.minilm import MiniLM, open_minilm


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def minilm() -> AsyncGenerator[MiniLM]:
    """It serves any event loop."""
    async with open_minilm() as model:
        yield model
