"""What models cost. A price that is not known is not known: it is never taken for nothing.

Prices change, and accounts have their own: an operator says theirs in the model's URL
(``?price=0.10/0.50``, dollars for a million tokens read and written). The table below is what the
providers' own pages said for the standard tier on the date that stands with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from mnemos_graph.errors import BadInput
from mnemos_graph.language.bills import Usage

MILLION = 1_000_000
_DATED = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2})$")
"""A model's name may end with the day on which it was fixed."""


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens."""

    read: float
    written: float
    cached: float | None = None
    """None: as ``read``."""
    kept: float | None = None
    """None: as ``read``."""
    source: str = "the settings"
    beyond: tuple[int, Price] | None = None
    """From how many tokens in a request on everything costs something else."""

    @classmethod
    def read_from(cls, text: str) -> Self:
        """Read ``READ/WRITTEN`` or ``READ/WRITTEN/CACHED``.

        Raises:
            BadInput: it is neither.
        """
        try:
            read, written, *cached = (float(each) for each in text.split("/"))
        except ValueError:
            read, written, cached = -1, -1, []
        if min(read, written, *cached) < 0 or len(cached) > 1:
            raise BadInput(
                "price is dollars for a million tokens read and written, as in 0.10/0.50."
            )
        return cls(read, written, cached[0] if cached else None)

    def of(self, usage: Usage) -> float:
        """Return dollars."""
        if self.beyond and usage.read > self.beyond[0]:
            return self.beyond[1].of(usage)
        cached = self.read if self.cached is None else self.cached
        kept = self.read if self.kept is None else self.kept
        plain = usage.read - usage.cached - usage.kept
        total = plain * self.read + usage.cached * cached + usage.kept * kept
        return (total + usage.written * self.written) / MILLION


def price_of(name: str) -> Price | None:
    """Return what ``provider:model`` costs; None where that is not known."""
    return PRICES.get(name) or PRICES.get(_DATED.sub("", name))


def _claude(read: float, written: float, cached: float = 0.1) -> Price:
    """A Claude model; ``cached``: the share of the price for what is read from the cache."""
    page = "platform.claude.com, models overview, 2026-10-07"
    return Price(read, written, read * cached, read * 1.25, page)


def _gpt(read: float, written: float, cached: float) -> Price:
    return Price(read, written, cached, None, "developers.openai.com, pricing, 2026-05-04")


_HAIKU_LONG = _claude(0.50, 2.50)
PRICES: Mapping[str, Price] = {
    "anthropic:claude-fable-5-1": _claude(10, 50, 0.025),
    "anthropic:claude-opus-5-5": _claude(4, 20, 0.05),
    "anthropic:claude-opus-5": _claude(5, 25),
    "anthropic:claude-sonnet-5-5": _claude(2, 10, 0.05),
    "anthropic:claude-sonnet-5": _claude(2, 10),
    "anthropic:claude-sonnet-4-6": _claude(3, 15),
    "anthropic:claude-haiku-5-5": replace(_claude(0.10, 0.50), beyond=(100_000, _HAIKU_LONG)),
    "anthropic:claude-haiku-4-5": _claude(1, 5),
    "openai:gpt-5.5": _gpt(5, 30, 0.50),
    "openai:gpt-5.4": _gpt(2.50, 15, 0.25),
    "openai:gpt-5.4-mini": _gpt(0.75, 4.50, 0.075),
    "openai:gpt-5.4-nano": _gpt(0.20, 1.25, 0.02),
    "gemini:gemini-3.5-flash": Price(1.50, 9, None, None, "ai.google.dev, pricing, 2026-09-20"),
}
