"""Anthropic's Claude, through Anthropic's own SDK. Its retries are off: they are a layer of ours."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anthropic
import httpx2
from anthropic.types import Message as Answered
from anthropic.types import MessageDeltaUsage, RawMessageStreamEvent
from anthropic.types import Usage as Counted

from mnemos_graph.errors import Garbled, TimedOut, Unavailable
from mnemos_graph.language.bills import Usage
from mnemos_graph.language.models.answers import Answer
from mnemos_graph.language.models.failing import refusal, waits
from mnemos_graph.language.models.openai import in_words, keyed
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
from mnemos_graph.language.models.wire import CONNECT_SECONDS, MOST_BYTES, told_of

ANTHROPIC = "https://api.anthropic.com"

_ENDINGS: Mapping[str, Ending] = {
    "end_turn": Ending.DONE,
    "stop_sequence": Ending.DONE,
    "tool_use": Ending.CALLS,
    "max_tokens": Ending.LENGTH,
    "model_context_window_exceeded": Ending.LENGTH,
    "refusal": Ending.DECLINED,
}


class Claude:
    """A ``LanguageModel``. Made by ``open_anthropic``."""

    def __init__(self, place: Place, client: anthropic.AsyncAnthropic) -> None:
        self.name = place.name
        self._place = place
        self._client = client
        self._held = place.held or Held.SCHEMA

    async def complete(self, request: Request) -> Completion:
        answer = Answer(self.name)
        with self._failures():
            _take_whole(answer, await self._client.messages.create(**self._body(request)))
        return self._completion(answer, request)

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        answer, ended = Answer(self.name), False
        with self._failures():
            events = await self._client.messages.create(**self._body(request), stream=True)
            async with events:
                async for event in events:
                    if text := _take(answer, event):
                        yield text
                    ended = ended or event.type == "message_stop"
        if not ended:
            raise Unavailable(f"{self.name} broke off in the middle of its answer.")
        yield self._completion(answer, request)

    async def look(self) -> None:
        """Ask whether the model is there, which costs nothing.

        Raises:
            MnemosError: see ``complete``.
        """
        with self._failures():
            await self._client.models.retrieve(self._place.model)

    def _completion(self, answer: Answer, request: Request) -> Completion:
        by_call = request.schema is not None and self._held is Held.TOOL
        return answer.completion(request, by_call=by_call)

    def _body(self, request: Request) -> dict[str, Any]:
        system, tools, schema = request.system, list(request.tools), request.schema
        asked: dict[str, Any] = {"effort": self._place.effort} if self._place.effort else {}
        choice: dict[str, Any] = {"type": "any"} if request.must_call else {}
        if schema is not None and self._held is Held.SCHEMA:
            asked["format"] = {"type": "json_schema", "schema": schema.plain}
        elif schema is not None and self._held is Held.TOOL:
            tools.append(Tool.answering(schema))
            choice = {"type": "tool", "name": schema.name}
        elif schema is not None:
            system = in_words(system, schema)
        body: dict[str, Any] = {
            "model": self._place.model,
            "max_tokens": self._place.longest(request.most_tokens),
            "messages": [_message(each) for each in request.messages],
        }
        if system:
            kept = {"cache_control": {"type": "ephemeral"}}
            body["system"] = [{"type": "text", "text": system} | kept]
        if asked:
            body["output_config"] = asked
        if tools:
            body["tools"] = [_tool(each) for each in tools]
        if choice and tools:
            body["tool_choice"] = choice
        return body

    @contextmanager
    def _failures(self) -> Generator[None]:
        try:
            yield
        except anthropic.APIStatusError as refused:
            words, kind, _ = told_of(refused.body)
            status = _status_of(refused, kind)
            after = waits(refused.response.headers)
            raise refusal(self.name, status, words, kind=kind, after=after) from refused
        except (anthropic.APITimeoutError, httpx2.TimeoutException) as late:
            raise TimedOut(f"{self.name} did not answer in time.") from late
        except (anthropic.APIConnectionError, httpx2.TransportError) as away:
            if isinstance(away.__cause__, _TooLarge):
                raise _too_large(self.name) from away
            raise Unavailable(f"{self.name} is away: {type(away).__name__}.") from away
        except _TooLarge as large:
            raise _too_large(self.name) from large
        except (anthropic.APIError, ValueError, TypeError, AttributeError) as wrong:
            # The SDK does not check what it is sent: what is missing shows where it is looked for.
            raise Garbled(f"{self.name} answered what is no answer.") from wrong


def _status_of(refused: anthropic.APIStatusError, kind: str) -> int:
    """Return the status, also of an error in a stream, which began with 200."""
    if refused.status_code >= 400:  # noqa: PLR2004 - where errors begin
        return refused.status_code
    return _BY_KIND.get(kind, 500)


_BY_KIND: Mapping[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def _tool(tool: Tool) -> dict[str, Any]:
    schema = {"type": "object", **tool.schema.plain}
    told = {"name": tool.name, "description": tool.description, "input_schema": schema}
    return told | ({"strict": True} if tool.schema.strict else {})


def _message(message: Message) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [
        {
            "type": "tool_result",
            "tool_use_id": result.call.id,
            "content": result.text,
            "is_error": result.failed,
        }
        for result in message.results
    ]
    if message.text:
        blocks.append({"type": "text", "text": message.text})
    blocks += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}
        for call in message.calls
    ]
    return {"role": "user" if message.author is Author.USER else "assistant", "content": blocks}


def _take_whole(answer: Answer, answered: Answered) -> None:
    for at, block in enumerate(answered.content):
        if block.type == "text":
            answer.texts.append(block.text)
        elif block.type == "tool_use":
            begun = answer.call(at)
            begun.id, begun.name = block.id, block.name
            begun.arguments = dict(block.input)
    answer.model = answered.model
    answer.usage = _usage(answered.usage)
    answer.ending = _ENDINGS.get(answered.stop_reason or "")


def _take(answer: Answer, event: RawMessageStreamEvent) -> str:
    """Take a piece of an answer in; return the text that came with it."""
    if event.type == "message_start":
        answer.model = event.message.model
        answer.usage = _usage(event.message.usage)
    elif event.type == "content_block_start" and event.content_block.type == "tool_use":
        begun = answer.call(event.index)
        begun.id, begun.name = event.content_block.id, event.content_block.name
    elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
        answer.call(event.index).pieces.append(event.delta.partial_json)
    elif event.type == "content_block_delta" and event.delta.type == "text_delta":
        answer.texts.append(event.delta.text)
        return event.delta.text
    elif event.type == "message_delta":
        answer.ending = _ENDINGS.get(event.delta.stop_reason or "")
        answer.usage = _usage(event.usage, answer.usage)
    return ""


def _usage(counted: Counted | MessageDeltaUsage, before: Usage | None = None) -> Usage:
    """Return what was counted; a count in a stream that leaves the request out keeps ``before``."""
    if counted.input_tokens is None and before is not None:
        return Usage(
            read=before.read, cached=before.cached, kept=before.kept, written=counted.output_tokens
        )
    cached, kept = counted.cache_read_input_tokens or 0, counted.cache_creation_input_tokens or 0
    return Usage(
        read=(counted.input_tokens or 0) + cached + kept,
        cached=cached,
        kept=kept,
        written=counted.output_tokens,
    )


class _TooLarge(Exception):
    """More came than any answer has."""


def _too_large(name: str) -> Garbled:
    return Garbled(f"{name} answered more than {MOST_BYTES:,} bytes.")


class _Bounded(httpx2.AsyncHTTPTransport):
    """Gives an answer up as soon as more than ``MOST_BYTES`` of it have come."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 - as it promises
        response.stream = _Counting(response.stream)
        return response


class _Counting(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        came = 0
        async for chunk in self._stream:
            came += len(chunk)
            if came > MOST_BYTES:
                raise _TooLarge
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def open_anthropic(place: Place) -> AsyncGenerator[Claude, None]:
    """Open a Claude model. Only ``place`` says where and with which key; the environment does not.

    Raises:
        Unusable: there is no key.
    """
    patience = httpx2.Timeout(place.seconds, connect=min(place.seconds, CONNECT_SECONDS))
    client = anthropic.AsyncAnthropic(
        api_key=keyed(place),
        base_url=place.at or ANTHROPIC,
        max_retries=0,
        timeout=patience,
        default_headers={"accept-encoding": "identity"},
        http_client=httpx2.AsyncClient(transport=_Bounded(), timeout=patience),
    )
    async with client:
        yield Claude(place, client)
