from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from mnemos import AsyncClient, Client, EntityType, FactType, Telling
from mnemos.client.problems import BadDocument, Unreachable
from mnemos.client.results import Memory, Ontology
from mnemos_graph.errors import BadInput
from tests import serving
from tests.platform.client.relay import Relay, relayed


@pytest.fixture
async def relay(client: serving.Client) -> AsyncIterator[Relay]:
    async with relayed(client.address) as relay:
        yield relay


@pytest.fixture
async def mnemos(relay: Relay) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(f"http://{relay.address}") as mnemos:
        yield mnemos


async def write(mnemos: AsyncClient, *texts: str) -> None:
    for text in texts:
        await mnemos.create_memory(text)


def texts_of(subjects: list[object]) -> list[str]:
    return [subject.text for subject in subjects if isinstance(subject, Memory)]


async def hear(mnemos: AsyncClient, count: int, after: str | None = None) -> list[str]:
    heard: list[object] = []
    async with aclosing(mnemos.changes(after)) as pages:
        async for page in pages:
            heard += [change.subject for change in page.changes]
            if len(heard) >= count:
                return texts_of(heard)
    return []


async def test_what_is_written_comes_back_typed(mnemos: AsyncClient) -> None:
    written = await mnemos.create_memory("Ana lives in Rome", user_id="ana", tags=["home"])
    assert written.memory.scope.user_id == "ana"
    assert written.memory.tags == ("home",)
    assert written.memory.created_at.tzinfo is not None
    page = await mnemos.log()
    assert page.changes[0].subject == written.memory


async def test_a_dry_run_shows_decisions_and_writes_nothing(mnemos: AsyncClient) -> None:
    before = await mnemos.position()
    shown = await mnemos.remember("I live in Oslo.", user_id="ann", dry_run=True)
    assert [each.action for each in shown.decisions] == ["ADD"]
    assert await mnemos.position() == before


async def test_a_context_is_written_by_a_template_and_asked_for_what_is_new(
    mnemos: AsyncClient,
) -> None:
    await mnemos.create_memory("the boat is red")
    await mnemos.set_template("brief", "{{#each memories}}{{text}}!{{/each}}")
    assert [each.name for each in await mnemos.templates()] == ["brief"]
    told = await mnemos.context("boat", template="brief")
    assert told.text == "the boat is red!"
    await mnemos.create_memory("the kettle is blue")
    news = await mnemos.context("boat", template="brief", since=told.position)
    assert news.text == "the kettle is blue!"
    assert (await mnemos.delete_template("brief")).deleted_count == 1


async def test_an_ontology_is_set_read_and_told_of(mnemos: AsyncClient) -> None:
    before = await mnemos.position()
    lies = FactType(name="lies_in", objects=["WARD"])
    written = await mnemos.set_ontology(
        instructions="Note wards.", entity_types=[EntityType(name="WARD")], fact_types=[lies]
    )
    assert await mnemos.ontology() == written.ontology
    assert written.ontology.fact_types[0].objects == ("WARD",)
    (change,) = (await mnemos.log(before)).changes
    assert isinstance(change.subject, Ontology)
    assert (change.subject_type, change.subject.instructions) == ("ONTOLOGY", "Note wards.")
    assert (await mnemos.delete_ontology()).deleted_count == 1
    assert await mnemos.ontology() is None


async def test_a_program_without_an_event_loop_speaks_to_it_too(relay: Relay) -> None:
    def write_and_listen() -> list[object]:
        with Client(f"http://{relay.address}") as mnemos:
            mnemos.create_memory("one")
            for page in mnemos.changes(mnemos.log(first=1).position):
                mnemos.create_memory("two")
                if page.changes:
                    return [change.subject for change in page.changes]
        return []

    heard = await asyncio.to_thread(write_and_listen)
    assert texts_of(heard) == ["two"]


async def test_a_listener_whose_connections_are_cut_misses_nothing_and_hears_nothing_twice(
    mnemos: AsyncClient, relay: Relay
) -> None:
    await write(mnemos, "0")
    heard: list[object] = []
    async with aclosing(mnemos.changes((await mnemos.log(first=1)).position)) as pages:
        for count in range(1, 6):
            await write(mnemos, f"{count}a", f"{count}b")
            await relay.cut()
            while len(heard) < 2 * count:
                heard += [change.subject for change in (await anext(pages)).changes]
    assert texts_of(heard) == [f"{count}{half}" for count in range(1, 6) for half in "ab"]
    assert relay.connections > 5


async def test_a_listener_that_was_cut_before_the_first_change_starts_where_it_was_told(
    mnemos: AsyncClient, relay: Relay
) -> None:
    async with aclosing(mnemos.changes()) as pages:
        assert (await anext(pages)).changes == ()
        await relay.cut()
        await write(mnemos, "while away")
        heard: list[object] = []
        while not heard:
            heard += [change.subject for change in (await anext(pages)).changes]
    assert texts_of(heard) == ["while away"]


async def test_a_live_answer_is_told_again_when_it_changes_and_not_when_a_connection_is_lost(
    mnemos: AsyncClient, relay: Relay
) -> None:
    await write(mnemos, "a red kite")
    async with aclosing(mnemos.live_recall("kite")) as answers:
        assert [hit.memory.text for hit in (await anext(answers)).hits] == ["a red kite"]
        await relay.cut()
        await write(mnemos, "a blue kite")
        found = {hit.memory.text for hit in (await anext(answers)).hits}
    assert found == {"a red kite", "a blue kite"}
    assert relay.connections > 2


async def test_a_watch_goes_on_behind_what_it_told_when_a_connection_is_lost(
    mnemos: AsyncClient, relay: Relay
) -> None:
    await write(mnemos, "before the watch")
    async with aclosing(mnemos.watch(text="kite", min_score=0.0)) as hits:
        assert (await anext(hits)).memory is None
        await relay.cut()
        heard: list[str] = []
        for text in ("a red kite", "a blue kite"):
            await write(mnemos, text)
            while text not in heard:
                heard += [hit.memory.text for hit in [await anext(hits)] if hit.memory]
            await relay.cut()
    assert heard == ["a red kite", "a blue kite"]


async def test_a_job_is_followed_to_its_end(mnemos: AsyncClient) -> None:
    started = await mnemos.remember_many([Telling(text="a kite", infer=False)])
    states = [state async for state in mnemos.live_job(started.job.id)]
    assert states[-1].state == "SUCCEEDED"
    assert states[-1].done == 1


async def test_a_cursor_that_is_none_ends_the_listening(mnemos: AsyncClient) -> None:
    with pytest.raises(BadInput, match="not a cursor"):
        await hear(mnemos, 1, after="x")


async def test_a_refusal_is_an_exception_by_its_code(mnemos: AsyncClient) -> None:
    with pytest.raises(BadInput, match="text is empty"):
        await mnemos.create_memory(" ")


async def test_any_document_can_be_sent(mnemos: AsyncClient) -> None:
    assert await mnemos.graphql("{ viewer { actor } }") == {"viewer": {"actor": "local"}}
    with pytest.raises(BadDocument, match="nothing"):
        await mnemos.graphql("{ nothing }")


async def test_nobody_at_the_address_is_said_so() -> None:
    async with AsyncClient("http://127.0.0.1:9") as mnemos:
        with pytest.raises(Unreachable, match="mnemos serve"):
            await mnemos.viewer()


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="http://127"):
        Client("localhost:8080")


async def test_the_environment_names_the_server(
    monkeypatch: pytest.MonkeyPatch, relay: Relay
) -> None:
    monkeypatch.setenv("MNEMOS_URL", f"http://{relay.address}/")
    async with AsyncClient() as mnemos:
        assert (await mnemos.viewer()).organization_id == "local"


async def test_an_older_answer_does_not_take_back_what_was_seen(mnemos: AsyncClient) -> None:
    first = await mnemos.create_memory("one")
    second = await mnemos.create_memory("two")
    mnemos.wire.seen.note(first.position)
    assert mnemos.wire.seen.position == second.position
    assert mnemos.wire.headers["Mnemos-After"] == second.position
