"""The page on how the code is built names what the build itself holds."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.docs.examples import ROOT

TABLES = {
    "inside graph: memory -> projections -> store -> words": "| layer | holds |",
    "inside memory: what is asked for -> what it is made of": "| package | holds |",
}


def held(contract: str) -> dict[str, int]:
    """Return on which layer import-linter holds each module, counted from the top."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = (each["layers"] for each in contracts["contracts"] if each["name"] == contract)
    return {name: n for n, layer in enumerate(layers) for name in re.findall(r"\w+", layer)}


def told(header: str) -> list[str]:
    """Return what the first column of a table on the page names, from the top."""
    table = (ROOT / "ARCHITECTURE.md").read_text().partition(header)[2].partition("\n\n")[0]
    return [
        name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])
    ]


@pytest.mark.parametrize("contract", TABLES)
def test_the_page_tells_every_layer_in_the_order_that_is_held(contract: str) -> None:
    layer_of, names = held(contract), told(TABLES[contract])
    assert sorted(names) == sorted(layer_of)
    assert [layer_of[name] for name in names] == sorted(layer_of.values())
