"""What an answer cost, as it stands in its ``extensions``."""

from __future__ import annotations

from typing import Any

from mnemos_graph.language.bills import Bill, Spent

COST = "cost"
"""Where it stands; an answer for which no language model was asked has none."""


def told(bill: Bill) -> dict[str, Any]:
    """Return a bill for whoever asked. ``dollars`` is null where not all of it is known."""
    return {
        "dollars": _rounded(bill.dollars),
        "models": {model: _spent(spent) for model, spent in bill.by_model.items()},
    }


def _spent(spent: Spent) -> dict[str, Any]:
    return {
        "calls": spent.calls,
        "failures": spent.failures,
        "tokensRead": spent.usage.read,
        "tokensCached": spent.usage.cached,
        "tokensWritten": spent.usage.written,
        "dollars": None if spent.unpriced else _rounded(spent.dollars),
    }


def _rounded(dollars: float | None) -> float | None:
    return None if dollars is None else round(dollars, 9)
