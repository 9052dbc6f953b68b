"""What is nested below a record, and how often the store is asked for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from mnemos.settings import Settings
from mnemos_graph.identity import LOCAL_CALLER
from mnemos_graph.model import Entity, Episode, Fact, Memory, Origin, Scope, new_id
from mnemos_graph.store import ChangeSet, GraphStore, Put
from tests.schema.asking import create, refusal, tell
from tests.serving import Client, client_of, program_on

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BASE: dict[str, Any] = {"scope": Scope(), "created_at": NOW, "updated_at": NOW}
NESTED = """
query ($id: ID!) {
  memory(id: $id) {
    text
    episode { text memories { text } }
    entities { name memories { text } }
    facts { statement subject { name } memories { text } }
    supersededBy { text }
  }
}
"""
LIST = """
{ memories(first: 5) { edges { node {
  id episode { text memories(first: 2) { id } }
  entities(first: 2) { name facts(first: 2) { value } memories(first: 2) { id } }
  facts(first: 2) { value subject { name } closedBy { id } memories(first: 2) { id } }
  supersededBy { id }
  history { version text }
} } } }
"""
HISTORY = """
query ($id: ID!, $first: Int! = 20) {
  memory(id: $id) { history(first: $first) { version text action actor reason at } }
}
"""
UPDATE = """
mutation ($id: ID!, $input: UpdateMemoryInput!, $version: Int) {
  updateMemory(id: $id, input: $input, expectedVersion: $version) { memory { text version } }
}
"""


async def linked(store: GraphStore, name: str) -> Memory:
    """Keep an entity, a fact of it, and the memory of an episode that says the fact."""
    entity = Entity(id=new_id(), name=name, kind="PERSON", **BASE)
    episode = Episode(id=new_id(), text=f"{name} said so.", occurred_at=NOW, **BASE)
    fact = Fact(
        id=new_id(),
        subject_id=entity.id,
        predicate="likes",
        value="tea",
        statement=f"{name} likes tea.",
        sources=(episode.id,),
        **BASE,
    )
    memory = Memory(
        id=new_id(),
        text=f"{name} likes tea.",
        origin=Origin.INFERRED,
        sources=(episode.id,),
        entity_ids=(entity.id,),
        fact_ids=(fact.id,),
        **BASE,
    )
    records = (entity, episode, fact, memory)
    await store.commit(LOCAL_CALLER.access, ChangeSet(tuple(map(Put, records))))
    return memory


async def test_a_memory_leads_to_all_that_it_rests_on(client: Client, store: GraphStore) -> None:
    memory = await linked(store, "Alice")
    said = {"text": memory.text}
    assert (await client.ask(NESTED, id=memory.id))["memory"] == {
        "text": memory.text,
        "episode": {"text": "Alice said so.", "memories": [said]},
        "entities": [{"name": "Alice", "memories": [said]}],
        "facts": [{"statement": memory.text, "subject": {"name": "Alice"}, "memories": [said]}],
        "supersededBy": None,
    }


class Counting:
    """A store that counts how often each of its methods is called."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        held = getattr(self._store, name)
        return self._counting(name, held) if callable(held) else held

    def _counting(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        async def counted(*args: Any, **more: Any) -> Any:
            self.calls[name] += 1
            return await method(*args, **more)

        return counted


async def test_a_list_is_read_in_as_many_calls_as_one_item(store: GraphStore) -> None:
    counting = Counting(store)
    anew = Settings(answer_bytes=0)
    async with program_on(counting, anew) as program, client_of(program) as client:
        await linked(store, "Alice")
        counts = []
        for names in ((), ("Bob", "Carol", "Dora", "Emil")):
            for name in names:
                await linked(store, name)
            await client.ask(LIST)
            counting.calls.clear()
            assert len((await client.ask(LIST))["memories"]["edges"]) == 1 + len(names)
            counts.append({name: counting.calls[name] for name in ("get", "find", "versions")})
    assert counts[0] == counts[1]


async def test_a_history_is_newest_first(client: Client) -> None:
    written = await create(client, "first")
    for text in ("second", "third"):
        await client.ask(UPDATE, id=written["id"], input={"text": text})
    history = (await client.ask(HISTORY, id=written["id"]))["memory"]["history"]
    assert [(each["version"], each["text"], each["action"]) for each in history] == [
        (3, "third", "UPDATE"),
        (2, "second", "UPDATE"),
        (1, "first", "ADD"),
    ]
    cut = (await client.ask(HISTORY, id=written["id"], first=1))["memory"]["history"]
    assert [each["version"] for each in cut] == [3]


async def test_a_node_is_of_its_own_kind(client: Client, store: GraphStore) -> None:
    memory = await linked(store, "Alice")
    document = "query ($id: ID!) { node(id: $id) { __typename id } }"
    kinds = [
        (await client.ask(document, id=id_))["node"]["__typename"]
        for id_ in (memory.id, memory.sources[0], memory.entity_ids[0], memory.fact_ids[0])
    ]
    assert kinds == ["Memory", "Episode", "Entity", "Fact"]
    assert await client.ask(document, id="nothing") == {"node": None}


@pytest.mark.parametrize("kind", ["memory", "episode", "entity", "fact", "block", "job", "node"])
@pytest.mark.parametrize("id", ["", "nothing", "\x00", "0" * 10_000])
async def test_an_id_of_nothing_is_null(client: Client, kind: str, id: str) -> None:
    assert await client.ask(f"query ($id: ID!) {{ {kind}(id: $id) {{ id }} }}", id=id) == {
        kind: None
    }


@pytest.mark.parametrize(
    "field",
    ["entities", "facts", "history", "episode { memories"],
)
@pytest.mark.parametrize(
    ("first", "code"), [(0, "BAD_USER_INPUT"), (-1, "BAD_USER_INPUT"), (101, "LIMIT_EXCEEDED")]
)
async def test_a_nested_list_has_1_to_100_items(
    client: Client, field: str, first: int, code: str
) -> None:
    episode = (await tell(client, "Tea."))["decisions"][0]["memory"]["id"]
    close = " }" if "{" in field else ""
    document = f"""
    query ($id: ID!, $first: Int!) {{
      memory(id: $id) {{ text {field}(first: $first) {{ __typename }} {close} }}
    }}
    """
    assert (await refusal(client, document, id=episode, first=first))[0] == code


SUPERSEDED = """
query ($asOf: DateTime, $all: Boolean! = false) {
  memories(filter: {asOf: $asOf, includeSuperseded: $all}, orderBy: OLDEST) { edges { node {
    text
    facts { statement validTo memories { text } }
    episode { memories { text } }
    supersededBy { text }
  } } }
}
"""


async def moved(store: GraphStore) -> None:
    """One episode said where Alice lived until 2024, and where she has lived since."""
    turn = datetime(2024, 1, 1, tzinfo=UTC)
    alice = Entity(id=new_id(), name="Alice", kind="PERSON", **BASE)
    episode = Episode(id=new_id(), text="I moved.", occurred_at=NOW, **BASE)
    common = {"subject_id": alice.id, "predicate": "lives_in", "sources": (episode.id,), **BASE}
    new = Fact(id=new_id(), value="Lisbon", statement="new", valid_from=turn, **common)
    old = Fact(
        id=new_id(), value="Paris", statement="old", valid_to=turn, closed_by=new.id, **common
    )
    said = {"origin": Origin.INFERRED, "sources": (episode.id,), **BASE}
    later = Memory(id=new_id(), text="Lisbon", fact_ids=(new.id,), valid_from=turn, **said)
    earlier = Memory(
        id=new_id(),
        text="Paris",
        fact_ids=(old.id,),
        valid_to=turn,
        superseded_by=later.id,
        **said,
    )
    records = (alice, episode, new, old, later, earlier)
    await store.commit(LOCAL_CALLER.access, ChangeSet(tuple(map(Put, records))))


@pytest.mark.parametrize(
    ("as_of", "text", "statement", "valid_to", "superseded_by"),
    [
        (None, "Lisbon", "new", None, None),
        ("2023-01-01T00:00:00Z", "Paris", "old", "2024-01-01T00:00:00Z", {"text": "Lisbon"}),
    ],
)
async def test_below_a_list_only_what_holds_at_its_moment_is_shown(
    client: Client,
    store: GraphStore,
    *,
    as_of: str | None,
    text: str,
    statement: str,
    valid_to: str | None,
    superseded_by: object,
) -> None:
    await moved(store)
    (edge,) = (await client.ask(SUPERSEDED, asOf=as_of))["memories"]["edges"]
    assert edge["node"] == {
        "text": text,
        "facts": [{"statement": statement, "validTo": valid_to, "memories": [{"text": text}]}],
        "episode": {"memories": [{"text": text}]},
        "supersededBy": superseded_by,
    }


async def test_a_list_of_all_shows_what_ended_below_it_too(
    client: Client, store: GraphStore
) -> None:
    await moved(store)
    found = (await client.ask(SUPERSEDED, all=True))["memories"]["edges"]
    shown = {edge["node"]["text"]: edge["node"] for edge in found}
    assert set(shown) == {"Paris", "Lisbon"}
    assert [fact["statement"] for fact in shown["Paris"]["facts"]] == ["old"]
    assert len(shown["Lisbon"]["episode"]["memories"]) == 2
