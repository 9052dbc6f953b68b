"""Node, with the clients and suites of package.json."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent


async def node(*arguments: str, **environment: str) -> str:
    """Run Node here; return what it printed, and fail with it where it failed."""
    if not (HERE / "node_modules").is_dir() or (path := shutil.which("node")) is None:
        pytest.skip("needs Node and the clients of others: make clients")
    process = await asyncio.create_subprocess_exec(
        path,
        *arguments,
        cwd=HERE,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        pytest.fail(printed.decode(errors="replace"), pytrace=False)
    return printed.decode()
