"""What lies between us and every provider: places, prices, schemas, events, and how long to wait."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.errors import BadInput, Unusable
from mnemos_graph.language.bills import Usage
from mnemos_graph.language.models.events import data_of
from mnemos_graph.language.models.failing import LONGEST_WAIT, waits
from mnemos_graph.language.models.place import Held, Place
from mnemos_graph.language.models.prices import PRICES, Price, price_of
from mnemos_graph.language.models.schemas import Schema
from tests.models.dialects import Ollama
from tests.models.places import opened, place_of
from tests.models.provider import provider_of


def test_a_place_names_provider_and_model() -> None:
    place = Place.read("anthropic:claude-haiku-5-5?effort=low&structured=tool", key="k")
    assert (place.name, place.key, place.at) == ("anthropic:claude-haiku-5-5", "k", None)
    assert (place.effort, place.held) == ("low", Held.TOOL)


def test_a_server_of_ones_own_is_named_by_its_address() -> None:
    place = Place.read("https://secret%2F1@llm.example:8443/v1/?model=org/qwen3:8b", key="other")
    assert (place.at, place.model) == ("https://llm.example:8443/v1", "org/qwen3:8b")
    assert place.key == "secret/1"
    assert "secret" not in repr(place)


def test_a_deployment_on_azure_is_named_by_its_resource() -> None:
    place = Place.read("azure://acme.openai.azure.com/mini?api-version=2024-10-21")
    assert (place.at, place.model) == ("https://acme.openai.azure.com", "mini")
    assert place.version == "2024-10-21"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("anthropic:", "names no model"),
        ("https://llm.example/v1", "names no model"),
        ("openai:gpt?efort=low", "did you mean effort"),
        ("openai:gpt?structured=xml", "schema, tool, json"),
        ("openai:gpt?tokens=many", "a whole number"),
        ("openai:gpt?price=free", "dollars for a million"),
        ("openai:gpt?price=-1/2", "dollars for a million"),
    ],
)
def test_a_place_that_cannot_be_meant_is_refused(url: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        Place.read(url)


def test_a_price_counts_what_was_cached_apart() -> None:
    price = Price(read=10, written=50, cached=1, kept=12.5)
    usage = Usage(read=1_000_000, cached=300_000, kept=200_000, written=100_000)
    assert price.of(usage) == pytest.approx(5 + 0.3 + 2.5 + 5)


def test_a_long_request_may_cost_more_on_the_whole() -> None:
    price = PRICES["anthropic:claude-haiku-5-5"]
    assert price.of(Usage(read=100_000)) == pytest.approx(0.01)
    assert price.of(Usage(read=200_000)) == pytest.approx(0.1)


def test_a_price_that_nobody_knows_is_none() -> None:
    assert price_of("openai-compatible:qwen3") is None
    assert price_of("anthropic:claude-haiku-4-5-20251001") == PRICES["anthropic:claude-haiku-4-5"]


def test_every_price_says_where_it_is_from() -> None:
    for price in PRICES.values():
        assert datetime.fromisoformat(price.source.rpartition(", ")[2]).year >= 2026


def test_a_schema_is_plainer_for_a_model_than_for_us() -> None:
    named = {"title": {"type": "string", "maxLength": 3}, "pattern": {"const": {"title": 1}}}
    schema = Schema("s", {"type": "object", "title": "S", "properties": named})
    assert schema.plain["properties"] == {
        "title": {"type": "string"},
        "pattern": {"const": {"title": 1}},
    }
    assert "title" not in schema.plain
    assert schema.complaint({"title": "long"}) == "title breaks maxLength"
    assert schema.complaint({"title": "ok"}) is None


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object", "properties": {}, "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, False),
        ({"type": "array", "items": {"type": "object"}}, False),
        ({"type": "string"}, True),
    ],
)
def test_only_a_closed_schema_is_strict(schema: Any, strict: object) -> None:
    assert Schema("s", schema).strict is strict


@pytest.mark.parametrize(
    "schema",
    [{"type": "nothing"}, {"$ref": "http://127.0.0.1:9/s"}, {"$ref": "file:///etc/passwd"}],
)
def test_a_schema_that_is_none_or_elsewhere_is_refused(schema: Any) -> None:
    with pytest.raises(BadInput, match="is no JSON schema"):
        Schema("s", schema)


def test_a_schema_without_a_bottom_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(100):
        schema = {"items": schema}
    with pytest.raises(BadInput, match="flatter"):
        Schema("s", schema)


TEXT = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))


@given(st.lists(st.lists(TEXT, min_size=1), max_size=5), st.data(), st.sampled_from(["\n", "\r\n"]))
async def test_events_come_out_whole_wherever_they_are_cut(
    events: list[list[str]], data: st.DataObject, end: str
) -> None:
    lines = [
        f": hm{end}event: e{end}" + "".join(f"data: {line}{end}" for line in event) + end
        for event in events
    ]
    whole = "".join(lines).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))

    async def chunks() -> AsyncIterator[bytes]:
        for start, stop in zip([0, *cuts], [*cuts, len(whole)], strict=True):
            yield whole[start:stop]

    assert [each async for each in data_of(chunks())] == ["\n".join(event) for event in events]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "999999999"}, LONGEST_WAIT),
        ({"retry-after": "nan"}, LONGEST_WAIT),
        ({"retry-after": "soon"}, None),
    ],
)
def test_how_long_to_wait_is_read_from_headers(headers: Any, seconds: float | None) -> None:
    assert waits(headers) == seconds


def test_how_long_to_wait_may_be_a_date() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    seconds = waits({"retry-after": until})
    assert seconds is not None
    assert 60 < seconds <= 90


async def test_a_server_that_does_not_serve_the_model_says_what_it_serves() -> None:
    async with provider_of(Ollama()) as provider:
        place = Place.read(f"{provider.at}/v1?model=llama9")
        async with opened(place) as model:
            with pytest.raises(Unusable, match="There are qwen3:latest"):
                await model.look()
        async with opened(place_of(provider)) as model:
            await model.look()
