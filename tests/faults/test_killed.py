"""What is left after the whole process was killed."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import httpx
import pytest

from tests.process import Process, mnemos_serve
from tests.serving import Client

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

WRITERS = 8
ENOUGH = 200
"""Memories that are acknowledged before the process is killed, in the middle of the next ones."""
WRITE = """
mutation ($text: String!) { createMemory(input: {text: $text, scope: {}}) { memory { id } } }
"""
READ = "query ($id: ID!) { memory(id: $id) { text } }"
LOG = """
query ($after: Cursor) {
  changes(after: $after) {
    position hasMore changes { position kind subjectId subject { ... on Memory { text } } }
  }
}
"""
LISTEN = """
subscription ($after: Cursor) {
  changes(after: $after) { position changes { subjectId } }
}
"""


RECALL = """
query ($words: String!, $strategy: RecallStrategy!) {
  recall(input: {query: $words, strategy: $strategy, limit: 3}) {
    degraded hits { memory { id } }
  }
}
"""
ASKED_BY_MEANING = 20
"""Memories that are looked for by vector: each question is embedded."""


def word(name: int, n: int) -> str:
    """Return a word that is in one memory alone."""
    return f"harbour{name}x{n}"


def client_of(process: Process) -> Client:
    return Client(
        process.address, httpx.AsyncClient(base_url=f"http://{process.address}", timeout=60)
    )


async def write_until_it_dies(
    client: Client, name: int, kept: dict[str, str], enough: asyncio.Event
) -> None:
    try:
        for n in range(10_000):
            text = f"{word(name, n)} was written by {name}, number {n}"
            answer = await client.ask(WRITE, text=text)
            kept[answer["createMemory"]["memory"]["id"]] = text
            if len(kept) >= ENOUGH:
                enough.set()
    except httpx.HTTPError:
        return


async def whole_log(client: Client) -> dict[str, str]:
    """The text of every memory that the log tells of, by id."""
    found: dict[str, str] = {}
    after, more = None, True
    while more:
        page = (await client.ask(LOG, after=after))["changes"]
        after, more = page["position"], page["hasMore"]
        found |= {each["subjectId"]: each["subject"]["text"] for each in page["changes"]}
    return found


async def not_found(client: Client, kept: dict[str, str]) -> list[str]:
    """Return what was kept and is not recalled by its own word, or by its meaning."""
    missing: list[str] = []
    for number, (id_, text) in enumerate(kept.items()):
        asked = {"TEXT": text.split()[0]} | ({"VECTOR": text} if number < ASKED_BY_MEANING else {})
        for strategy, query in asked.items():
            answer = (await client.ask(RECALL, words=query, strategy=strategy))["recall"]
            assert answer["degraded"] == []
            if id_ not in {hit["memory"]["id"] for hit in answer["hits"]}:
                missing.append(f"{strategy}: {text}")
    return missing


async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    kept: dict[str, str] = {}
    enough = asyncio.Event()
    async with mnemos_serve(tmp_path) as process, client_of(process).http as http:
        client = Client(process.address, http)
        writers = [write_until_it_dies(client, n, kept, enough) for n in range(WRITERS)]
        writing = asyncio.gather(*writers)
        await enough.wait()
        assert await process.end(signal.SIGKILL) == -signal.SIGKILL
        await writing
    async with mnemos_serve(tmp_path) as process, client_of(process).http as http:
        client = Client(process.address, http)
        told = await whole_log(client)
        for id_, text in kept.items():
            assert await client.ask(READ, id=id_) == {"memory": {"text": text}}
        assert await not_found(client, kept) == []
    assert kept.items() <= told.items()
    assert len(told) <= len(kept) + WRITERS, "what nobody was told of was written twice"


async def test_a_listener_resumes_behind_a_killed_process(tmp_path: Path) -> None:
    async with mnemos_serve(tmp_path) as process, client_of(process).http as http:
        client = Client(process.address, http)
        async with client.socket() as socket:
            await socket.subscribe(LISTEN)
            await socket.next()
            await client.ask(WRITE, text="heard")
            seen = (await socket.next())["changes"]["position"]
        missed = (await client.ask(WRITE, text="missed"))["createMemory"]["memory"]["id"]
        await process.end(signal.SIGKILL)
    async with mnemos_serve(tmp_path) as process, client_of(process).http as http:
        client = Client(process.address, http)
        async with client.socket() as socket:
            await socket.subscribe(LISTEN, after=seen)
            heard: list[dict[str, str]] = []
            while not heard:
                heard += (await socket.next())["changes"]["changes"]
    assert heard == [{"subjectId": missed}]
