"""Chroma's server keeps every promise of a vector store, and says in one line what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemos_graph.errors import BadInput, Unavailable
from mnemos_graph.model import Access, OrganizationId
from mnemos_graph.vectors import Point
from mnemos_graph.vectors.chroma_rest import Address
from mnemos_graph.vectors.chroma_server import ChromaServer, open_chroma_server
from mnemos_graph.vectors.rows import collection_name
from tests.conformance.memory_vectors import MemoryVectors
from tests.conformance.samples import ACME, GLOBEX
from tests.conformance.vectors_suite import (
    NEW,
    OLD,
    START,
    VectorStoreSuite,
    points,
    ref,
    rows,
)
from tests.servers.chroma import COLLECTIONS, ChromaProcess, chroma_server

pytestmark = pytest.mark.server


@pytest.fixture
async def vectors(shared_chroma: ChromaProcess) -> AsyncIterator[ChromaServer]:
    async with open_chroma_server(shared_chroma.url) as opened:
        for access in (ACME, GLOBEX):
            await opened.drop(access)
        yield opened


class TestChromaServer(VectorStoreSuite):
    """The suite, over a real server."""


@given(
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(1, 3)), max_size=25),
    asked=st.integers(0, 9),
)
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_whatever_is_put_and_removed_the_reference_finds_the_same(
    vectors: ChromaServer, steps: list[tuple[bool, int, int]], asked: int
) -> None:
    reference = MemoryVectors()
    for each in (vectors, reference):
        await each.begin(ACME, NEW, START)
        for keep, number, version in steps:
            at = ref(f"r{number}", version)
            if keep:
                await each.put(ACME, NEW, [Point(at, rows(number * 10 + version, version))])
            else:
                await each.remove(ACME, NEW, [at])
    found = await vectors.nearest(ACME, NEW, rows(asked)[0], 5)
    expected = await reference.nearest(ACME, NEW, rows(asked)[0], 5)
    assert [each.ref for each in found] == [each.ref for each in expected]


async def test_every_process_finds_what_one_has_put(
    vectors: ChromaServer, shared_chroma: ChromaProcess
) -> None:
    async with open_chroma_server(shared_chroma.url) as other:
        await vectors.begin(ACME, NEW, START)
        await vectors.put(ACME, NEW, points(250))
        (near,) = await other.nearest(ACME, NEW, rows(249)[0], 1)
        assert near.ref == ref("r249")


async def test_who_fills_a_collection_that_another_began_anew_is_stopped(
    vectors: ChromaServer, shared_chroma: ChromaProcess
) -> None:
    async with open_chroma_server(shared_chroma.url) as other:
        await vectors.begin(ACME, NEW, START)
        await other.begin(ACME, NEW, START)
        await vectors.stand(ACME, NEW)
        with pytest.raises(Unavailable, match="not collected"):
            await vectors.put(ACME, NEW, points(1))
        assert await other.nearest(ACME, NEW, rows(1)[0], 5) == []
        await vectors.stand(ACME, NEW)
        await vectors.put(ACME, NEW, points(1))


async def test_who_asks_hears_when_another_began_the_collection_anew(
    vectors: ChromaServer, shared_chroma: ChromaProcess
) -> None:
    async with open_chroma_server(shared_chroma.url) as other:
        await vectors.begin(ACME, OLD, START)
        await vectors.put(ACME, OLD, points(3))
        assert len(await other.nearest(ACME, OLD, rows(1)[0], 5)) == 3
        await vectors.begin(ACME, OLD, START)
        with pytest.raises(Unavailable, match="anew"):
            await other.nearest(ACME, OLD, rows(1)[0], 5)
        assert await other.nearest(ACME, OLD, rows(1)[0], 5) == []


async def test_a_collection_of_another_dimension_is_refused_with_the_remedy(
    vectors: ChromaServer,
) -> None:
    await vectors.begin(ACME, NEW, START)
    await vectors.put(ACME, NEW, points(1))
    short = rows(1)[0][:7]
    with pytest.raises(Unavailable, match=r"another dimension.*mnemos reindex"):
        await vectors.nearest(ACME, NEW, short, 1)
    with pytest.raises(Unavailable, match=r"another dimension.*mnemos reindex"):
        await vectors.put(ACME, NEW, [Point(ref("short"), short[None])])


async def test_a_collection_of_another_metric_is_refused_with_the_remedy(
    vectors: ChromaServer, shared_chroma: ChromaProcess
) -> None:
    async with httpx.AsyncClient(base_url=shared_chroma.url) as client:
        foreign = {"name": collection_name(ACME, NEW), "metadata": {"generation": NEW}}
        (await client.post(COLLECTIONS, json=foreign)).raise_for_status()
    with pytest.raises(Unavailable, match=r"compares by l2.*mnemos reindex"):
        await vectors.stand(ACME, NEW)
    await vectors.begin(ACME, NEW, START)
    assert await vectors.stand(ACME, NEW) == START


async def test_no_text_and_no_name_of_an_organization_is_in_the_server(
    vectors: ChromaServer, shared_chroma: ChromaProcess
) -> None:
    access = Access(OrganizationId("a-name-nobody-should-see"), "tester")
    await vectors.begin(access, NEW, START)
    await vectors.put(access, NEW, points(3))
    try:
        for file in (shared_chroma.folder / "data").rglob("*"):
            assert not file.is_file() or b"nobody-should-see" not in file.read_bytes()
    finally:
        await vectors.drop(access)


async def test_a_server_that_was_restarted_is_used_again(tmp_path: Path) -> None:
    async with chroma_server(tmp_path) as server, open_chroma_server(server.url) as vectors:
        await vectors.begin(ACME, NEW, START)
        await vectors.put(ACME, NEW, points(250))
        await asyncio.to_thread(server.end)
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1:\d+ does not answer"):
            await vectors.nearest(ACME, NEW, rows(1)[0], 1)
        with pytest.raises(Unavailable):
            await vectors.ping()
        await asyncio.to_thread(server.start)
        await vectors.ping()
        (near,) = await vectors.nearest(ACME, NEW, rows(249)[0], 1)
        assert near.ref == ref("r249")


async def test_nobody_waits_for_a_server_that_holds_its_connections(tmp_path: Path) -> None:
    async with chroma_server(tmp_path) as server, open_chroma_server(server.url) as vectors:
        await vectors.begin(ACME, NEW, START)
        server.stall()
        asked = [vectors.nearest(ACME, NEW, rows(1)[0], 1) for _ in range(3)]
        await asyncio.gather(*asked, return_exceptions=True)
        with pytest.raises(Unavailable, match="tried again soon"):
            await vectors.nearest(ACME, NEW, rows(1)[0], 1)
        server.go_on()
        await _until(lambda: vectors.nearest(ACME, NEW, rows(1)[0], 1))


async def _until(works: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                await works()
            except Unavailable:
                await asyncio.sleep(0.05)
            else:
                return


@asynccontextmanager
async def answering(status: str, body: str) -> AsyncIterator[tuple[int, list[str]]]:
    """Answer every request alike; give the port, and the heads of what was asked."""
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], heads


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        ("401 Unauthorized", "", "Put the token"),
        ("403 Forbidden", "", "Put the token"),
        ("200 OK", '"0.6.3"', r"not Chroma 1\.0 or later"),
        ("404 Not Found", "{}", r"not Chroma 1\.0 or later"),
        ("200 OK", "<html>", r"not Chroma 1\.0 or later"),
        ("503 Service Unavailable", "", "status 503"),
    ],
)
async def test_a_server_that_cannot_be_used_is_named_with_the_remedy(
    status: str, body: str, says: str
) -> None:
    async with answering(status, body) as (port, heads):
        kind = Unavailable if status.startswith("503") else BadInput
        with pytest.raises(kind, match=says) as refused:
            async with open_chroma_server(f"http://s3cret-token@127.0.0.1:{port}"):
                pass
    said = str(refused.value)
    assert f"127.0.0.1:{port}" in said
    assert "s3cret" not in said + repr(refused.value.__cause__)
    assert "\n" not in said
    assert "authorization: bearer s3cret-token" in heads[0].lower()


@pytest.mark.parametrize(
    "url", ["", "chroma:", "http://", "http://host:many", "ftp://host", "http://host/path"]
)
async def test_what_is_no_url_of_a_server_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(BadInput, match="http://HOST:PORT") as refused:
        async with open_chroma_server(url.replace("://", "://s3cret@")):
            pass
    assert "s3cret" not in str(refused.value)


def test_the_text_of_an_address_keeps_its_token() -> None:
    address = Address.of("https://to%2Fken@chroma.example")
    assert address.token == "to/ken"
    assert repr(address) == "Address('https://chroma.example')"
