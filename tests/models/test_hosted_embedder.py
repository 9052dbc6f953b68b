"""An embedder behind a server, over its own wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos.diagnosis import State, examine
from mnemos.hosted_embedder import place
from mnemos.part_url import PartUrl
from mnemos.program import open_program
from mnemos.settings import Secret, Settings, SettingsError
from mnemos.wiring import open_parts
from mnemos_graph.errors import BadInput, Garbled, RateLimited, TimedOut, Unavailable, Unusable
from mnemos_graph.language.embedder import Embedder, likeness
from mnemos_graph.language.hosted import embedder as hosted
from mnemos_graph.language.hosted.embedder import HostedEmbedder, open_hosted_embedder
from mnemos_graph.language.hosted.place import EmbedderPlace
from mnemos_graph.language.hosted.windows import windows
from mnemos_graph.language.models.retrying import Waits
from tests.models.deeds import Does, Fails
from tests.models.dialects import KEY
from tests.models.embedding_server import DIMENSIONS, EmbeddingServer, embedding_server
from tests.models.scripted import Clock
from tests.serving import client_of

RECALL = """
{ recall(input: {query: "tea"}) { hits { explanation { signal } } degraded } }
"""


@pytest.fixture
async def server() -> AsyncGenerator[EmbeddingServer, None]:
    async with embedding_server() as server:
        yield server


def opened(
    server: EmbeddingServer, more: str = "", key: str = KEY
) -> AbstractAsyncContextManager[HostedEmbedder]:
    where = EmbedderPlace.read(f"{server.at}/v1?model=bge-m3{more}", key=key)
    return open_hosted_embedder(where, Waits(sleep=Clock().sleep))


async def test_each_text_has_a_row_of_length_one(server: EmbeddingServer) -> None:
    async with opened(server) as embedder:
        promised: Embedder = embedder
        found = await promised.embed(["tea", "", "Åsa ☀", "tea"])
    assert [each.shape for each in found] == [(1, DIMENSIONS)] * 4
    assert np.allclose([np.linalg.norm(each) for each in found], 1)
    assert likeness(found[0], found[3]) == pytest.approx(1)
    assert likeness(found[0], found[2]) < 0.99


async def test_a_generation_is_a_model_its_dimensions_and_how_it_reads(
    server: EmbeddingServer,
) -> None:
    async with opened(server) as one, opened(server, "&window=500") as other:
        assert (one.generation, other.generation) == ("bge-m3 16d w2000", "bge-m3 16d w500")
        assert one.dimensions == DIMENSIONS


async def test_a_long_text_has_a_row_for_each_window(server: EmbeddingServer) -> None:
    text = " ".join(f"word{n}" for n in range(1_000))
    async with opened(server, "&window=1000") as embedder:
        (found,) = await embedder.embed([text])
        parts = windows(text, 1_000)
        each = await embedder.embed(parts)
    assert len(found) == len(parts) > 5
    assert np.allclose(found, np.concatenate(each))


async def test_a_window_that_the_model_cannot_read_is_read_in_halves(
    server: EmbeddingServer,
) -> None:
    server.longest = 600
    async with opened(server) as embedder:
        short, long = await embedder.embed(["short", "many words " * 180])
    assert (len(short), long.shape[1]) == (1, DIMENSIONS)
    assert len(long) >= 4


async def test_many_texts_are_asked_for_in_batches(server: EmbeddingServer) -> None:
    async with opened(server) as embedder:
        found = await embedder.embed([f"text {n}" for n in range(500)])
        again = await embedder.embed(["text 499", "text 0"])
    assert max(len(body["input"]) for body in server.bodies) == 32
    assert server.most_at_once <= hosted.AT_ONCE
    assert np.allclose(again[0], found[499])
    assert len(server.bodies) == 1 + 16


async def test_what_was_embedded_is_forgotten_on_demand(server: EmbeddingServer) -> None:
    async with opened(server) as embedder:
        for _ in range(2):
            await embedder.embed(["tea"])
        embedder.forget()
        await embedder.embed(["tea"])
    assert [body["input"] for body in server.bodies] == [["."], ["tea"], ["tea"]]


async def test_what_passes_is_asked_again(server: EmbeddingServer) -> None:
    async with opened(server) as embedder:
        server.deeds = [Fails(status=503), Fails(status=429, headers={"retry-after": "3"})]
        (found,) = await embedder.embed(["tea"])
    assert found.shape == (1, DIMENSIONS)


async def test_a_question_does_not_wait(
    server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosted, "URGENT_SECONDS", 0.2)
    async with opened(server, "&dimensions=16") as embedder:
        server.deeds = [Does.HANGS, Fails(status=429)]
        with pytest.raises(TimedOut):
            await embedder.embed(["where?"], urgent=True)
        monkeypatch.setattr(hosted, "URGENT_SECONDS", 15.0)
        with pytest.raises(RateLimited):
            await embedder.embed(["where?"], urgent=True)
        with pytest.raises(Unavailable):
            await embedder.ping()
        await embedder.embed(["where?"], urgent=True)
        await embedder.ping()


@pytest.mark.parametrize(
    "odd",
    [
        {"data": []},
        {"data": [{"embedding": [1.0] * 16}] * 2},
        {"data": [{"embedding": [0.0] * 16}]},
        {"data": [{"embedding": [1e308] * 16}]},
        {"data": [{"embedding": "AAAA"}]},
        {"data": [{"embedding": [1.0] * 16, "index": 7}]},
        {"embeddings": [[1.0] * 16]},
        [],
    ],
)
async def test_what_is_no_embedding_is_never_returned(server: EmbeddingServer, odd: Any) -> None:
    async with opened(server) as embedder:
        server.odd = odd
        with pytest.raises(Garbled):
            await embedder.embed(["tea"])


async def test_dimensions_never_mix(server: EmbeddingServer) -> None:
    async with opened(server, "&dimensions=16") as embedder:
        server.dimensions = 32
        with pytest.raises(Unusable, match="gives 32 dimensions, not 16"):
            await embedder.embed(["tea"])


async def test_only_a_model_that_can_is_told_how_many_dimensions_to_give(
    server: EmbeddingServer,
) -> None:
    url = f"openai:text-embedding-3-small?dimensions=8&at={server.at}/v1"
    async with open_hosted_embedder(EmbedderPlace.read(url, key=KEY)) as embedder:
        (found,) = await embedder.embed(["tea"])
    assert (found.shape, embedder.generation) == ((1, 8), "text-embedding-3-small 8d w2000")


async def test_a_wrong_key_is_told(server: EmbeddingServer) -> None:
    with pytest.raises(Unusable, match="key"):
        async with opened(server, key="another"):
            pass


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://host/v1", "names no model"),
        ("https://host/v1?model=m&dimension=3", "did you mean dimensions"),
        ("https://host/v1?model=m&dimensions=0", "dimensions is 8 to 16,384"),
        ("https://host/v1?model=m&window=٣٣٣", "window is 100 to 30,000"),
    ],
)
def test_an_embedder_that_cannot_be_meant_is_refused(url: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        EmbedderPlace.read(url)


@given(st.text(st.sampled_from("ab \nÅ☀"), max_size=900), st.integers(100, 300))
def test_windows_hold_all_of_a_text_and_no_more_than_they_may(text: str, most: int) -> None:
    parts = windows(text, most)
    assert all(len(part) <= most for part in parts)
    at = 0
    for part in parts:
        found = text.find(part, max(0, at - most // 8 - 1))
        assert 0 <= found <= at + 1  # at most the space between two windows is in neither
        at = found + len(part)
    assert at == len(text)


def settings(folder: Path, server: EmbeddingServer, key: str = KEY) -> Settings:
    return Settings(
        data=folder,
        embedder=PartUrl(f"{server.at}/v1?model=bge-m3"),
        embedder_key=Secret(key),
        vectors=PartUrl("none:"),
    )


async def test_the_program_finds_by_meaning_through_it(
    server: EmbeddingServer, tmp_path: Path
) -> None:
    async with (
        open_program(settings(tmp_path, server)) as program,
        client_of(program) as client,
    ):
        await client.ask('mutation { createMemory(input: {text: "tea", scope: {}}) { position } }')
        recalled = (await client.ask(RECALL))["recall"]
        (hit,) = recalled["hits"]
        assert "VECTOR" in [each["signal"] for each in hit["explanation"]]
        assert recalled["degraded"] == []
        checks = (await client.http.get("/health")).json()["checks"]
        assert checks == {"store": "healthy", "embedder": "healthy"}
        assert ["tea"] in [body["input"] for body in server.bodies]


async def test_a_wrong_key_stops_the_start_and_names_the_setting(
    server: EmbeddingServer, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="MNEMOS_EMBEDDER_KEY") as refused:
        async with open_parts(settings(tmp_path, server, key="another")):
            pass
    assert "another" not in str(refused.value)


async def test_an_embedder_that_is_away_at_the_start_is_missed_by_nothing_else(
    server: EmbeddingServer, tmp_path: Path
) -> None:
    server.deeds = [Fails(status=503)]
    async with open_parts(settings(tmp_path, server)) as parts:
        assert parts.parts.embedder is None
        assert parts.away == {"embedder"}


async def test_the_doctor_looks_at_it(server: EmbeddingServer, tmp_path: Path) -> None:
    def looked(key: str) -> Any:
        every = examine(settings(tmp_path, server, key))
        return next(each for each in every if each.what == "embedder")

    assert (await asyncio.to_thread(looked, KEY)).state is State.WELL
    assert (await asyncio.to_thread(looked, "another")).state is State.BAD


def test_its_key_may_be_in_the_providers_own_variable(tmp_path: Path) -> None:
    chosen = Settings(data=tmp_path, embedder=PartUrl("openai:text-embedding-3-small"))
    assert place(chosen, {"OPENAI_API_KEY": "theirs"}).key == "theirs"
