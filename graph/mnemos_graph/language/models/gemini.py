"""Google's Gemini, by ``generateContent`` and ``streamGenerateContent``."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from mnemos_graph.errors import Unavailable
from mnemos_graph.language.bills import Usage
from mnemos_graph.language.models.answers import Answer
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
from mnemos_graph.language.models.wire import Sent, Wire, told_of

GEMINI = "https://generativelanguage.googleapis.com/v1beta"

_ENDINGS: Mapping[str, Ending] = {
    "STOP": Ending.DONE,
    "MAX_TOKENS": Ending.LENGTH,
    "SAFETY": Ending.DECLINED,
    "RECITATION": Ending.DECLINED,
    "BLOCKLIST": Ending.DECLINED,
    "PROHIBITED_CONTENT": Ending.DECLINED,
    "SPII": Ending.DECLINED,
    "LANGUAGE": Ending.DECLINED,
}
"""Any other says that the answer is of no use."""
_RETRY = "type.googleapis.com/google.rpc.RetryInfo"


class _FunctionCall(msgspec.Struct, rename="camel"):
    name: str = ""
    id: str | None = None
    args: dict[str, Any] | None = None


class _Part(msgspec.Struct, rename="camel"):
    text: str | None = None
    thought: bool | None = None
    function_call: _FunctionCall | None = None
    thought_signature: str | None = None


class _Content(msgspec.Struct, rename="camel"):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, rename="camel"):
    content: _Content | None = None
    finish_reason: str | None = None


class _Counted(msgspec.Struct, rename="camel"):
    prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None


class _Feedback(msgspec.Struct, rename="camel"):
    block_reason: str | None = None


class _Generated(Sent, rename="camel"):
    candidates: list[_Candidate] = msgspec.field(default_factory=list)
    usage_metadata: _Counted | None = None
    model_version: str | None = None
    prompt_feedback: _Feedback | None = None


class Gemini:
    """A ``LanguageModel``. Made by ``open_gemini``."""

    def __init__(self, place: Place, wire: Wire) -> None:
        self.name = place.name
        self._place = place
        self._wire = wire
        self._held = place.held or Held.SCHEMA

    async def complete(self, request: Request) -> Completion:
        answer = Answer(self.name)
        path = self._path("generateContent")
        _take(answer, await self._wire.post(path, self._body(request), _Generated))
        return self._completion(answer, request)

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        answer = Answer(self.name)
        path = self._path("streamGenerateContent?alt=sse")
        async for event in self._wire.events(path, self._body(request), _Generated):
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
        await self._wire.get(f"models/{self._place.model}", Sent)

    def _path(self, method: str) -> str:
        return f"models/{self._place.model}:{method}"

    def _completion(self, answer: Answer, request: Request) -> Completion:
        by_call = request.schema is not None and self._held is Held.TOOL
        return answer.completion(request, by_call=by_call)

    def _body(self, request: Request) -> dict[str, Any]:
        system, tools = request.system, list(request.tools)
        asked: dict[str, Any] = {"maxOutputTokens": self._place.longest(request.most_tokens)}
        must = [tool.name for tool in tools] if request.must_call else []
        if self._place.effort:
            asked["thinkingConfig"] = {"thinkingLevel": self._place.effort}
        schema = request.schema
        if schema is not None and self._held is Held.TOOL:
            tools.append(Tool.answering(schema))
            must = [schema.name]
        elif schema is not None:
            asked["responseMimeType"] = "application/json"
            if self._held is Held.SCHEMA:
                asked["responseJsonSchema"] = schema.plain
            else:
                system = in_words(system, schema)
        body: dict[str, Any] = {"generationConfig": asked}
        body["contents"] = [_content(message) for message in request.messages]
        if system:
            body["systemInstruction"] = {"parts": [{"text": system}]}
        if tools:
            body["tools"] = [{"functionDeclarations": [_tool(each) for each in tools]}]
        if must:
            calling = {"mode": "ANY", "allowedFunctionNames": must}
            body["toolConfig"] = {"functionCallingConfig": calling}
        return body


def _tool(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "parametersJsonSchema": tool.schema.plain,
    }


def _content(message: Message) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    for result in message.results:
        told = {"error" if result.failed else "output": result.text}
        parts.append({"functionResponse": {"name": result.call.name, "response": told}})
    if message.text or not (message.results or message.calls):
        parts.append({"text": message.text})
    for call in message.calls:
        part: dict[str, Any] = {"functionCall": {"name": call.name, "args": call.arguments}}
        parts.append(part | ({"thoughtSignature": call.token} if call.token else {}))
    return {"role": "user" if message.author is Author.USER else "model", "parts": parts}


def _take(answer: Answer, sent: _Generated) -> str:
    """Take an answer or a piece of one in; return the text that came with it."""
    answer.model = sent.model_version or answer.model
    if sent.usage_metadata:
        answer.usage = _usage(sent.usage_metadata)
    if sent.prompt_feedback and sent.prompt_feedback.block_reason:
        answer.ending = Ending.DECLINED
    text = ""
    for candidate in sent.candidates[:1]:
        for part in candidate.content.parts or () if candidate.content else ():
            text += _said(answer, part)
        ended = _ENDINGS.get(candidate.finish_reason or "")
        if ended and answer.ending is not Ending.DECLINED:
            called = answer.calls and ended is Ending.DONE
            answer.ending = Ending.CALLS if called else ended
    answer.texts.append(text)
    return text


def _said(answer: Answer, part: _Part) -> str:
    if part.function_call:
        begun = answer.call(len(answer.calls))
        begun.id, begun.name = part.function_call.id or "", part.function_call.name
        begun.arguments = part.function_call.args or {}
        begun.token = part.thought_signature
    return "" if part.thought else part.text or ""


def _usage(counted: _Counted) -> Usage:
    return Usage(
        read=counted.prompt_token_count or 0,
        cached=counted.cached_content_token_count or 0,
        written=(counted.candidates_token_count or 0) + (counted.thoughts_token_count or 0),
    )


def _told(body: Any) -> tuple[str, str, float | None]:
    """Read an error as Google writes it, with how long to wait among its details."""
    body = body[0] if isinstance(body, list) and body else body
    words, kind, after = told_of(body)
    error = body.get("error") if isinstance(body, Mapping) else None
    details = error.get("details") if isinstance(error, Mapping) else None
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, Mapping) and detail.get("@type") == _RETRY:
            delay = str(detail.get("retryDelay", "")).removesuffix("s")
            after = float(delay) if delay.replace(".", "", 1).isdigit() else after
    return words, kind, after


@asynccontextmanager
async def open_gemini(place: Place) -> AsyncGenerator[Gemini, None]:
    """Open a model of Google's.

    Raises:
        Unusable: there is no key.
    """
    headers = {"x-goog-api-key": keyed(place)}
    at = place.at or GEMINI
    wire = Wire(place.name, at, headers=headers, told=_told, seconds=place.seconds)
    try:
        yield Gemini(place, wire)
    finally:
        await wire.close()
