"""Sparing listeners the many pages that have nothing for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

from mnemos_graph.ending import end

T = TypeVar("T")

PAUSE_SECONDS = 1.0
"""The least time before an empty page: a busy log costs a listener to little of it no more."""


async def paced(
    pages: AsyncGenerator[T, None],
    is_empty: Callable[[T], bool],
    pause: float = PAUSE_SECONDS,
) -> AsyncGenerator[T, None]:
    """Yield every page that is not empty at once, and of those between them now and then the last.

    An empty page comes no sooner than ``pause`` seconds behind the page before it, and no later
    than that if nothing else does.
    """
    loop = asyncio.get_running_loop()
    held: list[T] = []
    quiet_until = loop.time()
    following = asyncio.ensure_future(anext(pages, None))
    try:
        while True:
            wait = quiet_until - loop.time() if held else None
            await asyncio.wait({following}, timeout=wait)
            if following.done():
                page = following.result()
                if page is None:
                    return
                following = asyncio.ensure_future(anext(pages, None))
                held = [page]
            if held and (not is_empty(held[0]) or loop.time() >= quiet_until):
                yield held.pop()
                quiet_until = loop.time() + pause
    finally:
        await end(following)
        await pages.aclose()


async def sparse(
    pages: AsyncGenerator[T, None], is_empty: Callable[[T], bool]
) -> AsyncGenerator[T, None]:
    """Yield every page that is not empty, and the last one, of pages that come to an end."""
    held: list[T] = []
    async with aclosing(pages):
        async for page in pages:
            held = [page]
            if not is_empty(page):
                yield held.pop()
    for page in held:
        yield page
