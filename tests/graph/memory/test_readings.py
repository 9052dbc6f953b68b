"""What a model answered is asked for once, by one organization and user, and forgotten with them."""

from __future__ import annotations

import pytest

from mnemos_graph.errors import Unavailable
from mnemos_graph.feed import Journal
from mnemos_graph.language.bills import Usage, open_bill
from mnemos_graph.language.models.extracting import ModelExtractor
from mnemos_graph.memory.forget import FORGET_USER, Forgetting
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.remember.ontologies import NewOntology, Ontologies
from mnemos_graph.memory.remember.readings import KEPT, Sweeper
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Message, Remembered, Telling
from mnemos_graph.model import Access, FactType, Memory, Reading, Scope
from mnemos_graph.store import Find, GraphStore
from tests.conformance.samples import ACME, ANN, BOB, EPOCH, GLOBEX
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.echo import Echo
from tests.graph.memory.working import ended, runner


@pytest.fixture
def model() -> Echo:
    return Echo()


@pytest.fixture
def rememberer(journal: Journal, jobs: Jobs, clock: Calendar, model: Echo) -> Rememberer:
    return Rememberer(journal, jobs, clock, extractor=ModelExtractor(model))


async def tell(
    rememberer: Rememberer, access: Access = ACME, scope: Scope = ANN, count: int = 20
) -> Remembered:
    said = [Message(text=f"I saw film {n} in Oslo.", occurred_at=EPOCH) for n in range(count)]
    return await rememberer.remember(access, Telling(scope=scope, messages=said))


async def readings(store: GraphStore, access: Access = ACME) -> tuple[Reading, ...]:
    (page,) = await store.find(access, [Find(Reading)])
    return tuple(page.records)


async def test_what_is_told_again_is_not_paid_again(
    rememberer: Rememberer, model: Echo, store: GraphStore
) -> None:
    first = await tell(rememberer)
    again = await tell(rememberer)
    assert len(model.requests) == 2  # twenty turns are two calls
    assert [each.action.name for each in first.decisions] == ["ADD"] * 20
    assert {each.action.name for each in again.decisions} == {"NOOP"}
    assert {each.scope for each in await readings(store)} == {Scope(ANN.user_id)}


async def test_only_what_is_new_of_a_longer_telling_is_asked_about(
    rememberer: Rememberer, model: Echo
) -> None:
    await tell(rememberer, count=16)
    await tell(rememberer, count=20)
    assert len(model.requests) == 2


async def test_a_restart_knows_what_was_answered(
    journal: Journal, jobs: Jobs, clock: Calendar, rememberer: Rememberer
) -> None:
    await tell(rememberer)
    after = Echo()
    await tell(Rememberer(journal, jobs, clock, extractor=ModelExtractor(after)))
    assert after.requests == []


@pytest.mark.parametrize(("access", "scope"), [(GLOBEX, ANN), (ACME, BOB), (ACME, Scope())])
async def test_nobody_has_what_another_was_answered(
    rememberer: Rememberer, model: Echo, access: Access, scope: Scope
) -> None:
    await tell(rememberer)
    await tell(rememberer, access, scope)
    assert len(model.requests) == 4


async def test_a_dry_run_keeps_no_answer(
    rememberer: Rememberer, model: Echo, store: GraphStore
) -> None:
    said = Telling(scope=ANN, text="I saw a film in Oslo.", occurred_at=EPOCH)
    await rememberer.imagine(ACME, said)
    assert await readings(store) == ()
    await rememberer.remember(ACME, said)
    await rememberer.imagine(ACME, said)
    assert len(model.requests) == 2


async def test_who_is_forgotten_leaves_no_answers(
    journal: Journal, jobs: Jobs, clock: Calendar, rememberer: Rememberer, store: GraphStore
) -> None:
    await tell(rememberer)
    await tell(rememberer, scope=BOB)
    forgetting = Forgetting(journal, jobs)
    async with runner(journal, jobs, clock, {FORGET_USER: forgetting.handle}):
        job = (await forgetting.forget_user(ACME, str(ANN.user_id))).record
        await ended(journal, job.id)
    assert {each.scope.user_id for each in await readings(store)} == {BOB.user_id}


async def test_answers_are_kept_for_a_while(
    rememberer: Rememberer, model: Echo, clock: Calendar, store: GraphStore
) -> None:
    await tell(rememberer)
    clock.move(KEPT.days - 1)
    assert await Sweeper(store, clock).sweep(ACME) == 0
    clock.move(1)
    await tell(rememberer)
    assert len(model.requests) == 4
    assert await Sweeper(store, clock).sweep(ACME) == 2
    assert await readings(store) == ()


async def test_each_organization_is_read_for_by_its_own_ontology(
    journal: Journal, clock: Calendar, rememberer: Rememberer, model: Echo
) -> None:
    ontologies = Ontologies(journal, clock)
    only = NewOntology(
        instructions="Note homes.", fact_types=[FactType(name="lives_in")], closed=True
    )
    await ontologies.set(ACME, only)
    assert await ontologies.get(GLOBEX) is None
    mine = await tell(rememberer, ACME, count=1)
    theirs = await tell(rememberer, GLOBEX, count=1)
    assert [len(_facts(each)) for each in (mine, theirs)] == [0, 1]
    assert mine.decisions[-1].reason.startswith("a fact was left out")
    assert ["Note homes." in each.system for each in model.requests] == [True, False]


async def test_an_ontology_holds_for_those_who_may_not_read_it(
    journal: Journal, clock: Calendar, rememberer: Rememberer
) -> None:
    only = NewOntology(fact_types=[FactType(name="lives_in")], closed=True)
    await Ontologies(journal, clock).set(ACME, only)
    own = frozenset({ANN.partition})
    told = await tell(rememberer, Access(ACME.organization, "key", own, own), count=1)
    assert _facts(told) == ()


def _facts(told: Remembered) -> tuple[str, ...]:
    memories: list[Memory] = [each.memory for each in told.decisions if each.memory]
    return tuple(id_ for each in memories for id_ in each.fact_ids)


async def test_a_job_adds_up_what_all_its_tries_cost(
    journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    tries = 0

    async def ask(_: Work) -> None:
        nonlocal tries
        tries += 1
        bill = open_bill()
        assert bill is not None
        bill.answered("test:echo", Usage(read=100, written=10), 0.5)
        if tries < 3:
            raise Unavailable("The model is away.")

    job = (await jobs.submit(ACME, NewJob(kind="asking"))).record
    async with runner(journal, jobs, clock, {"asking": ask}):
        done = await ended(journal, job.id)
    (spent,) = done.spent
    assert (spent.calls, spent.read, spent.written, spent.dollars) == (3, 300, 30, 1.5)
