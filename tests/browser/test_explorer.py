from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(170)]

expect.set_options(timeout=25_000)
TRIES = 10
"""Clicks on a tab: one that comes before the editor is there has no effect."""
SETTLING = 0.6
"""Seconds in which GraphiQL reads the operation's name out of a tab that was just opened."""
WRITE = (
    'mutation { createMemory(input: {text: "Bob sails on Sundays", scope: {userId: "bob"}})'
    " { position } }"
)


@dataclass
class Visit:
    """One open explorer, with everything that went wrong on it."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    async def run(self, tab: str) -> None:
        """Open a tab and run its operation, once the editor has taken over what stands in it."""
        editor = self.page.locator(".graphiql-query-editor")
        for _ in range(TRIES):
            await self.page.locator(".graphiql-tab-button", has_text=re.compile(f"^{tab}$")).click()
            with suppress(AssertionError):
                await expect(editor).to_contain_text(f" {tab} ", timeout=2_000)
                break
        await asyncio.sleep(SETTLING)
        await self.page.get_by_role("button", name="Execute query").click()

    async def sees(self, text: str) -> None:
        answer = self.page.locator(".graphiql-response")
        await expect(answer).to_contain_text(text)


@asynccontextmanager
async def visit(chromium: Browser, address: str) -> AsyncGenerator[Visit, None]:
    page = await chromium.new_page(viewport={"width": 1400, "height": 2000})
    open_page = Visit(page)

    def note(kind: str, text: str) -> None:
        open_page.wrong.append(f"{kind}: {text}")

    def heard(said: ConsoleMessage) -> None:
        if said.type == "error":
            note("console", said.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            note("elsewhere", request.url)

    page.on("pageerror", lambda error: note("error", str(error)))
    page.on("console", heard)
    page.on("request", asked)
    await page.goto(f"{address}/graphql")
    await expect(page.get_by_role("button", name="Execute query")).to_be_enabled()
    yield open_page
    await page.close()


async def test_the_explorer_asks_this_server_alone_and_without_an_error(
    chromium: Browser, address: str
) -> None:
    async with visit(chromium, address) as explorer:
        await explorer.run("CreateMemory")
        await explorer.sees("Ann drinks her coffee without sugar.")
        assert explorer.wrong == []


async def test_a_subscription_in_one_tab_hears_what_another_client_writes(
    chromium: Browser, address: str
) -> None:
    async with visit(chromium, address) as explorer, httpx.AsyncClient(base_url=address) as other:
        await explorer.run("Changes")
        await explorer.sees('"changes": []')
        written = await other.post("/graphql", json={"query": WRITE})
        assert written.status_code == 200
        await explorer.sees("Bob sails on Sundays")
        assert explorer.wrong == []


async def test_every_example_runs_as_it_stands(chromium: Browser, address: str) -> None:
    expected = {
        "Remember": '"action": "ADD"',
        "Recall": "Tidewater Labs",
        "AssertFact": "Porto",
        "Facts": "Lisbon",
        "Context": "WordPiece",
        "CreateMemory": "without sugar",
        "Memories": '"totalCount"',
        "LiveRecall": "jazz",
    }
    async with visit(chromium, address) as explorer:
        for tab, text in expected.items():
            await explorer.run(tab)
            await explorer.sees(text)
        assert explorer.wrong == []
