"""Short ways to write through the front door, for tests that are about something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.serving import Client

REMEMBER_FACT = """
mutation ($input: AssertFactInput!, $key: String) {
  assertFact(input: $input, idempotencyKey: $key) {
    fact { id statement subjectId subject { id name } object { id name } value validFrom validTo }
    closed { id value validTo closedBy { id } }
    position
  }
}
"""
CREATE = """
mutation ($input: CreateMemoryInput!) {
  createMemory(input: $input) { memory { id text version } position }
}
"""
VERBATIM = """
mutation ($input: RememberInput!) {
  remember(input: $input) {
    episodes { id text }
    decisions { action reason memory { id text } }
    pending { id }
    position
  }
}
"""


async def create(client: Client, text: str, **input: Any) -> Mapping[str, Any]:
    """Write a memory; return its id, text and version."""
    answer = await client.ask(CREATE, input={"text": text, "scope": {}} | input)
    memory: Mapping[str, Any] = answer["createMemory"]["memory"]
    return memory


async def state(
    client: Client, subject: str, predicate: str, value: str, **input: Any
) -> Mapping[str, Any]:
    """State a fact of a person and a value."""
    given = {
        "subject": {"name": subject, "kind": "PERSON"},
        "predicate": predicate,
        "value": value,
        "scope": {},
    }
    answer = await client.ask(REMEMBER_FACT, input=given | input)
    written: Mapping[str, Any] = answer["assertFact"]
    return written


async def relate(client: Client, subject: str, predicate: str, target: str) -> Mapping[str, Any]:
    """State a fact between two persons."""
    given = {
        "subject": {"name": subject, "kind": "PERSON"},
        "predicate": predicate,
        "object": {"name": target, "kind": "PERSON"},
        "scope": {},
    }
    answer = await client.ask(REMEMBER_FACT, input=given)
    written: Mapping[str, Any] = answer["assertFact"]
    return written


async def tell(client: Client, *texts: str, **input: Any) -> Mapping[str, Any]:
    """Have texts remembered verbatim; return the payload."""
    given = {"messages": [{"text": text} for text in texts], "scope": {}, "infer": False}
    answer = await client.ask(VERBATIM, input=given | input)
    payload: Mapping[str, Any] = answer["remember"]
    return payload


async def refusal(client: Client, document: str, **variables: Any) -> tuple[str, str]:
    """Return the code and message of the one error that a document is answered with."""
    (error,) = (await client.send(document, **variables))["errors"]
    return error["extensions"]["code"], error["message"]
