"""What the server would do for a statement, and whether that is little."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.finding import Statement
from mnemos_graph.neo4j.names import PLANNED_ONCE

LOOKS_THROUGH_EVERYTHING = (
    *("AllNodesScan", "NodeByLabelScan", "LabelsScan", "TypeScan", "TypesScan"),
    "NodeIndexScan",
)
OF_ONE_ORGANIZATION = re.compile(
    r":\w+\(org\b.* WHERE org = (\$org\b|(cache\[)?o\.id\b)|:Organization\(id\) WHERE id = "
)
Plan = Mapping[str, Any]


async def operators(bolt: Bolt, statement: Statement | None) -> list[tuple[str, str]]:
    """Return (operator, details) of everything that the server would do for the statement."""
    return [(_operator(each), _details(each)) for each in _flat(await _plan(bolt, statement))]


async def enters_by_an_index(bolt: Bolt, statement: Statement | None) -> None:
    """Fail unless all begins in an index of this organization, and in each that the text names."""
    assert statement is not None
    parts = list(_flat(await _plan(bolt, statement)))
    found = [(_operator(each), _details(each)) for each in parts]
    seeks = [details for name, details in found if name.endswith("Seek")]
    hinted = re.findall(r"USING INDEX SEEK \w+:(\w+\([\w, ]+\))", statement.cypher)
    shown = statement.cypher, found
    assert not [name for name, _ in found if name.endswith(LOOKS_THROUGH_EVERYTHING)], shown
    assert all(_is_small(each) for each in parts if _operator(each) == "CartesianProduct"), shown
    assert all(OF_ONE_ORGANIZATION.search(each) for each in seeks), shown
    assert all(any(hint in each for each in seeks) for hint in hinted), shown
    assert "USING INDEX" not in statement.cypher.replace("USING INDEX SEEK", ""), shown


async def _plan(bolt: Bolt, statement: Statement | None) -> Plan:
    assert statement is not None
    asked = "EXPLAIN CYPHER replan=force " + statement.cypher.replace(PLANNED_ONCE, "")
    async with bolt.session() as session:
        summary = await (await session.run(asked, statement.parameters)).consume()
    plan: Plan | None = summary.plan
    assert plan is not None
    return plan


def _flat(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("children", ()):
        yield from _flat(child)


def _operator(plan: Plan) -> str:
    return str(plan["operatorType"]).partition("@")[0].removesuffix("(Locking)")


def _details(plan: Plan) -> str:
    return str(plan.get("args", {}).get("Details", ""))


def _is_small(plan: Plan) -> bool:
    """Whether it brings one row at most: a node by its whole key, or what was gathered."""
    if _operator(plan) in ("EagerAggregation", "Merge"):
        return True
    if _operator(plan) == "NodeUniqueIndexSeek":
        return not re.search(r" IN | IS NOT NULL|[<>]", _details(plan))
    children = plan.get("children", ())
    return bool(children) and all(map(_is_small, children))
