"""What writes, erases, copies and reads the log touches nothing but what it names."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.neo4j import copying, deriving, loading, reading, writing
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.finding import Statement
from tests.graph.neo4j.plans import enters_by_an_index, operators

pytestmark = pytest.mark.server

WRITTEN = writing.statements(
    OrganizationId("acme"), {name: [] for name in writing._PARTS}, Position(1), 1
)
STATEMENTS: Mapping[str, str] = {
    "load": loading._LOAD,
    "derive": deriving._DERIVE,
    "derived": deriving._DERIVED,
    "heads": reading._HEADS,
    "versions": reading._VERSIONS,
    **{f"write {number}": each.cypher for number, each in enumerate(WRITTEN)},
    "seal": copying._SEAL,
    "copied log": copying._LOG,
    "copied bytes": copying._KEEP_BYTES,
    **{f"clear {number}": each for number, each in enumerate(copying._CLEAR)},
}
PAGES: Mapping[str, str] = {
    "log": reading._LOG,
    "heads then": reading._HEADS_AT,
    "versions": copying._VERSIONS,
    "commits": copying._COMMITS,
    "fences": copying._FENCES,
    "bytes": copying._BYTES,
}


@pytest.mark.parametrize("name", STATEMENTS)
async def test_a_statement_enters_by_an_index(bolt: Bolt, name: str) -> None:
    await enters_by_an_index(bolt, Statement(STATEMENTS[name], {}))


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_read_no_further_than_it_goes(bolt: Bolt, name: str) -> None:
    asked = Statement(PAGES[name], {})
    await enters_by_an_index(bolt, asked)
    assert "Limit" in dict(await operators(bolt, asked))  # else all the rest is sorted first
