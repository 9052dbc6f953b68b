from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from graphql.execution.collect_fields import CollectedFields

from mnemos_graph.identity import LOCAL_CALLER
from mnemos_graph.model import new_id
from mnemos_graph.store import ChangeSet, Delete, GraphStore, Put
from tests.conformance.samples import memory
from tests.serving import Client, Socket

CREATE = """
mutation ($text: String!, $userId: String, $type: MemoryType! = SEMANTIC) {
  createMemory(input: {text: $text, type: $type, scope: {userId: $userId}}) {
    memory { id }
    position
  }
}
"""
TEXTS = """
  position
  hasMore
  changes { position kind subjectType subjectId actor subject { ... on Memory { text version } } }
"""
LISTEN = f"""
subscription ($after: Cursor, $scope: ScopeInput, $filter: ChangeFilter) {{
  changes(after: $after, scope: $scope, filter: $filter) {{ {TEXTS} }}
}}
"""
READ = f"""
query ($after: Cursor, $scope: ScopeInput, $filter: ChangeFilter, $first: Int! = 100) {{
  changes(after: $after, scope: $scope, filter: $filter, first: $first) {{ {TEXTS} }}
}}
"""


async def create(client: Client, text: str, **variables: Any) -> Mapping[str, Any]:
    answer = await client.ask(CREATE, text=text, **variables)
    written: Mapping[str, Any] = answer["createMemory"]
    return written


async def heard(socket: Socket, count: int) -> list[str]:
    """The texts of the next ``count`` changes, however they are paged."""
    texts: list[str] = []
    while len(texts) < count:
        texts += texts_of((await socket.next())["changes"])
    return texts


def texts_of(page: Mapping[str, Any]) -> list[str]:
    return [change["subject"]["text"] for change in page["changes"]]


async def until(response: httpx.Response, word: str) -> AsyncIterator[str]:
    """The lines of a stream, up to the first that has ``word``."""
    async for line in response.aiter_lines():
        yield line
        if word in line:
            return


async def test_a_subscriber_hears_what_another_client_writes(client: Client) -> None:
    async with client.socket() as socket:
        await socket.subscribe(LISTEN)
        await socket.next()
        written = await create(client, "Alice moved to Lisbon.")
        page = (await socket.next())["changes"]
    assert page["position"] == written["position"]
    assert page["changes"] == [
        {
            "position": written["position"],
            "kind": "CREATED",
            "subjectType": "MEMORY",
            "subjectId": written["memory"]["id"],
            "actor": "local",
            "subject": {"text": "Alice moved to Lisbon.", "version": 1},
        }
    ]


async def test_the_first_page_says_where_the_stream_starts(client: Client) -> None:
    before = await create(client, "before")
    async with client.socket() as socket:
        await socket.subscribe(LISTEN)
        first = (await socket.next())["changes"]
        assert first == {"position": before["position"], "hasMore": False, "changes": []}
        await create(client, "after")
        assert await heard(socket, 1) == ["after"]


async def test_a_listener_costs_no_more_after_many_pages(client: Client) -> None:
    def remembered() -> int:
        gc.collect()
        return sum(type(each) is CollectedFields for each in gc.get_objects())

    async with client.socket() as socket:
        await socket.subscribe(LISTEN)
        await socket.next()
        await create(client, "first")
        await heard(socket, 1)
        early = remembered()
        for number in range(20):
            await create(client, str(number))
            await heard(socket, 1)
        assert remembered() <= early + 5


async def test_a_listener_that_resumes_misses_nothing(client: Client) -> None:
    seen = await create(client, "seen")
    for text in ("missed 1", "missed 2"):
        await create(client, text)
    async with client.socket() as socket:
        await socket.subscribe(LISTEN, after=seen["position"])
        assert await heard(socket, 2) == ["missed 1", "missed 2"]
        await create(client, "live")
        assert await heard(socket, 1) == ["live"]


async def test_a_listener_hears_of_its_scope_and_filter_only(client: Client) -> None:
    async with client.socket() as socket:
        await socket.subscribe(
            LISTEN,
            scope={"userId": "alice", "includeShared": False},
            filter={"memoryTypes": ["CORE"]},
        )
        await socket.next()
        await create(client, "Bob's", userId="bob", type="CORE")
        await create(client, "everybody's", type="CORE")
        await create(client, "of another type", userId="alice")
        await create(client, "wanted", userId="alice", type="CORE")
        assert await heard(socket, 1) == ["wanted"]


async def test_two_subscriptions_of_one_socket_hear_the_same(client: Client) -> None:
    async with client.socket() as socket:
        for name in ("a", "b"):
            await socket.subscribe(LISTEN, id=name)
            await socket.next()
        await create(client, "for both")
        messages = [await socket.hear(), await socket.hear()]
    assert {message["id"] for message in messages} == {"a", "b"}
    assert messages[0]["payload"] == messages[1]["payload"]


async def test_the_log_is_read_page_by_page(client: Client) -> None:
    for n in range(1, 6):
        await create(client, f"{n}")
    pages, after = [], None
    for _ in range(3):
        page = (await client.ask(READ, after=after, first=2))["changes"]
        pages.append((texts_of(page), page["hasMore"]))
        after = page["position"]
    assert pages == [(["1", "2"], True), (["3", "4"], True), (["5"], False)]
    assert after == (await client.ask("{ position }"))["position"]


async def test_what_was_committed_together_is_never_cut(client: Client, store: GraphStore) -> None:
    three = tuple(Put(memory(text)) for text in ("1", "2", "3"))
    await store.commit(LOCAL_CALLER.access, ChangeSet(three))
    page = (await client.ask(READ, first=1))["changes"]
    assert texts_of(page) == ["1", "2", "3"]


async def test_a_subject_is_as_it_was_right_after_its_change(
    client: Client, store: GraphStore
) -> None:
    known = new_id()
    for text, version in (("first", 1), ("second", 2)):
        written = Put(memory(text, id=known, version=version))
        await store.commit(LOCAL_CALLER.access, ChangeSet((written,)))
    await store.commit(LOCAL_CALLER.access, ChangeSet((Delete(written.record.KIND, known, 2),)))
    page = (await client.ask(READ))["changes"]
    assert [(change["kind"], change["subject"]) for change in page["changes"]] == [
        ("CREATED", {"text": "first", "version": 1}),
        ("UPDATED", {"text": "second", "version": 2}),
        ("DELETED", None),
    ]


@pytest.mark.parametrize("cursor", ["", "nonsense", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
async def test_a_cursor_that_is_none_is_refused(client: Client, cursor: str) -> None:
    (error,) = (await client.send(READ, after=cursor))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "This is not a cursor" in error["message"]


async def test_a_subscription_with_a_bad_cursor_ends_alone(client: Client) -> None:
    async with client.socket() as socket:
        await socket.subscribe(LISTEN, id="good")
        await socket.next()
        await socket.subscribe(LISTEN, id="bad", after="nonsense")
        refused = await socket.hear()
        await create(client, "still heard")
        while (message := await socket.hear())["id"] != "good":
            assert message == {"id": "bad", "type": "complete"}
    assert refused["id"] == "bad"
    assert "BAD_USER_INPUT" in str(refused["payload"])
    assert texts_of(message["payload"]["data"]["changes"]) == ["still heard"]


@pytest.mark.parametrize(
    ("first", "code"), [(0, "BAD_USER_INPUT"), (-1, "BAD_USER_INPUT"), (101, "LIMIT_EXCEEDED")]
)
async def test_a_page_has_1_to_100_items(client: Client, first: int, code: str) -> None:
    (error,) = (await client.send(READ, first=first))["errors"]
    assert error["extensions"]["code"] == code


async def test_the_log_comes_over_server_sent_events_too(client: Client) -> None:
    start = (await client.ask("{ position }"))["position"]
    await create(client, "by SSE")
    body = {"query": LISTEN, "variables": {"after": start}}
    headers = {"accept": "text/event-stream"}
    async with client.http.stream("POST", "/graphql", json=body, headers=headers) as response:
        lines = [line async for line in until(response, "by SSE")]
    assert lines[-2] == "event: next"
    assert response.headers["content-type"].startswith("text/event-stream")
