"""The best are looked at again, token by token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.index.comparing import Signal
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recalled
from mnemos_graph.memory.remember.telling import Message, Telling
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope
from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.model import Scope
from mnemos_graph.store import DerivedRef
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, day
from tests.embedders import TokenWordEmbedder
from tests.graph.memory.working import ended

ANNS = ReadScope(user_id="ann")
MEANINGS = {"physician": "doctor", "sick": "ill"}
SAID = ["bread is on the table", "her doctor was kind", "the bus came late", "it rained all day"]


@asynccontextmanager
async def told(*said: str, rerank: bool = True) -> AsyncIterator[Services]:
    parts = Parts(store=MemoryStore(), embedder=TokenWordEmbedder(MEANINGS), rerank=rerank)
    async with open_services(parts) as services:
        for number, text in enumerate(said):
            scope = Scope("ann", session_id=f"s{number}")
            message = Message(text=text, occurred_at=day(number))
            telling = Telling(scope=scope, messages=[message], infer=False)
            await services.rememberer.remember(ACME, telling)
        yield services


async def ask(services: Services, text: str, scope: ReadScope = ANNS) -> Recalled:
    question = Question(text=text, scope=scope)
    return await services.recall.recall(ACME, question)


@pytest.mark.parametrize("rerank", [True, False])
async def test_an_answer_in_other_words_comes_first_where_it_is_looked_at_again(
    *, rerank: bool
) -> None:
    async with told(*SAID, rerank=rerank) as services:
        answer = await ask(services, "physician?")
    assert (answer.hits[0].memory.text == "her doctor was kind") is rerank


async def test_a_hit_says_what_the_second_look_gave_it() -> None:
    async with told(*SAID) as services:
        answer = await ask(services, "physician?")
    (again,) = [each for each in answer.hits[0].explanation if each.signal is Signal.RERANK]
    assert again.rank == 1
    assert again.score > answer.hits[0].score / 2
    assert answer.degraded == ()


async def test_what_was_said_before_an_answer_helps_to_find_it() -> None:
    async with told() as services:
        messages = [Message(text=text) for text in ["which physician?", "miller", "tea", "milk"]]
        telling = Telling(scope=Scope("ann", session_id="s"), messages=messages, infer=False)
        await services.rememberer.remember(ACME, telling)
        answer = await ask(services, "doctor?")
    texts = [hit.memory.text for hit in answer.hits]
    assert texts[0] == "which physician?"
    assert texts.index("miller") < texts.index("milk")


async def test_a_recall_without_its_token_vectors_says_so_and_goes_on() -> None:
    async with told(*SAID) as services:
        everything = await ask(services, "table")
        refs = [hit.memory for hit in everything.hits]
        generation = TokenWordEmbedder.token_generation
        dropped = [DerivedRef(each.id, each.version, generation) for each in refs]
        await services.store.derive(ACME, {}, drop=dropped)
        parts = Parts(store=services.store, embedder=TokenWordEmbedder(MEANINGS))
        async with open_services(parts) as others:
            answer = await ask(others, "table")
    assert answer.hits[0].memory.text == "bread is on the table"
    assert answer.degraded == (Signal.RERANK,)


async def test_a_whole_organization_is_asked_once_and_misses_nothing() -> None:
    async with told(*SAID) as services:
        answer = await ask(services, "table", ANYWHERE)
    assert Signal.RERANK not in {each.signal for each in answer.hits[0].explanation}
    assert answer.degraded == ()


async def test_somebody_who_is_forgotten_leaves_no_token_vectors() -> None:
    async with told(*SAID) as services:
        refs = [
            DerivedRef(hit.memory.id, 1, TokenWordEmbedder.token_generation)
            for hit in (await ask(services, "doctor")).hits
        ]
        assert len(await services.store.derived(ACME, refs)) == len(SAID)
        written = await services.forgetting.forget_user(ACME, "ann")
        await ended(Journal(services.store, LocalBus()), written.record.id)
        assert await services.store.derived(ACME, refs) == {}
        assert (await ask(services, "doctor")).hits == ()
