"""The program with a language model of the settings, over the model's own wire."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mnemos.diagnosis import Finding, State, examine
from mnemos.language_models import places
from mnemos.part_url import PartUrl
from mnemos.program import Program, open_program
from mnemos.schemes import check
from mnemos.settings import Secret, Settings, SettingsError
from mnemos.wiring import open_parts
from tests.models.deeds import Fails, Says
from tests.models.dialects import KEY, Anthropic, Gemini, Ollama, OpenAI
from tests.models.provider import Provider, provider_of
from tests.serving import Client, client_of

OSLO = {"name": "Oslo", "kind": "PLACE"}
ASA = {"name": "Åsa", "kind": "PERSON"}
DATES = {"since": None, "until": None, "quote": "I live in Oslo"}
UNDERSTOOD = {
    "turns": [
        {
            "n": 0,
            "memories": [
                {"text": "Åsa lives in Oslo.", "type": "semantic", "importance": 0.6,
                 "entities": [ASA, OSLO]} | DATES,
            ],
            "facts": [
                {"subject": ASA, "predicate": "lives_in", "object": OSLO, "value": None,
                 "statement": "Åsa lives in Oslo.", "ended": False, "confidence": 0.9} | DATES,
            ],
            "forget": [],
        }
    ]
}  # fmt: skip
TELL = """
mutation {
  remember(input: {messages: [{text: "I live in Oslo.", speaker: "Åsa", role: USER}], scope: {}}) {
    episodes { id }
    decisions { action memory { text } }
    pending { id }
  }
}
"""
JOB = """query ($id: ID!) { job(id: $id) {
  state cost { dollars models { model calls failures tokensRead tokensWritten dollars } }
} }"""
MANY = """mutation ($inputs: [RememberInput!]!) { rememberMany(inputs: $inputs) { job { id } } }"""
KNOWN = "{ memories(first: 10) { edges { node { text } } } }"


def understands() -> Says:
    return Says(pieces=(json.dumps(UNDERSTOOD),), read=900, cached=0, written=120)


def settings(folder: Path, *urls: str, **more: Any) -> Settings:
    return Settings(
        data=folder,
        model=PartUrl(",".join(urls)),
        model_key=Secret(KEY),
        embedder=PartUrl("none:"),
        vectors=PartUrl("none:"),
        **more,
    )


def url(provider: Provider) -> str:
    return provider.dialect.url.format(at=provider.at)


@asynccontextmanager
async def served(settings: Settings) -> AsyncGenerator[tuple[Program, Client], None]:
    async with open_program(settings) as program, client_of(program) as client:
        yield program, client


async def health(client: Client) -> Mapping[str, Any]:
    told: Mapping[str, Any] = (await client.http.get("/health")).json()
    return told


async def state(client: Client, job: str) -> str:
    return str((await client.ask(JOB, id=job))["job"]["state"])


async def cost_of(client: Client, job: str) -> Any:
    """Return what a job cost, once it has succeeded."""
    async with asyncio.timeout(15):
        while await state(client, job) != "SUCCEEDED":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return (await client.ask(JOB, id=job))["job"]["cost"]


@pytest.mark.parametrize(
    "dialect", [Anthropic(), OpenAI(), Gemini()], ids=lambda d: type(d).__name__
)
async def test_what_is_told_is_understood_and_the_answer_says_what_it_cost(
    dialect: Any, tmp_path: Path
) -> None:
    async with provider_of(dialect) as provider:
        provider.will(understands())
        async with served(settings(tmp_path, url(provider))) as (program, client):
            answer = await client.send(TELL)
            (decision,) = answer["data"]["remember"]["decisions"]
            assert decision == {"action": "ADD", "memory": {"text": "Åsa lives in Oslo."}}
            cost = answer["extensions"]["cost"]
            (spent,) = cost["models"].values()
            assert (spent["calls"], spent["tokensRead"], spent["tokensWritten"]) == (1, 900, 120)
            assert cost["dollars"] > 0
            assert program.books.dollars == cost["dollars"]
            assert (await health(client))["checks"]["model"] == "healthy"
            assert "extensions" not in await client.send("{ viewer { actor } }")


async def test_nothing_told_is_lost_while_the_model_is_away(tmp_path: Path) -> None:
    async with provider_of(Ollama()) as provider:
        provider.will(Fails(status=401))
        async with served(settings(tmp_path, url(provider))) as (_, client):
            answer = await client.send(TELL)
            told = answer["data"]["remember"]
            assert (len(told["episodes"]), told["decisions"]) == (1, [])
            assert answer["extensions"]["cost"]["dollars"] == 0
            assert (await health(client))["checks"] == {"store": "healthy", "model": "degraded"}
            assert (await client.http.get("/health/ready")).is_success
            provider.will(understands())
            cost = await cost_of(client, told["pending"]["id"])
            assert (cost["models"][0]["tokensRead"], cost["dollars"]) == (900, None)
            known = await client.ask(KNOWN)
            assert [each["node"]["text"] for each in known["memories"]["edges"]] == [
                "Åsa lives in Oslo."
            ]
            async with asyncio.timeout(5):
                while (await health(client))["checks"]["model"] != "healthy":  # noqa: ASYNC110
                    await asyncio.sleep(0.1)


async def test_a_job_says_what_it_cost_and_again_costs_nothing(tmp_path: Path) -> None:
    said = {"text": "I live in Oslo.", "speaker": "Åsa", "occurredAt": "2026-06-03T09:30:00Z"}
    inputs = [{"messages": [said], "scope": {"userId": user}} for user in ("ann", "bob")]
    async with provider_of(Anthropic()) as provider:
        provider.will(understands())
        async with served(settings(tmp_path, url(provider))) as (_, client):
            costs = []
            for _ in range(2):
                job = (await client.ask(MANY, inputs=inputs))["rememberMany"]["job"]["id"]
                costs.append(await cost_of(client, job))
    first, again = costs
    (spent,) = first["models"]
    assert (spent["calls"], spent["tokensRead"], spent["tokensWritten"]) == (2, 1_800, 240)
    assert first["dollars"] == spent["dollars"] > 0
    assert again is None


async def test_the_next_model_stands_in_for_the_first(tmp_path: Path) -> None:
    async with provider_of(Anthropic()) as first, provider_of(Gemini()) as second:
        first.will(Fails(status=529, kind="overloaded_error", headers={"retry-after": "99"}))
        second.will(understands())
        chosen = settings(tmp_path, url(first), url(second))
        chain = Settings.load(
            {"data": tmp_path, "embedder": PartUrl("none:"), "vectors": PartUrl("none:")},
            {"MNEMOS_MODEL": chosen.model.whole, "MNEMOS_MODEL_KEY": f"{KEY}, {KEY}"},
        )
        async with served(chain) as (_, client):
            answer = await client.send(TELL)
            assert len(answer["data"]["remember"]["decisions"]) == 1
            assert set(answer["extensions"]["cost"]["models"]) == {
                "anthropic:claude-haiku-5-5",
                "gemini:gemini-3.5-flash",
            }
            assert (await health(client))["checks"]["model"] == "healthy"


def test_a_key_comes_from_the_settings_or_from_the_providers_own_variable(tmp_path: Path) -> None:
    chosen = settings(tmp_path, "anthropic:a", "gemini:g", "https://KEY@host/v1?model=m")
    found = places(chosen, {"ANTHROPIC_API_KEY": "theirs", "GOOGLE_API_KEY": "google's"})
    assert [place.key for _, place in found] == [KEY, "google's", "KEY"]


async def start(chosen: Settings) -> None:
    check(chosen)
    async with open_parts(chosen):
        pass


@pytest.mark.parametrize(
    ("model", "key", "told"),
    [
        ("anthropic:", "k", "without a place. Give anthropic:MODEL."),
        ("antropic:x", "k", "Did you mean anthropic:?"),
        (
            "anthropic:x",
            "",
            "needs a key, and none is set. Set MNEMOS_MODEL_KEY, or ANTHROPIC_API_KEY",
        ),
        ("openai:x?efort=low", "k", "did you mean effort?"),
        ("openai:x,offline:", "k", "MNEMOS_MODEL has offline: among language models"),
        ("openai:x", "one,two", "MNEMOS_MODEL_KEY has 2 keys for 1 of MNEMOS_MODEL"),
        ("https://host/v1", "k", "names no model"),
        ("azure:x", "k", "A model on Azure has an address"),
    ],
)
async def test_a_model_that_cannot_be_meant_stops_the_start(
    model: str, key: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    chosen = Settings(data=tmp_path, model=PartUrl(model), model_key=Secret(key))
    with pytest.raises(SettingsError) as refused:
        await start(chosen)
    assert "MNEMOS_MODEL" in str(refused.value)
    assert told in str(refused.value)


def found(chosen: Settings) -> list[Finding]:
    return [each for each in examine(chosen) if each.what == "language model"]


def test_the_doctor_has_nothing_to_say_of_models_that_are_not_there(tmp_path: Path) -> None:
    assert found(Settings(data=tmp_path)) == []


async def test_the_doctor_looks_at_each_model(tmp_path: Path) -> None:
    async with provider_of(Anthropic()) as first, provider_of(Ollama()) as second:
        chosen = settings(tmp_path, url(first), f"{second.at}/v1?model=other")
        well, bad = await asyncio.to_thread(found, chosen)
    assert (well.state, bad.state) == (State.WELL, State.BAD)
    assert "claude-haiku-5-5 is there" in well.told
    assert "There are qwen3:latest" in bad.told


async def test_a_key_is_in_no_message_and_no_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with provider_of(OpenAI()) as provider:
        provider.will(Fails(status=401, message="Incorrect API key."))
        async with served(settings(tmp_path, url(provider))) as (program, client):
            await client.send(TELL)
            told = str(await health(client)) + repr(program.settings)
    assert KEY not in told + caplog.text
