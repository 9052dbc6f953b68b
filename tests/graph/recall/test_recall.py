"""What recall promises to whoever asks."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from mnemos_graph.errors import BadInput, TooMuch, Unavailable
from mnemos_graph.index.comparing import Signal
from mnemos_graph.memory.recall.asking import Question, Strategy
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.model import Access, MemoryType, Partition, Scope
from mnemos_graph.store import Delete, Erase, Put
from tests.conformance.samples import ACME, BOB, EVERYONE, GLOBEX, day, entity, fact, memory
from tests.graph.recall.conftest import Bench

OF_ANN = ReadScope(user_id="ann")


async def test_what_was_just_written_is_found(bench: Bench) -> None:
    await bench.ask("tea", scope=OF_ANN)
    for text in ("Ann drinks green tea", "Ann owns a red bicycle"):
        position = await bench.keep(memory(text))
        answer = await bench.ask(text, scope=OF_ANN)
        assert answer.hits[0].memory.text == text
        assert answer.position == position


async def test_what_was_changed_is_found_as_it_is_now(bench: Bench) -> None:
    kept = memory("Ann lives in Lisbon")
    await bench.keep(kept, memory("Ann owns a bicycle"))
    await bench.ask("Lisbon", scope=OF_ANN)
    await bench.keep(replace(kept, version=2, text="Ann lives in Porto"))
    assert (await bench.texts("Who lives in Porto?", scope=OF_ANN))[0] == "Ann lives in Porto"
    assert await bench.texts("Lisbon", scope=OF_ANN, strategy=Strategy.TEXT) == []


@pytest.mark.parametrize("erase", [False, True])
async def test_what_was_deleted_or_erased_is_not_found(bench: Bench, *, erase: bool) -> None:
    gone, stays = memory("Ann likes tea"), memory("Ann likes coffee")
    await bench.keep(gone, stays)
    assert len(await bench.texts("likes", scope=OF_ANN)) == 2
    await bench.commit(
        Erase(gone.KIND, gone.id) if erase else Delete(gone.KIND, gone.id, gone.version)
    )
    assert await bench.texts("likes", scope=OF_ANN) == ["Ann likes coffee"]


async def test_a_deleted_memory_that_is_restored_is_found_again(bench: Bench) -> None:
    kept = memory("Ann likes tea")
    await bench.keep(kept)
    await bench.commit(Delete(kept.KIND, kept.id, 1))
    assert await bench.texts("tea", scope=OF_ANN) == []
    await bench.keep(replace(kept, version=3))
    assert await bench.texts("tea", scope=OF_ANN) == ["Ann likes tea"]


async def test_nothing_crosses_between_users_and_organizations(bench: Bench) -> None:
    await bench.keep(memory("tea of ann"), memory("tea of bob", scope=BOB))
    await bench.keep(memory("tea of everyone", scope=EVERYONE))
    await bench.keep(memory("tea of a stranger"), access=GLOBEX)
    seen = await bench.texts("tea", scope=OF_ANN)
    assert sorted(seen) == ["tea of ann", "tea of everyone"]
    assert await bench.texts("tea", scope=replace(OF_ANN, include_shared=False)) == ["tea of ann"]
    whole = await bench.texts("tea")
    assert sorted(whole) == ["tea of ann", "tea of bob", "tea of everyone"]


async def test_a_narrow_access_sees_only_its_partitions(bench: Bench) -> None:
    await bench.keep(memory("tea of ann"), memory("tea of bob", scope=BOB))
    only_bob = Access(ACME.organization, "key:1", reads=frozenset({Partition("bob")}))
    assert await bench.texts("tea", access=only_bob) == ["tea of bob"]
    assert await bench.texts("tea", access=only_bob, scope=OF_ANN) == []


@pytest.mark.parametrize("scope", [OF_ANN, ReadScope()], ids=["user", "organization"])
@pytest.mark.parametrize(
    ("query", "matching"),
    [
        (MemoryQuery(types=[MemoryType.CORE]), "core"),
        (MemoryQuery(tags=["blue"]), "blue"),
        (MemoryQuery(metadata={"project": "atlas"}), "atlas"),
        (MemoryQuery(text="rare"), "rare"),
        (MemoryQuery(min_importance=0.9), "important"),
        (MemoryQuery(created_after=day(50)), "late"),
        (MemoryQuery(created_before=day(0.5)), "early"),
    ],
)
async def test_a_condition_is_kept_though_everything_else_fits_better(
    bench: Bench, scope: ReadScope, query: MemoryQuery, matching: str
) -> None:
    await bench.keep(*(memory(f"tea tea {n}", created_at=day(1)) for n in range(150)))
    await bench.keep(
        memory("core", type=MemoryType.CORE, created_at=day(1)),
        memory("blue", tags=("blue", "sky"), created_at=day(1)),
        memory("atlas", metadata={"project": "atlas", "n": 1}, created_at=day(1)),
        memory("a rare word", created_at=day(1)),
        memory("important", importance=0.95, created_at=day(1)),
        memory("late", created_at=day(60)),
        memory("early", created_at=day(0)),
    )
    (found,) = await bench.texts("tea", scope=scope, query=query, limit=5)
    assert matching in found


async def test_agent_and_session_must_be_equal(bench: Bench) -> None:
    for agent, session in (("one", "s1"), ("one", "s2"), ("two", "s1")):
        scope = Scope("ann", agent, session)
        await bench.keep(memory(f"tea {agent} {session}", scope=scope))
    asked = ReadScope(user_id="ann", agent_id="one", session_id="s1")
    assert await bench.texts("tea", scope=asked) == ["tea one s1"]
    anyone = ReadScope(agent_id="two")
    assert await bench.texts("tea", scope=anyone) == ["tea two s1"]


async def test_ended_and_expired_memories_answer_only_their_own_time(bench: Bench) -> None:
    await bench.keep(
        memory("Ann lives in Lisbon", valid_to=day(10)),
        memory("Ann lives in Porto", valid_from=day(10)),
        memory("Ann lives out of a bag", expires_at=day(5)),
    )
    where = "Where does Ann live?"
    assert await bench.texts(where, scope=OF_ANN) == ["Ann lives in Porto"]
    then = MemoryQuery(as_of=day(7))
    assert await bench.texts(where, scope=OF_ANN, query=then) == ["Ann lives in Lisbon"]
    everything = MemoryQuery(include_superseded=True)
    assert len(await bench.texts(where, scope=OF_ANN, query=everything)) == 3


@pytest.mark.parametrize("scope", [OF_ANN, ReadScope()], ids=["user", "organization"])
async def test_known_at_answers_as_it_was_known(bench: Bench, scope: ReadScope) -> None:
    kept = memory("Ann likes tea")
    await bench.keep(kept)
    (change,) = await bench.store.changes(ACME)
    await bench.keep(replace(kept, version=2, text="Ann likes coffee"), memory("Ann likes milk"))
    known = MemoryQuery(known_at=change.at, as_of=day(1_000))
    assert await bench.texts("likes", scope=scope, query=known) == ["Ann likes tea"]
    assert len(await bench.texts("likes", scope=scope)) == 2


async def test_what_carries_a_named_entity_is_found_by_the_graph(bench: Bench) -> None:
    rex, ann = entity("Rex", "PET"), entity("Ann")
    owns = fact(ann, "has", rex)
    await bench.keep(ann, rex, owns)
    await bench.keep(
        memory("a walk in the rain", entity_ids=(rex.id,)),
        memory("a vet on Main Street", fact_ids=(owns.id,)),
        memory("nothing of the kind"),
    )
    answer = await bench.ask("What about Rex?", scope=OF_ANN, strategy=Strategy.GRAPH)
    assert {hit.memory.text for hit in answer.hits} == {
        "a walk in the rain",
        "a vet on Main Street",
    }
    assert any(each.signal is Signal.GRAPH for each in answer.hits[0].explanation)


async def test_shares_add_up_to_the_score(bench: Bench) -> None:
    await bench.keep(*(memory(f"tea number {n}", importance=n / 10) for n in range(10)))
    answer = await bench.ask("tea number 3", scope=OF_ANN)
    for hit in answer.hits:
        assert 0 <= hit.score <= 1
        assert sum(each.score for each in hit.explanation) == pytest.approx(hit.score)
    assert [hit.score for hit in answer.hits] == sorted(
        (hit.score for hit in answer.hits), reverse=True
    )
    text = {each.signal: each for each in answer.hits[0].explanation}[Signal.TEXT]
    assert text.rank == 1


async def test_a_score_below_the_least_is_left_out(bench: Bench) -> None:
    await bench.keep(memory("green tea with milk"), *(memory(f"tea {n}") for n in range(20)))
    scores = [hit.score for hit in (await bench.ask("green tea with milk", scope=OF_ANN)).hits]
    kept = await bench.ask("green tea with milk", scope=OF_ANN, min_score=scores[0])
    assert [hit.memory.text for hit in kept.hits] == ["green tea with milk"]


class Away:
    async def embed(self, texts: object, *, urgent: bool) -> None:
        raise Unavailable("The model is away. Try again shortly.")


@pytest.mark.parametrize("embedder", [Away(), None], ids=["away", "none"])
@pytest.mark.parametrize("strategy", [Strategy.HYBRID, Strategy.VECTOR])
async def test_without_the_model_words_go_on_and_it_says_so(
    bench: Bench, embedder: object, strategy: Strategy
) -> None:
    await bench.keep(memory("Ann likes tea"), memory("Ann owns a bicycle"))
    recall = bench.recall_with(embedder)
    answer = await recall.recall(ACME, Question(text="tea", scope=OF_ANN, strategy=strategy))
    assert answer.hits[0].memory.text == "Ann likes tea"
    assert answer.degraded == (Signal.VECTOR,)
    words = await recall.recall(ACME, Question(text="tea", strategy=Strategy.TEXT))
    assert words.degraded == ()


async def test_a_vector_that_comes_later_is_used(bench: Bench) -> None:
    kept = memory("Ann likes tea")
    await bench.commit(Put(kept))
    assert (await bench.ask("tea", scope=OF_ANN)).degraded == (Signal.VECTOR,)
    await bench.embed(kept)
    answer = await bench.ask("tea", scope=OF_ANN, strategy=Strategy.VECTOR)
    assert answer.degraded == ()
    assert answer.hits[0].memory == kept


async def test_a_hundred_recalls_at_once_agree(bench: Bench) -> None:
    await bench.keep(*(memory(f"tea number {n}") for n in range(300)))
    answers = await asyncio.gather(*(bench.texts("tea number 7", scope=OF_ANN) for _ in range(100)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == "tea number 7"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"text": "  "}, BadInput),
        ({"text": "x" * 5_000}, TooMuch),
        ({"limit": 0}, BadInput),
        ({"limit": 101}, TooMuch),
        ({"hops": -1}, BadInput),
        ({"hops": 4}, TooMuch),
        ({"min_score": 1.5}, BadInput),
        ({"min_score": float("nan")}, BadInput),
    ],
)
async def test_a_question_outside_the_limits_is_refused(
    bench: Bench, wrong: dict[str, object], error: type[BadInput]
) -> None:
    with pytest.raises(error):
        await bench.ask(**({"text": "tea"} | wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["?!", "🫖", "的", "the of and", "'s", '" OR ) NEAR', "0" * 4_000])
async def test_strange_questions_are_answered(bench: Bench, text: str) -> None:
    await bench.keep(memory("Ann likes tea"))
    assert len((await bench.ask(text, scope=OF_ANN)).hits) == 1
    assert len((await bench.ask(text)).hits) == 1


async def test_an_empty_memory_has_no_answer(bench: Bench) -> None:
    assert (await bench.ask("tea", scope=OF_ANN)).hits == ()
    assert (await bench.ask("tea")).hits == ()


async def test_the_only_memory_there_is_scores_by_whether_it_answers(bench: Bench) -> None:
    await bench.keep(memory("Ann likes green tea"))
    (fits,) = (await bench.ask("green tea", scope=OF_ANN)).hits
    (foreign,) = (await bench.ask("quantum physics", scope=OF_ANN)).hits
    assert fits.score > 5 * foreign.score


async def test_what_the_named_speaker_said_comes_before_what_others_said(bench: Bench) -> None:
    await bench.keep(
        memory("I play the violin", speaker="Mia", created_at=day(1)),
        memory("I play the violin", speaker="Ann", created_at=day(2)),
    )
    answer = await bench.ask("What does Mia play?", scope=OF_ANN)
    assert answer.hits[0].memory.speaker == "Mia"
    mine = await bench.ask("What do I play?", scope=OF_ANN)
    assert mine.hits[0].memory.speaker == "Ann"


@pytest.mark.parametrize("scope", [OF_ANN, ReadScope()], ids=["user", "organization"])
@pytest.mark.parametrize("text", ["tea", "SHOP-1841 in May 2024?", "nothing of the kind", "?!"])
async def test_as_many_are_found_as_match_and_there_is_room_for(
    bench: Bench, scope: ReadScope, text: str
) -> None:
    await bench.keep(*(memory(f"tea {n}", created_at=day(n % 50)) for n in range(150)))
    await bench.keep(*(memory(f"plan {n}", tags=("plan",)) for n in range(120)))
    plans = MemoryQuery(tags=["plan"])
    for limit in (1, 60, 100):
        assert len(await bench.texts(text, scope=scope, query=plans, limit=limit)) == limit
