"""What the client sends fits what is served, and covers the contract."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, parse, validate
from graphql.execution.values import get_variable_values
from graphql.language import OperationDefinitionNode

from mnemos import (
    ChangeFilter,
    EntityRef,
    EntityType,
    FactType,
    MemoryFilter,
    Message,
    Telling,
    WeightedScope,
)
from mnemos.client.call import Call
from mnemos.client.calls import graph, keeping, telling, upkeep, ways
from mnemos_schema.schema import schema

CONTRACT = build_schema(Path("schema/contract/schema.graphql").read_text(encoding="utf-8"))
SERVED = build_schema(schema.as_str())
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
USER: dict[str, Any] = {"user_id": "ana", "agent_id": "a", "session_id": "s"}
READ: dict[str, Any] = USER | {"include_shared": False}
FILTER = MemoryFilter(
    types=["CORE"],
    levels=["TACTICAL"],
    tags=["t"],
    metadata={"k": 1},
    text="x",
    created_after=NOW,
    created_before=NOW,
    min_importance=0.1,
    as_of=NOW,
    known_at=NOW,
    include_superseded=True,
)
CHANGES = ChangeFilter(
    subject_types=["MEMORY"], kinds=["CREATED"], memory_types=["CORE"], subject_ids=["1"]
)
MESSAGES = [Message(text="hi", role="ASSISTANT", speaker="bo", occurred_at=NOW)]
TELLING = Telling(messages=MESSAGES, user_id="ana", infer=False, tags=["t"], occurred_at=NOW)
KEPT: dict[str, Any] = {"tags": ["t"], "metadata": {"k": 1}}
PAGED: dict[str, Any] = {"first": 5, "after": "c"}
TIMES: dict[str, Any] = {"as_of": NOW, "known_at": NOW}
RECALL: dict[str, Any] = {"limit": 5, "strategy": "TEXT", "hops": 0, "min_score": 0.1}

CALLS: list[Call[Any]] = [
    telling.remember("hi", type="CORE", occurred_at=NOW, source="mail", **KEPT, **USER),
    telling.remember(messages=MESSAGES, infer=False, idempotency_key="k", user_id="ana"),
    telling.remember_many([TELLING], idempotency_key="k"),
    telling.recall("q", filter=FILTER, **RECALL, **READ),
    telling.live_recall("q", filter=FILTER, **RECALL, **READ),
    telling.recall("q", scopes=[WeightedScope(weight=0.5, **READ), WeightedScope()]),
    telling.live_recall("q", scopes=[WeightedScope(user_id="ana")]),
    telling.watch(text="q", min_score=0.1, **READ),
    telling.watch(entity_id="1", predicates=["likes"]),
    telling.watch(block_id="1"),
    telling.context("q", filter=FILTER, token_budget=9, format="XML", include_blocks=False, **READ),
    telling.context("q", since="c", template="brief"),
    telling.remember("hi", dry_run=True, user_id="ana"),
    ways.templates(),
    ways.set_template("brief", "{{query}}", expected_version=1),
    ways.delete_template("brief"),
    ways.ontology(),
    ways.set_ontology(
        instructions="Note wards.",
        entity_types=[EntityType(name="WARD", description="Part of us.")],
        fact_types=[FactType(name="lies_in", subjects=["PERSON"], objects=["WARD"])],
        closed=True,
        expected_version=0,
    ),
    ways.delete_ontology(),
    keeping.memory("1"),
    keeping.memories(filter=FILTER, order_by="OLDEST", **PAGED, **READ),
    keeping.history("1", first=5),
    keeping.create_memory("x", type="CORE", level="TACTICAL", importance=0.1, **KEPT, **USER),
    keeping.create_memory("x", valid_from=NOW, expires_at=NOW, idempotency_key="k"),
    keeping.update_memory("1", text="y", importance=0.1, valid_to=None, expected_version=1, **KEPT),
    keeping.delete_memory("1"),
    keeping.delete_memories(filter=FILTER, dry_run=True, **READ),
    keeping.restore_memory("1", version=2),
    keeping.pin_memory("1", pinned=False, expected_version=2),
    keeping.feedback("1", useful=True, idempotency_key="k"),
    graph.entity("1"),
    graph.entities(text="x", kinds=["PERSON"], **TIMES, **PAGED, **READ),
    graph.fact("1"),
    graph.facts(subject_id="1", predicate="p", include_invalid=True, **TIMES, **PAGED, **READ),
    graph.subgraph(["1"], hops=2, limit=5, **TIMES),
    graph.episode("1"),
    graph.retract_episode("1"),
    graph.assert_fact("Ana", "lives_in", EntityRef(name="Rome", kind="PLACE"), **USER),
    graph.assert_fact(EntityRef(id="1"), "age", value="9", valid_from=NOW, confidence=0.5),
    graph.end_fact("1", at=NOW),
    graph.invalidate_fact("1"),
    graph.merge_entities("1", ["2"]),
    graph.unmerge_entities("1"),
    upkeep.block("1"),
    upkeep.blocks(first=5, known_at=NOW, **READ),
    upkeep.put_block("l", "v", description="d", limit=9, read_only=True, condense=True, **USER),
    upkeep.condense_block("1", expected_version=2),
    upkeep.restore_block("1", version=2),
    upkeep.delete_block("1"),
    upkeep.log("c", filter=CHANGES, first=5, **READ),
    upkeep.changes("c", filter=CHANGES, **READ),
    upkeep.position(),
    upkeep.viewer(),
    upkeep.job("1"),
    upkeep.live_job("1"),
    upkeep.forget_user("ana"),
    upkeep.reindex(),
    upkeep.consolidate("ana"),
    upkeep.consolidate(),
]


@pytest.mark.parametrize("call", CALLS, ids=range(len(CALLS)))
def test_a_call_fits_what_is_served(call: Call[Any]) -> None:
    document = parse(call.document)
    assert validate(SERVED, document) == []
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    definitions = operation.variable_definitions or ()
    assert set(call.variables) <= {each.variable.name.value for each in definitions}
    read = get_variable_values(SERVED, list(definitions), dict(call.variables))
    assert not isinstance(read, list), read


def test_every_field_of_the_contract_has_its_call() -> None:
    called = {call.answer for call in CALLS}
    for kind in (CONTRACT.query_type, CONTRACT.mutation_type, CONTRACT.subscription_type):
        assert kind is not None
        assert set(kind.fields) - {"node"} <= called


def test_what_an_update_leaves_out_is_kept_and_none_clears() -> None:
    assert keeping.update_memory("1", valid_to=None).variables["input"] == {"validTo": None}
