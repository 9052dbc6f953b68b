"""What is around every model: retries, time, limits, a breaker, fallbacks and accounts."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.breaker import Breaker
from mnemos_graph.errors import (
    CutShort,
    Declined,
    Garbled,
    MnemosError,
    RateLimited,
    TimedOut,
    TooMuch,
    TryLater,
    Unavailable,
    Unusable,
)
from mnemos_graph.language.bills import Bill, Usage, billed
from mnemos_graph.language.models.accounting import Accounted
from mnemos_graph.language.models.breaking import Guarded
from mnemos_graph.language.models.falling_back import Fallbacks
from mnemos_graph.language.models.limiting import Bucket, Limited, tokens_of
from mnemos_graph.language.models.opening import Limits, open_chain
from mnemos_graph.language.models.prices import Price
from mnemos_graph.language.models.protocol import Completion, LanguageModel, Piece
from mnemos_graph.language.models.retrying import Retrying, Waits
from mnemos_graph.language.models.sharing import AWAY_SECONDS, SharedBucket
from mnemos_graph.language.models.timing import Timed
from tests.models.deeds import Fails, Says
from tests.models.dialects import Anthropic, Gemini, OpenAI
from tests.models.places import OPENS, place_of
from tests.models.provider import provider_of
from tests.models.scripted import ANSWER, ASK, Clock, Scripted

BOTH_WAYS = pytest.mark.parametrize("way", ["whole", "streamed"])


async def asked(model: LanguageModel, way: str = "whole") -> Completion:
    if way == "whole":
        return await model.complete(ASK)
    *_, completion = [piece async for piece in model.stream(ASK)]
    assert isinstance(completion, Completion)
    return completion


def retrying(model: Scripted, clock: Clock, **more: Any) -> Retrying:
    return Retrying(model, Waits(sleep=clock.sleep, chance=lambda: 1.0, **more))


@BOTH_WAYS
async def test_what_passes_is_asked_again_after_ever_longer_waits(way: str) -> None:
    clock, model = Clock(), Scripted(Unavailable("."), TimedOut("."), RateLimited("."), ANSWER)
    assert await asked(retrying(model, clock), way) == ANSWER
    assert clock.waits == [0.5, 1.0, 2.0]


@BOTH_WAYS
async def test_a_provider_that_says_how_long_is_believed(way: str) -> None:
    clock, model = Clock(), Scripted(RateLimited(".", after=7), ANSWER)
    await asked(retrying(model, clock), way)
    assert clock.waits == [7.5]


@BOTH_WAYS
async def test_who_would_have_to_wait_too_long_hears_so_at_once(way: str) -> None:
    clock, model = Clock(), Scripted(RateLimited(".", after=600))
    with pytest.raises(RateLimited) as limited:
        await asked(retrying(model, clock), way)
    assert (limited.value.after, clock.waits, model.asked) == (600, [], 1)


@BOTH_WAYS
@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (Unavailable("."), 4),
        (Garbled("."), 2),
        (CutShort("."), 1),
        (Unusable("."), 1),
        (Declined("."), 1),
        (TooMuch("."), 1),
    ],
    ids=lambda each: type(each).__name__,
)
async def test_only_what_may_pass_is_asked_again(
    error: MnemosError, attempts: int, way: str
) -> None:
    model = Scripted(error)
    with pytest.raises(type(error)):
        await asked(retrying(model, Clock()), way)
    assert model.asked == attempts


@given(st.integers(1, 12), st.floats(0, 1))
async def test_waits_are_neither_longer_than_they_may_be_nor_all_alike(
    failures: int, chance: float
) -> None:
    clock, model = Clock(), Scripted(*[Unavailable(".")] * failures, ANSWER)
    waits = Waits(attempts=20, sleep=clock.sleep, chance=lambda: chance)
    layer = Retrying(model, waits)
    await layer.complete(ASK)
    for n, wait in enumerate(clock.waits):
        whole = min(20.0, 0.5 * 2**n)
        assert whole / 2 <= wait <= whole


async def test_a_stream_that_has_begun_is_not_begun_again() -> None:
    model = Scripted(Unavailable("."))
    model.pieces = ("Good ",)
    with pytest.raises(Unavailable):
        await asked(retrying(model, Clock()), "streamed")
    assert model.asked == 1


@BOTH_WAYS
async def test_an_answer_that_comes_in_drops_has_an_end(way: str) -> None:
    model = Scripted()
    model.pause = 60
    with pytest.raises(TimedOut):
        await asked(Timed(model, 0.05), way)
    assert model.at_once == 0


async def test_only_so_many_ask_at_the_same_time() -> None:
    model = Scripted()
    model.pause = 0.001
    limited = Limited(model, at_once=3)
    await asyncio.gather(*(asked(limited, way) for way in ["whole", "streamed"] * 20))
    assert model.most_at_once == 3


@given(st.lists(st.integers(1, 900), max_size=30))
async def test_no_minute_sees_more_than_its_share(amounts: list[int]) -> None:
    clock = Clock()
    bucket = Bucket(600, clock=clock, sleep=clock.sleep)
    began = clock.now
    for amount in amounts:
        await bucket.take(amount, patience=1e9)
    taken = sum(amounts[:-1])  # the last one may leave a debt
    assert taken <= 600 + (clock.now - began) * 10 + 300 + 1e-6


async def test_who_would_wait_longer_than_they_can_is_told_when_to_come_back() -> None:
    clock = Clock()
    bucket = Bucket(60, clock=clock, sleep=clock.sleep)
    await bucket.take(60, patience=0)
    with pytest.raises(RateLimited) as limited:
        await bucket.take(30, patience=10)
    assert limited.value.after == pytest.approx(30)
    await bucket.take(30, patience=30)


class OneMinute:
    """``Shares`` of one name in memory; sometimes nobody answers."""

    def __init__(self, clock: Clock) -> None:
        self.left = Bucket(60, clock=clock, sleep=clock.sleep)
        self.away = False

    async def draw(self, name: str, a_minute: float, amount: float) -> float:
        if self.away:
            raise Unavailable("Gone. Come again.")
        try:
            await self.left.take(amount, patience=0)
        except RateLimited as later:
            return later.after or 0.0
        return 0.0

    async def give_back(self, name: str, a_minute: float, amount: float) -> None:
        if self.away:
            raise Unavailable("Gone. Come again.")
        await self.left.give_back(amount)


async def test_a_minute_is_that_of_all_processes_together() -> None:
    clock = Clock()
    shares = OneMinute(clock)
    here, there = (SharedBucket("it", 60, shares, clock=clock, sleep=clock.sleep) for _ in range(2))
    await here.take(40, patience=0)
    await there.take(20, patience=0)
    with pytest.raises(RateLimited) as limited:
        await here.take(10, patience=5)
    assert limited.value.after == pytest.approx(10)
    await there.give_back(10)
    await here.take(10, patience=0)
    await there.take(5, patience=5)
    assert sum(clock.waits) == pytest.approx(5)


async def test_while_nobody_can_tell_each_process_has_a_minute_of_its_own() -> None:
    clock = Clock()
    shares = OneMinute(clock)
    shares.away = True
    bucket = SharedBucket("it", 60, shares, clock=clock, sleep=clock.sleep)
    await bucket.take(60, patience=0)
    with pytest.raises(RateLimited):
        await bucket.take(30, patience=0)
    shares.away = False
    clock.now += AWAY_SECONDS
    await bucket.take(60, patience=0)


@BOTH_WAYS
async def test_what_was_not_used_of_an_estimate_is_given_back(way: str) -> None:
    clock = Clock()
    tokens = Bucket(1_000, clock=clock, sleep=clock.sleep)
    limited = Limited(Scripted(), at_once=1, tokens=tokens)
    for _ in range(20):  # 46 each, while the estimate is more than twice that
        await asked(limited, way)
    assert clock.waits == []
    await asked(limited, way)
    assert clock.waits != []


def test_an_estimate_counts_every_part_of_a_request() -> None:
    assert tokens_of(replace(ASK, system="x" * 3_000)) >= tokens_of(ASK) + 1_000


@BOTH_WAYS
async def test_a_model_that_fails_again_and_again_is_left_alone(way: str) -> None:
    clock, model = Clock(), Scripted(Unavailable("."))
    guarded = Guarded(model, Breaker("it", failures=2, rests=(5.0,), clock=clock))
    for _ in range(4):
        with pytest.raises(Unavailable):
            await asked(guarded, way)
    assert model.asked == 2
    clock.now += 6
    model.deeds = [ANSWER]
    assert await asked(guarded, way) == ANSWER


@BOTH_WAYS
@pytest.mark.parametrize("error", [Garbled("."), Declined("."), TooMuch(".")])
async def test_nobodys_text_makes_a_model_unavailable_to_others(
    error: MnemosError, way: str
) -> None:
    guarded = Guarded(Scripted(error), Breaker("it", failures=2))
    for _ in range(4):
        with pytest.raises(type(error)):
            await asked(guarded, way)
        await guarded.ping()


async def test_a_model_tells_how_it_was_the_last_time() -> None:
    guarded = Guarded(Scripted(Unavailable("It is overloaded."), ANSWER))
    await guarded.ping()
    with pytest.raises(Unavailable):
        await guarded.complete(ASK)
    with pytest.raises(Unavailable, match="overloaded"):
        await guarded.ping()
    await guarded.complete(ASK)
    await guarded.ping()


@BOTH_WAYS
@pytest.mark.parametrize("error", [Unavailable("."), Unusable("."), Garbled("."), Declined(".")])
async def test_the_next_model_answers_where_the_first_cannot(error: MnemosError, way: str) -> None:
    first, second = Scripted(error), Scripted()
    assert await asked(Fallbacks([first, second]), way) == ANSWER
    assert (first.asked, second.asked) == (1, 1)


@BOTH_WAYS
async def test_where_none_can_answer_the_first_ones_error_is_told(way: str) -> None:
    models = [Scripted(RateLimited("the first", after=3)), Scripted(Unusable("the second"))]
    with pytest.raises(RateLimited, match="the first"):
        await asked(Fallbacks(models), way)


async def test_what_is_too_long_for_one_model_is_not_sent_to_another() -> None:
    second = Scripted()
    with pytest.raises(TooMuch):
        await Fallbacks([Scripted(TooMuch(".")), second]).complete(ASK)
    assert second.asked == 0


async def test_a_stream_stays_with_the_model_that_began_it() -> None:
    first, second = Scripted(Unavailable(".")), Scripted()
    first.pieces = ("Good ",)
    with pytest.raises(Unavailable):
        await asked(Fallbacks([first, second]), "streamed")
    assert second.asked == 0


@BOTH_WAYS
async def test_each_operation_has_a_bill_of_its_own(way: str) -> None:
    books = Bill()
    model = Accounted(Scripted(), books, Price(1, 10))

    async def operation(calls: int) -> Bill:
        with billed() as bill:
            await asyncio.gather(*(asyncio.create_task(asked(model, way)) for _ in range(calls)))
        return bill

    bills = await asyncio.gather(operation(1), operation(3))
    await asked(model, way)
    assert [bill.by_model["scripted:one"].calls for bill in bills] == [1, 3]
    assert bills[1].dollars == pytest.approx(3 * (40 + 60) / 1e6)
    assert books.by_model["scripted:one"].usage == Usage(read=200, written=30)


async def test_an_answer_says_what_it_cost() -> None:
    model = Accounted(Scripted(), Bill(), Price(1, 10))
    assert (await model.complete(ASK)).dollars == pytest.approx(100 / 1e6)


async def test_what_is_not_priced_makes_no_sum() -> None:
    with billed() as bill:
        await Accounted(Scripted(), Bill(), Price(1, 10)).complete(ASK)
        assert bill.dollars is not None
        completion = await Accounted(Scripted(name="another:one"), Bill()).complete(ASK)
    assert completion.dollars is None
    assert bill.by_model["another:one"].unpriced == 1
    assert bill.dollars is None


@pytest.mark.parametrize(
    ("error", "known"),
    [(RateLimited("."), True), (Unavailable("."), True), (TimedOut("."), False), (Garbled("."), False)],
)  # fmt: skip
async def test_a_call_that_failed_costs_nothing_only_where_that_is_sure(
    error: MnemosError, known: object
) -> None:
    with billed() as bill, suppress(MnemosError):
        await Accounted(Scripted(error), Bill(), Price(1, 10)).complete(ASK)
    assert bill.by_model["scripted:one"].failures == 1
    assert (bill.dollars == 0) is known


async def test_a_stream_that_is_left_is_a_call_without_a_price() -> None:
    model = Scripted()
    model.pieces = ("Good ",)
    with billed() as bill:
        stream = Accounted(model, Bill(), Price(1, 10)).stream(ASK)
        await anext(stream)
        await stream.aclose()
    assert bill.dollars is None


async def test_a_chain_asks_the_next_provider_over_its_own_wire() -> None:
    async with (
        provider_of(Anthropic()) as first,
        provider_of(OpenAI()) as second,
        provider_of(Gemini()) as third,
    ):
        first.will(Fails(status=401, kind="authentication_error"))
        second.will(Fails(status=429, headers={"retry-after": "900"}))
        third.will(Says(pieces=("From the third.",)))
        books = Bill()
        links = [(OPENS[place.provider], place) for place in map(place_of, (first, second, third))]
        async with open_chain(links, Limits(requests=100, tokens=100_000), books) as chain:
            pieces: list[Piece] = [piece async for piece in chain.model.stream(ASK)]
            assert (await chain.model.complete(ASK)).text == "From the third."
            await chain.ping()
            third.will(Fails(status=403))
            with pytest.raises(TryLater):
                await chain.model.complete(ASK)
            with pytest.raises(Unavailable):
                await chain.ping()
    assert pieces[0] == "From the third."
    assert {name: spent.failures for name, spent in books.by_model.items()} == {
        "anthropic:claude-haiku-5-5": 3,
        "openai:gpt-5.4-mini": 3,
        "gemini:gemini-3.5-flash": 1,
    }
