"""What a language model promises, by every provider over its own wire."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from mnemos_graph.errors import (
    CutShort,
    Declined,
    Garbled,
    MnemosError,
    RateLimited,
    TimedOut,
    TooMuch,
    Unavailable,
    Unusable,
)
from mnemos_graph.language.models.protocol import (
    Author,
    Completion,
    Ending,
    LanguageModel,
    Message,
    Request,
    Tool,
    ToolResult,
)
from mnemos_graph.language.models.schemas import Schema
from tests.models.deeds import Does, Fails, Says
from tests.models.places import KEYED, opened, place_of
from tests.models.provider import Provider

PERSON = Schema(
    "person",
    {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "age": {"type": "integer", "minimum": 0},
        },
        "required": ["name", "age"],
        "additionalProperties": False,
    },
)
ASK = Request(system="Be kind.", messages=(Message(text="Good morning?"),))
ASK_PERSON = Request(messages=(Message(text="Who is it?"),), schema=PERSON)
LOOK_UP = Tool(name="look_up", description="Look a person up.", schema=PERSON)
WITH_TOOL = Request(messages=(Message(text="Look Åsa up."),), tools=(LOOK_UP,), must_call=True)
JSON = Says(pieces=('{"name": "Å', 'sa", "a', 'ge": 41}'))
BOTH_WAYS = pytest.mark.parametrize("way", ["whole", "streamed"])


async def asked(model: LanguageModel, request: Request, *, way: str) -> Completion:
    """Return the completion, whole or by a stream, whose pieces have to make up its text."""
    if way == "whole":
        return await model.complete(request)
    *texts, completion = [piece async for piece in model.stream(request)]
    assert isinstance(completion, Completion)
    if request.schema is None:
        assert "".join(str(text) for text in texts) == completion.text
    return completion


@BOTH_WAYS
async def test_what_was_written_comes_back_with_what_it_took(model: Any, way: str) -> None:
    completion = await asked(model, ASK, way=way)
    assert completion.text == "Good morning, Åsa ☀."
    assert (completion.ending, completion.calls, completion.value) == (Ending.DONE, (), None)
    usage = completion.usage
    assert (usage.read, usage.cached, usage.written) == (40, 10, 6)
    assert completion.dollars is None


async def test_text_comes_as_it_is_written(model: Any) -> None:
    pieces = [piece async for piece in model.stream(ASK)]
    assert pieces[:-1] == ["Good ", "morning, ", "Åsa ☀."]


@BOTH_WAYS
async def test_a_value_fits_its_schema(provider: Provider, model: Any, way: str) -> None:
    provider.will(JSON)
    completion = await asked(model, ASK_PERSON, way=way)
    assert completion.value == {"name": "Åsa", "age": 41}
    assert completion.text == ""


@BOTH_WAYS
async def test_a_value_may_come_as_the_arguments_of_a_call(provider: Provider, way: str) -> None:
    provider.will(Says(calls=(("person", {"name": "Åsa", "age": 41}),)))
    async with opened(place_of(provider, "&structured=tool")) as model:
        completion = await asked(model, ASK_PERSON, way=way)
    assert (completion.value, completion.calls) == ({"name": "Åsa", "age": 41}, ())
    assert completion.ending is Ending.DONE


@BOTH_WAYS
@pytest.mark.parametrize(
    "text", ["{", "Certainly!", '{"name": "Åsa"}', '{"name": "", "age": 41}', "[" * 5_000]
)
async def test_what_does_not_fit_the_schema_is_never_returned(
    provider: Provider, model: Any, text: str, way: str
) -> None:
    provider.will(Says(pieces=(text,)))
    with pytest.raises(Garbled):
        await asked(model, ASK_PERSON, way=way)


@BOTH_WAYS
async def test_a_tool_is_called_and_its_result_understood(
    provider: Provider, model: Any, way: str
) -> None:
    provider.will(Says(calls=(("look_up", {"name": "Åsa", "age": 41}),)), Says())
    first = await asked(model, WITH_TOOL, way=way)
    assert first.ending is Ending.CALLS
    (call,) = first.calls
    assert (call.name, call.arguments) == ("look_up", {"name": "Åsa", "age": 41})
    told = Message(results=(ToolResult(call=call, text="She is in Oslo."),))
    back = (*WITH_TOOL.messages, Message(author=Author.MODEL, calls=first.calls), told)
    last = await asked(model, Request(messages=back, tools=(LOOK_UP,)), way=way)
    assert last.text == "Good morning, Åsa ☀."
    assert "She is in Oslo." in str(provider.body)


@BOTH_WAYS
@pytest.mark.parametrize(
    "call", [("look_up", {"name": "Åsa"}), ("erase_all", {}), ("look_up", {"age": "no"})]
)
async def test_a_call_that_no_tool_takes_is_never_returned(
    provider: Provider, model: Any, call: Any, way: str
) -> None:
    provider.will(Says(calls=(call,)))
    with pytest.raises(Garbled):
        await asked(model, WITH_TOOL, way=way)


async def test_a_tool_that_must_be_called_was_called(provider: Provider, model: Any) -> None:
    with pytest.raises(Garbled):
        await model.complete(WITH_TOOL)


@BOTH_WAYS
async def test_text_that_is_too_long_says_so(provider: Provider, model: Any, way: str) -> None:
    provider.will(Says(ending="length"))
    assert (await asked(model, ASK, way=way)).ending is Ending.LENGTH


@BOTH_WAYS
async def test_half_a_value_is_no_value(provider: Provider, model: Any, way: str) -> None:
    provider.will(Says(pieces=('{"name": "Å',), ending="length"))
    with pytest.raises(CutShort):
        await asked(model, ASK_PERSON, way=way)


@BOTH_WAYS
async def test_a_model_may_decline(provider: Provider, model: Any, way: str) -> None:
    provider.will(Says(pieces=("I will", " not."), ending="declined"))
    with pytest.raises(Declined):
        await asked(model, ASK, way=way)


@BOTH_WAYS
@pytest.mark.parametrize(
    ("fails", "error"),
    [
        (Fails(status=400, kind="invalid", message="prompt is too long: 9 > 8"), TooMuch),
        (Fails(status=400, kind="context_length_exceeded"), TooMuch),
        (Fails(status=400, kind="content_filter"), Declined),
        (Fails(status=402, kind="billing_error"), Unusable),
        (Fails(status=403, kind="permission_error"), Unusable),
        (Fails(status=404, kind="not_found_error"), Unusable),
        (Fails(status=413, kind="request_too_large"), TooMuch),
        (Fails(status=429, kind="rate_limit_error"), RateLimited),
        (Fails(status=429, kind="insufficient_quota"), Unusable),
        (Fails(status=500, kind="api_error"), Unavailable),
        (Fails(status=503, kind="unavailable_error"), Unavailable),
        (Fails(status=504, kind="timeout_error"), TimedOut),
        (Fails(status=529, kind="overloaded_error"), Unavailable),
    ],
    ids=lambda each: f"{each.status} {each.kind}" if isinstance(each, Fails) else each.__name__,
)
async def test_a_refusal_says_whose_turn_it_is(
    provider: Provider, model: Any, fails: Fails, error: type[MnemosError], way: str
) -> None:
    provider.will(fails)
    with pytest.raises(error) as refused:
        await asked(model, ASK, way=way)
    assert type(refused.value) is error


async def test_what_a_provider_says_is_for_the_log_alone(
    provider: Provider, model: Any, caplog: pytest.LogCaptureFixture
) -> None:
    provider.will(Fails(status=403, message="Organization org-9 may not."))
    with caplog.at_level(logging.WARNING), pytest.raises(Unusable) as refused:
        await model.complete(ASK)
    assert "org-9" not in str(refused.value)
    assert "org-9" in caplog.text


@BOTH_WAYS
async def test_how_long_to_stay_away_is_passed_on(provider: Provider, model: Any, way: str) -> None:
    provider.will(Fails(status=429, headers={"retry-after": "7"}))
    with pytest.raises(RateLimited) as refused:
        await asked(model, ASK, way=way)
    assert refused.value.after == 7


@BOTH_WAYS
async def test_silence_has_an_end(provider: Provider, way: str) -> None:
    provider.will(Does.HANGS)
    async with opened(place_of(provider, seconds=0.2)) as model:
        with pytest.raises(TimedOut):
            await asked(model, ASK, way=way)


@BOTH_WAYS
@pytest.mark.parametrize(
    ("does", "error"),
    [
        (Does.JUNK, Garbled),
        (Does.ANOTHER_SHAPE, Garbled),
        (Does.HUGE, Garbled),
        (Does.BREAKS, Unavailable),
    ],
)
async def test_a_broken_answer_is_none(
    provider: Provider, model: Any, does: Does, error: type[MnemosError], way: str
) -> None:
    provider.will(does)
    with pytest.raises(error):
        await asked(model, ASK, way=way)


@pytest.mark.parametrize("does", [Does.STOPS, Does.TELLS_LATE])
async def test_a_stream_that_ends_too_early_is_no_answer(
    provider: Provider, model: Any, does: Does
) -> None:
    provider.will(does)
    with pytest.raises(Unavailable) as away:
        [piece async for piece in model.stream(ASK)]
    assert type(away.value) is Unavailable


async def test_a_model_that_failed_answers_the_next_time(provider: Provider, model: Any) -> None:
    provider.will(Does.BREAKS, Fails(status=500), Does.JUNK, Says())
    for _ in range(3):
        with pytest.raises(Unavailable):
            await model.complete(ASK)
    assert (await model.complete(ASK)).text == "Good morning, Åsa ☀."


async def test_a_listener_that_leaves_ends_the_stream(provider: Provider, model: Any) -> None:
    provider.will(Says(pieces=("word ",) * 20_000))
    stream = model.stream(ASK)
    assert await anext(stream) == "word "
    await stream.aclose()
    assert (await model.complete(ASK)).text.startswith("word ")


async def test_many_may_ask_at_the_same_time(provider: Provider, model: Any) -> None:
    provider.pause = 0.5
    answers = await asyncio.gather(*(model.complete(ASK) for _ in range(20)))
    assert {answer.text for answer in answers} == {"Good morning, Åsa ☀."}
    assert provider.most_at_once > 10


async def test_an_answer_may_be_bounded_by_its_place(provider: Provider) -> None:
    async with opened(place_of(provider, "&tokens=50")) as model:
        await model.complete(ASK)
    settings = provider.body.get("generationConfig", provider.body)
    assert 50 in settings.values()


async def test_a_look_costs_nothing(provider: Provider, model: Any) -> None:
    await model.look()
    assert provider.heard == []


@pytest.mark.parametrize(
    "dialect", [each() for each in KEYED], ids=lambda each: type(each).__name__
)
async def test_a_wrong_key_is_told(provider: Provider) -> None:
    async with opened(place_of(provider, key="another-key")) as model:
        for ask in (model.look(), model.complete(ASK)):
            with pytest.raises(Unusable, match="key"):
                await ask


@pytest.mark.parametrize(
    "dialect", [each() for each in KEYED], ids=lambda each: type(each).__name__
)
async def test_no_key_is_told_when_the_model_is_opened(provider: Provider) -> None:
    with pytest.raises(Unusable, match="needs a key"):
        async with opened(place_of(provider, key="")):
            pass


async def test_nobody_there_is_told(provider: Provider) -> None:
    provider.at = "http://127.0.0.1:9"
    async with opened(place_of(provider)) as model:
        for ask in (model.look(), model.complete(ASK)):
            with pytest.raises(Unavailable, match="is away"):
                await ask
