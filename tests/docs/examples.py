"""The code that the pages show, as they show it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shown(page: str, language: str) -> Sequence[str]:
    """Return the blocks of one language on a page, in its order."""
    found = _BLOCK.findall((ROOT / page).read_text())
    return [code for of, code in found if of == language]


def spoken(page: str) -> Sequence[str]:
    """Return every line of shell on a page: of its blocks, and what stands between backticks."""
    text = (ROOT / page).read_text()
    blocks = [code.replace("\\\n", " ") for code in shown(page, "sh")]
    lines = [line for code in blocks for line in code.splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", _BLOCK.sub("", text))
