"""How long an operation may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mnemos_graph.errors import TimedOut
from mnemos_graph.feed import handing_over

OPERATION_SECONDS = 10.0
"""Where nothing else is set."""


@asynccontextmanager
async def within(seconds: float) -> AsyncGenerator[None, None]:
    """Cancel what is inside after ``seconds``, unless it has handed over a change set.

    Raises:
        TimedOut: it was cancelled, and nothing was written.
    """
    deadline = asyncio.timeout(seconds)
    before = handing_over.set(lambda: deadline.reschedule(None))
    try:
        async with deadline:
            yield
    except TimeoutError as late:
        if not deadline.expired():
            raise
        raise TimedOut(
            f"This took longer than {seconds:g} seconds and was stopped; nothing was written. "
            "Ask for less, or try again later."
        ) from late
    finally:
        handing_over.reset(before)
