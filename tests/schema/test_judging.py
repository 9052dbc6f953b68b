"""What callers say of memories, over the API."""

from __future__ import annotations

import asyncio

from tests.schema.asking import create, refusal
from tests.serving import Client

PIN = """
mutation ($id: ID!, $pinned: Boolean! = true, $version: Int) {
  pinMemory(id: $id, pinned: $pinned, expectedVersion: $version) {
    memory { pinned expiresAt version }
    position
  }
}
"""
FEEDBACK = """
mutation ($id: ID!, $useful: Boolean!, $key: String) {
  feedback(memoryId: $id, useful: $useful, idempotencyKey: $key) {
    memory { importance version history(first: 1) { action reason } }
    position
  }
}
"""
READ = "query ($id: ID!) { memory(id: $id) { pinned importance } }"


async def test_a_pinned_memory_says_so_and_loses_its_expiry(client: Client) -> None:
    written = await create(client, "Nuts: never", expiresAt="2100-01-01T00:00:00Z")
    assert (await client.ask(READ, id=written["id"]))["memory"]["pinned"] is False
    answer = (await client.ask(PIN, id=written["id"]))["pinMemory"]
    assert answer["memory"] == {"pinned": True, "expiresAt": None, "version": 2}
    assert answer["position"] == (await client.ask("{ position }"))["position"]
    loose = (await client.ask(PIN, id=written["id"], pinned=False))["pinMemory"]["memory"]
    assert loose == {"pinned": False, "expiresAt": None, "version": 3}


async def test_pinning_what_changed_meanwhile_is_a_conflict(client: Client) -> None:
    written = await create(client, "x")
    assert (await refusal(client, PIN, id=written["id"], version=7))[0] == "CONFLICT"
    assert (await refusal(client, PIN, id="unknown"))[0] == "NOT_FOUND"


async def test_feedback_moves_importance_and_leaves_its_reason(client: Client) -> None:
    written = await create(client, "x")
    answer = (await client.ask(FEEDBACK, id=written["id"], useful=False))["feedback"]
    reason = "found of no use: importance 0.5 to 0.45"
    assert answer["memory"] == {
        "importance": 0.45,
        "version": 2,
        "history": [{"action": "UPDATE", "reason": reason}],
    }


async def test_feedback_of_many_at_once_is_all_counted(client: Client) -> None:
    written = await create(client, "x", importance=0)
    await asyncio.gather(
        *(client.ask(FEEDBACK, id=written["id"], useful=True) for _ in range(10)),
        *(client.ask(FEEDBACK, id=written["id"], useful=True, key="k") for _ in range(5)),
    )
    memory = (await client.ask(READ, id=written["id"]))["memory"]
    assert round(memory["importance"], 4) == round(1 - 0.9**11, 4)
