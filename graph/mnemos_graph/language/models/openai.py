"""OpenAI's chat completions: OpenAI itself, Azure, and every server that speaks as it does.

Ollama, vLLM, llama.cpp and DeepSeek are such servers. They differ in what they hold a model to
(``Held``) and in what they call the length of an answer.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from mnemos_graph.errors import Unavailable, Unusable
from mnemos_graph.language.bills import Usage
from mnemos_graph.language.models.answers import Answer
from mnemos_graph.language.models.place import Held, Place
from mnemos_graph.language.models.protocol import (
    Author,
    Completion,
    Ending,
    Message,
    Piece,
    Request,
    Tool,
)
from mnemos_graph.language.models.schemas import Schema
from mnemos_graph.language.models.wire import Sent, Wire, told_of

OPENAI = "https://api.openai.com/v1"
PATH = "chat/completions"

_ENDINGS: Mapping[str, Ending] = {
    "stop": Ending.DONE,
    "length": Ending.LENGTH,
    "tool_calls": Ending.CALLS,
    "function_call": Ending.CALLS,
    "content_filter": Ending.DECLINED,
}


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class _Call(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function = msgspec.field(default_factory=_Function)


class _Said(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct):
    message: _Said | None = None
    delta: _Said | None = None
    finish_reason: str | None = None


class _Details(msgspec.Struct):
    cached_tokens: int | None = None


class _Counted(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    prompt_cache_hit_tokens: int | None = None
    """DeepSeek's name for what was cached."""


class _Completion(Sent):
    choices: list[_Choice] = msgspec.field(default_factory=list)
    usage: _Counted | None = None
    model: str | None = None


class _Listed(msgspec.Struct):
    id: str


class _Models(Sent):
    data: list[_Listed] = msgspec.field(default_factory=list)


class ChatCompletions:
    """A ``LanguageModel``. Made by ``open_openai``, ``open_compatible`` and ``open_azure``."""

    def __init__(self, place: Place, wire: Wire, *, length: str) -> None:
        """``length``: the name of the field that says how long an answer may be."""
        self.name = place.name
        self._place = place
        self._wire = wire
        self._length = length
        self._held = place.held or Held.SCHEMA

    async def complete(self, request: Request) -> Completion:
        answer = Answer(self.name)
        _take(answer, await self._wire.post(PATH, self._body(request), _Completion))
        return self._completion(answer, request)

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        body = self._body(request) | {"stream": True, "stream_options": {"include_usage": True}}
        answer = Answer(self.name)
        async for event in self._wire.events(PATH, body, _Completion):
            if text := _take(answer, event):
                yield text
        if answer.ending is None:
            raise Unavailable(f"{self.name} broke off in the middle of its answer.")
        yield self._completion(answer, request)

    async def look(self) -> None:
        """Ask whether the model is there, which costs nothing.

        Raises:
            MnemosError: see ``complete``.
        """
        if self._place.provider == "openai":
            await self._wire.get(f"models/{self._place.model}", Sent)
            return
        listed = await self._wire.get("models", _Models)
        names = [each.id for each in listed.data]
        own = self._place.provider == "openai-compatible"
        if own and names and not {self._place.model, f"{self._place.model}:latest"} & set(names):
            raise Unusable(f"{self.name} is not served there. There are {', '.join(names[:8])}.")

    def _completion(self, answer: Answer, request: Request) -> Completion:
        return answer.completion(request, by_call=_by_call(request, self._held))

    def _body(self, request: Request) -> dict[str, Any]:
        system = request.system
        body: dict[str, Any] = {"model": self._place.model}
        if self._place.tokens or self._place.provider != "openai-compatible":
            # Servers of one's own refuse what would not fit beside the request; they know better.
            body[self._length] = self._place.longest(request.most_tokens)
        if self._place.effort:
            body["reasoning_effort"] = self._place.effort
        tools = [_tool(each) for each in request.tools]
        if request.schema is not None:
            if self._held is Held.SCHEMA:
                body["response_format"] = {"type": "json_schema", "json_schema": _schema(request)}
            elif self._held is Held.TOOL:
                tools.append(_answering(request.schema))
            else:
                body["response_format"] = {"type": "json_object"}
                system = in_words(system, request.schema)
        if tools:
            body["tools"] = tools
        if _by_call(request, self._held) and request.schema is not None:
            body["tool_choice"] = {"type": "function", "function": {"name": request.schema.name}}
        elif request.must_call:
            body["tool_choice"] = "required"
        said = [{"role": "system", "content": system}] if system else []
        return body | {"messages": [*said, *_messages(request.messages)]}


def in_words(system: str, schema: Schema) -> str:
    """Return instructions that also tell the schema, for a model that is not held to one."""
    whole = msgspec.json.encode(schema.plain).decode()
    return f"{system}\n\nAnswer with one JSON object and nothing else. It fits this schema: {whole}"


def _by_call(request: Request, held: Held) -> bool:
    return request.schema is not None and held is Held.TOOL


def _schema(request: Request) -> dict[str, Any]:
    schema = request.schema
    assert schema is not None  # noqa: S101 - the caller looked
    return {"name": schema.name, "schema": schema.plain, "strict": schema.strict}


def _answering(schema: Schema) -> dict[str, Any]:
    return _tool(Tool.answering(schema))


def _tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.schema.plain,
    }
    if tool.schema.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _messages(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    for message in messages:
        said.extend(
            {"role": "tool", "tool_call_id": result.call.id, "content": result.text}
            for result in message.results
        )
        if message.author is Author.USER and (message.text or not message.results):
            said.append({"role": "user", "content": message.text})
        elif message.author is Author.MODEL:
            calls = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {
                        "name": call.name,
                        "arguments": msgspec.json.encode(call.arguments).decode(),
                    },
                }
                for call in message.calls
            ]
            made = {"tool_calls": calls} if calls else {}
            said.append({"role": "assistant", "content": message.text or None} | made)
    return said


def _take(answer: Answer, sent: _Completion) -> str:
    """Take an answer or a piece of one in; return the text that came with it."""
    answer.model = sent.model or answer.model
    if sent.usage:
        answer.usage = _usage(sent.usage)
    text = ""
    for choice in sent.choices[:1]:
        if said := choice.message or choice.delta:
            text = _said(answer, said)
        if choice.finish_reason and answer.ending is not Ending.DECLINED:
            answer.ending = _ENDINGS.get(choice.finish_reason, Ending.DONE)
    return text


def _said(answer: Answer, said: _Said) -> str:
    if said.refusal:
        answer.ending = Ending.DECLINED
    for at, call in enumerate(said.tool_calls or ()):
        begun = answer.call(at if call.index is None else call.index)
        begun.id = call.id or begun.id
        begun.name = begun.name or call.function.name or ""
        if isinstance(call.function.arguments, str):
            begun.pieces.append(call.function.arguments)
        elif call.function.arguments is not None:
            begun.arguments = call.function.arguments
    text = said.content or ""
    answer.texts.append(text)
    return text


def _usage(counted: _Counted) -> Usage:
    details = counted.prompt_tokens_details
    cached = details.cached_tokens if details else counted.prompt_cache_hit_tokens
    return Usage(
        read=counted.prompt_tokens or 0,
        cached=cached or 0,
        written=counted.completion_tokens or 0,
    )


@asynccontextmanager
async def open_openai(place: Place) -> AsyncGenerator[ChatCompletions, None]:
    """Open a model of OpenAI's.

    Raises:
        Unusable: there is no key.
    """
    headers = {"authorization": f"Bearer {keyed(place)}"}
    async with _opened(place, place.at or OPENAI, headers, length="max_completion_tokens") as model:
        yield model


@asynccontextmanager
async def open_compatible(place: Place) -> AsyncGenerator[ChatCompletions, None]:
    """Open a model of a server that speaks as OpenAI does, with a key or without."""
    headers = {"authorization": f"Bearer {place.key}"} if place.key else {}
    async with _opened(place, place.at or "", headers, length="max_tokens") as model:
        yield model


@asynccontextmanager
async def open_azure(place: Place) -> AsyncGenerator[ChatCompletions, None]:
    """Open a deployment on Azure: by the API that has versions where one is named, else by `v1`.

    Raises:
        Unusable: there is no key, or no address.
    """
    if place.at is None:
        raise Unusable("A model on Azure has an address: azure://RESOURCE.openai.azure.com/NAME.")
    headers = {"api-key": keyed(place)}
    params, base = {}, f"{place.at}/openai/v1"
    if place.version:
        params = {"api-version": place.version}
        base = f"{place.at}/openai/deployments/{place.model}"
    length = "max_completion_tokens"
    async with _opened(place, base, headers, length=length, params=params) as model:
        yield model


def keyed(place: Place) -> str:
    """Return the key.

    Raises:
        Unusable: there is none.
    """
    if not place.key:
        raise Unusable(f"{place.name} needs a key, and none is set.")
    return place.key


@asynccontextmanager
async def _opened(
    place: Place,
    at: str,
    headers: Mapping[str, str],
    *,
    length: str,
    params: Mapping[str, str] | None = None,
) -> AsyncGenerator[ChatCompletions, None]:
    wire = Wire(place.name, at, headers=headers, told=told_of, seconds=place.seconds, params=params)
    try:
        yield ChatCompletions(place, wire, length=length)
    finally:
        await wire.close()
