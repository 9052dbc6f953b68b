"""Every question has its way in by an index that begins with the organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mnemos_graph.model import (
    RECORD_TYPES,
    Access,
    Entity,
    Fact,
    Job,
    JobInput,
    Latch,
    Memory,
    Partition,
    Position,
    Record,
    RecordId,
    Support,
)
from mnemos_graph.neo4j import finding, getting, searching
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.finding import Statement
from mnemos_graph.neo4j.past import PastSteps
from mnemos_graph.neo4j.stepping import CurrentSteps
from mnemos_graph.store import (
    Equal,
    Find,
    HasAll,
    HasPairs,
    HasWords,
    In,
    Mark,
    Order,
    Present,
    Range,
    View,
    facts_holding,
    memories_holding,
)
from tests.conformance.samples import ACME, day
from tests.graph.neo4j.plans import enters_by_an_index, operators

pytestmark = pytest.mark.server

NARROW = Access(ACME.organization, "tester", reads=frozenset({Partition("ann"), Partition("")}))
OWN = Equal("user_id", "ann")
OURS = In("user_id", ("ann", None))
NEWEST = Order("created_at", descending=True)
NOW = View(day(10))

QUESTIONS: Mapping[str, Find[Any]] = {
    **{f"all {kind.KIND.value}": Find(kind) for kind in RECORD_TYPES.values()},
    **{
        f"all {kind.KIND.value} then": Find(kind, known_at=Position(5))
        for kind in RECORD_TYPES.values()
    },
    "own": Find(Memory, (OWN, *memories_holding(NOW)), count_to=100),
    "own, behind a mark": Find(Memory, (OWN,), after=Mark("x", RecordId("x"))),
    "ours": Find(Memory, (OURS,)),
    "own then": Find(Memory, (OWN,), known_at=Position(5)),
    "newest": Find(Memory, (OWN,), NEWEST, after=Mark(day(1), RecordId("x"))),
    "newest of all": Find(Memory, (), NEWEST, after=Mark(day(1), RecordId("x"))),
    "by importance": Find(Memory, (OWN,), Order("importance")),
    "by id": Find(Memory, (In("id", ("x", "y")), OURS)),
    "by id then": Find(Memory, (In("id", ("x", "y")),), known_at=Position(5)),
    "by tag": Find(Memory, (HasAll("tags", ("x", "y")), OWN)),
    "by entity": Find(Memory, (HasAll("entity_ids", ("x",)),)),
    "by source": Find(Fact, (HasAll("sources", ("x",)),)),
    "by metadata": Find(Memory, (HasPairs("metadata", {"a": 1}), OWN)),
    "by words": Find(Memory, (HasWords("green tea"), OWN)),
    "by name": Find(Entity, (HasAll("folded_names", ("ann",)), OURS)),
    "by name then": Find(Entity, (HasAll("folded_names", ("ann",)), OURS), known_at=Position(5)),
    "by fingerprint": Find(Memory, (Equal("fingerprint", "x"), OWN)),
    "by what superseded it": Find(Memory, (In("superseded_by", ("x", "y")),)),
    "by expiry": Find(Memory, (Range("expires_at", at_most=day(1)),)),
    "merged": Find(Entity, (In("merged_into", ("x", "y")), OURS)),
    "merged then": Find(Entity, (In("merged_into", ("x", "y")),), known_at=Position(5)),
    "not merged": Find(Entity, (OURS, Present("merged_into", present=False))),
    "by merge": Find(Entity, (Equal("merge_id", "x"),)),
    "of subject": Find(Fact, (In("subject_id", ("x",)), *facts_holding(NOW))),
    "of subject then": Find(Fact, (In("subject_id", ("x",)),), known_at=Position(5)),
    "of object": Find(Fact, (In("object_id", ("x",)), *facts_holding(NOW))),
    "closed": Find(Fact, (Equal("closed_by", "x"),)),
    "ended": Find(Fact, (Equal("ended_by", "x"),)),
    "jobs": Find(Job, (In("state", ("queued", "running")),)),
    "inputs": Find(JobInput, (Equal("job_id", "x"),)),
    "latches": Find(Latch, (In("subject_id", ("x", "y")),)),
    "supports": Find(Support, (Equal("supports", "x"),)),
    "told by": Find(Support, (Equal("episode_id", "x"),)),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_question_enters_by_an_index(bolt: Bolt, name: str) -> None:
    await enters_by_an_index(bolt, finding.statement(ACME, [QUESTIONS[name]]))


@pytest.mark.parametrize("name", ["all memory", "newest", "by id then", "by tag", "by name then"])
async def test_who_may_read_only_some_enters_by_an_index(bolt: Bolt, name: str) -> None:
    await enters_by_an_index(bolt, finding.statement(NARROW, [QUESTIONS[name]]))


async def test_pages_in_an_indexed_order_are_not_sorted(bolt: Bolt) -> None:
    for name in ("all memory", "own, behind a mark", "newest", "newest of all"):
        found = await operators(bolt, finding.statement(ACME, [QUESTIONS[name]]))
        assert not {"Top", "Sort"} & {operator for operator, _ in found}, (name, found)


async def test_reads_by_id_and_by_words_enter_by_an_index(bolt: Bolt) -> None:
    ids = [RecordId("x")]
    for asked in (
        getting.statement(NARROW, Memory, ids, None),
        getting.statement(ACME, Record, ids, Position(5)),
        searching.statement(NARROW, Memory, "green tea", (OWN,), 10),
    ):
        await enters_by_an_index(bolt, asked)


@pytest.mark.parametrize("known_at", [None, Position(5)])
async def test_each_step_of_a_walk_enters_by_an_index(
    bolt: Bolt, known_at: Position | None
) -> None:
    seen = list[Statement]()

    async def ask(statement: Statement) -> list[list[Any]]:
        seen.append(statement)
        if not known_at:
            return [[[], [], []]]
        return [[[], []]] if "facts" in statement.cypher else []

    view, ids = View(day(10), known_at), [RecordId("x")]
    steps = PastSteps(ask, NARROW, view) if known_at else CurrentSteps(ask, NARROW, view)
    await steps.around(ids, 0)
    await steps.around(ids, 10)
    await steps.at(ids, ids, 10)
    for asked in seen:
        await enters_by_an_index(bolt, asked)
        found = await operators(bolt, asked)
        assert not [details for _, details in found if "(org, died)" in details]  # all that changed


def test_questions_of_one_form_share_one_text() -> None:
    alike = [Find(Memory, (Equal("user_id", name), *memories_holding(NOW))) for name in "abc"]
    one, three = finding.statement(ACME, alike[:1]), finding.statement(ACME, alike)
    assert one is not None
    assert three is not None
    assert one.cypher == three.cypher
    assert len(three.parameters["asked0"]) == 3
