"""A real Chromium on the real program."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from mnemos.pages import BUILT
from tests.process import mnemos_serve

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
async def chromium() -> AsyncGenerator[Browser, None]:
    path = os.environ.get("CHROME_PATH") or shutil.which("chromium")
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium, or name one in CHROME_PATH")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def address(tmp_path: Path) -> AsyncGenerator[str, None]:
    """Where a fresh server with its built pages listens."""
    if not (BUILT / "index.html").exists():
        pytest.skip("needs the built explorer: make web")
    async with mnemos_serve(tmp_path) as process:
        yield f"http://{process.address}"
