"""How an answer goes over the wire: compressed, and by its tag."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest

from mnemos.answering.asked import asked, takes_gzip
from mnemos.documents import Documents
from tests.conformance.memory_store import MemoryStore
from tests.platform.answering.desk import Desk, desk
from tests.platform.answering.test_keeping import ANN, LIST, create, texts

VIEWER = "{ viewer { actor } }"


@pytest.fixture
async def here() -> AsyncIterator[Desk]:
    async with desk(MemoryStore()) as opened:
        for number in range(10):
            await create(opened, f"Ann drank cup {number} of a very good green tea at the office.")
        yield opened


async def get(at: Desk, query: str, **headers: str) -> httpx.Response:
    asked = urlencode({"query": query, "variables": json.dumps(ANN)})
    return await at.http.get(f"/graphql?{asked}", headers=headers)


async def raw(at: Desk, **headers: str) -> tuple[httpx.Headers, bytes]:
    """Return an answer's headers and its bytes as they were sent."""
    body = {"query": LIST, "variables": ANN}
    async with at.http.stream("POST", "/graphql", json=body, headers=headers) as response:
        return response.headers, b"".join([part async for part in response.aiter_raw()])


async def test_a_long_answer_is_compressed_for_who_takes_it_so(here: Desk) -> None:
    for _ in range(2):
        plain, body = await raw(here, **{"accept-encoding": "identity"})
        packed, short = await raw(here, **{"accept-encoding": "br, gzip"})
        assert ("content-encoding" in plain, packed["content-encoding"]) == (False, "gzip")
        assert gzip.decompress(short) == body
        assert int(packed["content-length"]) == len(short) < len(body) / 2


async def test_a_short_answer_and_a_stream_are_not_compressed(here: Desk) -> None:
    short = await here.http.post("/graphql", json={"query": VIEWER})
    page = await here.http.get("/health")
    assert "content-encoding" not in short.headers
    assert "content-encoding" not in page.headers


async def test_what_is_not_kept_is_compressed_too(here: Desk) -> None:
    recall = {"query": '{ recall(input: {query: "green tea"}) { hits { memory { id text } } } }'}
    long = await here.http.post("/graphql", json=recall)
    assert (long.headers["content-encoding"], here.counts.hits) == ("gzip", 0)


async def test_a_tag_is_answered_with_nothing_new_until_something_is(here: Desk) -> None:
    first = await get(here, LIST)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    assert {"authorization", "x-api-key"} <= set(first.headers["vary"].split(", "))
    same = await get(here, LIST, **{"if-none-match": f'"other", {tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    await create(here, "Ann switched to coffee")
    other = await get(here, LIST, **{"if-none-match": tag})
    assert other.status_code == 200
    assert "Ann switched to coffee" in texts(other.json()["data"])


async def test_a_tag_of_another_caller_is_still_only_a_tag(here: Desk) -> None:
    """Whoever knows another's tag learns nothing but that their own answer is the same."""
    tag = (await get(here, VIEWER)).headers["etag"]
    other = here.holding(await here.key())
    assert (await get(other, VIEWER, **{"if-none-match": tag})).status_code == 200


async def test_what_is_not_to_be_kept_has_no_tag(here: Desk) -> None:
    for query in (
        '{ recall(input: {query: "tea"}) { tookMs } }',
        "{ memories(first: 0) { __typename } }",
    ):
        answer = await get(here, query)
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"


async def test_mutations_are_not_carried_out_by_get(here: Desk) -> None:
    for _ in range(2):
        refused = await get(here, 'mutation { deleteMemory(id: "x") { count } }')
        assert refused.status_code == 405


async def test_get_and_post_ask_the_same(here: Desk) -> None:
    await here.ask(LIST, **ANN)
    hits = here.counts.hits
    assert texts((await get(here, LIST)).json()["data"])
    assert here.counts.hits == hits + 1


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        (b"", False),
        (b"gzip", True),
        (b"br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        (b"*", True),
        (b"gzip;q=0", False),
        (b"identity, GZIP ; q=0.0", False),
    ],
)
def test_who_takes_gzip(accepted: bytes, *, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"query": 1}',
        b'{"query": ""}',
        b'{"query": "{ a }", "variables": []}',
        b'{"query": "{ a }", "variables": "x"}',
        b'{"query": "{ a }", "operationName": 7}',
        b"\xff",
        b'{"query": "{ a }"',
        b"[" * 50_000,
    ],
)
def test_what_is_no_plain_request_goes_the_long_way(body: bytes) -> None:
    assert asked(body, Documents(), is_get=False) is None


def test_the_order_of_variables_does_not_matter() -> None:
    one = asked(
        b'{"query": "{ a }", "variables": {"x": 1, "y": {"b": 2, "a": 3}}}',
        Documents(),
        is_get=False,
    )
    two = asked(
        b'{"variables": {"y": {"a": 3, "b": 2}, "x": 1}, "query": "{ a }"}',
        Documents(),
        is_get=False,
    )
    other = asked(
        b'{"query": "{ a }", "variables": {"x": 1.5, "y": {}}}', Documents(), is_get=False
    )
    assert one == two != other
