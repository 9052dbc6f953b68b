from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from mnemos_schema.pacing import paced
from tests.schema.test_changes import CREATE, LISTEN
from tests.serving import Client

NEVER = 3_600.0


async def of(*pages: str) -> AsyncGenerator[str, None]:
    """Pages, those of spaces empty; then silence."""
    for page in pages:
        yield page
    await asyncio.Event().wait()


def is_empty(page: str) -> bool:
    return not page.strip()


async def test_pages_with_something_come_at_once_and_in_order() -> None:
    async with aclosing(paced(of("", " ", "a", "  ", "b"), is_empty, NEVER)) as pages:
        assert [await anext(pages) for _ in range(3)] == ["", "a", "b"]


async def test_the_last_of_the_empty_pages_comes_in_the_end() -> None:
    async with aclosing(paced(of("a", " ", "  ", "   "), is_empty, 0.05)) as pages:
        assert [await anext(pages) for _ in range(2)] == ["a", "   "]


async def test_a_listener_hears_little_of_what_is_not_for_it(client: Client) -> None:
    async with client.socket() as socket:
        await socket.subscribe(LISTEN, filter={"memoryTypes": ["CORE"]})
        await socket.next()
        for n in range(30):
            hidden = (await client.ask(CREATE, text=f"{n}"))["createMemory"]
        heard, position = 0, None
        while position != hidden["position"]:
            page = (await socket.next())["changes"]
            heard, position = heard + 1, page["position"]
            assert page["changes"] == []
    assert heard < 10
