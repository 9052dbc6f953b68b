"""How each provider speaks: paths, keys, whole answers, streams and errors, as on its own wire."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.models.deeds import Fails, Says

KEY = "the-right-key"


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it came in."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


def event(data: object, name: str | None = None) -> str:
    """Return a server-sent event."""
    told = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {name}\n" if name else "") + f"data: {told}\n\n"


class OpenAI:
    """`POST /v1/chat/completions`."""

    url = "openai:gpt-5.4-mini?at={at}/v1"
    path = "/v1/chat/completions"
    look = "/v1/models/gpt-5.4-mini"
    length = "max_completion_tokens"
    endings: Mapping[str, str] = {
        "done": "stop", "length": "length", "declined": "content_filter"
    }  # fmt: skip

    def knows(self, heard: Heard) -> bool:
        return heard.headers.get("authorization") == f"Bearer {KEY}"

    def streams(self, heard: Heard) -> bool:
        return bool(heard.body.get("stream"))

    def complaint(self, heard: Heard) -> str | None:
        """Return what the real one would answer 400 for."""
        body = heard.body
        if self.length and self.length not in body:
            return f"Unsupported parameter: use '{self.length}' instead."
        if not self.length and body.get("max_tokens", 0) > 4_000:
            return "This model's maximum context length is 4096 tokens, you requested more."
        if not body.get("messages"):
            return "[] is too short - 'messages'"
        held = body.get("response_format", {}).get("json_schema")
        if held and held["strict"] and not _closed(held["schema"]):
            return "Invalid schema for response_format: 'additionalProperties' must be false."
        return None

    def whole(self, said: Says) -> Any:
        message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": None}
        if said.calls:
            message["content"] = None
            message["tool_calls"] = [_call(at, *call) for at, call in enumerate(said.calls)]
        choice = {"index": 0, "message": message, "finish_reason": self._ending(said)}
        return self._frame("chat.completion") | {"choices": [choice], "usage": self._usage(said)}

    def stream(self, said: Says) -> Iterator[str]:
        yield ": a comment\n\n"
        yield self._chunk({"role": "assistant", "content": ""})
        for at, (name, arguments) in enumerate(said.calls):
            whole = json.dumps(arguments)
            begun = _call(at, name, {}) | {"index": at}
            begun["function"]["arguments"] = ""
            yield self._chunk({"tool_calls": [begun]})
            for start in range(0, len(whole), 5):
                part = {"arguments": whole[start : start + 5]}
                yield self._chunk({"tool_calls": [{"index": at, "function": part}]})
        for piece in () if said.calls else said.pieces:
            yield self._chunk({"content": piece})
        yield self._chunk({}, self._ending(said))
        last = self._frame("chat.completion.chunk")
        yield event(last | {"choices": [], "usage": self._usage(said)})
        yield event("[DONE]")

    def failure(self, fails: Fails) -> Any:
        told = {"message": fails.message, "type": "invalid_request_error", "param": None}
        return {"error": told | {"code": fails.kind}}

    def late(self, fails: Fails) -> str:
        return event(self.failure(fails))

    def looked(self) -> Any:
        return {"id": "gpt-5.4-mini", "object": "model"}

    def _chunk(self, delta: Mapping[str, Any], ending: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": ending}
        frame = self._frame("chat.completion.chunk")
        return event(frame | {"choices": [choice], "usage": None})

    def _frame(self, kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": "gpt-5.4-mini-1"}

    def _ending(self, said: Says) -> str:
        return "tool_calls" if said.calls else self.endings[said.ending]

    def _usage(self, said: Says) -> Any:
        return {
            "prompt_tokens": said.read,
            "completion_tokens": said.written,
            "total_tokens": said.read + said.written,
            "prompt_tokens_details": {"cached_tokens": said.cached, "audio_tokens": 0},
        }


class Ollama(OpenAI):
    """A server of one's own, without a key. Arguments come whole, and endings are like others'."""

    url = "{at}/v1?model=qwen3"
    look = "/v1/models"
    length = ""
    """It need not be told how long an answer may be."""

    def knows(self, heard: Heard) -> bool:
        return True

    def looked(self) -> Any:
        return {"object": "list", "data": [{"id": "qwen3:latest", "object": "model"}]}

    def failure(self, fails: Fails) -> Any:
        kind = {"code": fails.status, "type": fails.kind}
        return {"error": {"message": fails.message, "param": None} | kind}


class DeepSeek(OpenAI):
    """It knows JSON and tools, but no schema, and has a name of its own for what was cached."""

    url = "{at}/v1?model=deepseek-chat&structured=json"
    look = "/v1/models"
    length = ""
    """It need not be told how long an answer may be."""

    def complaint(self, heard: Heard) -> str | None:
        if heard.body.get("response_format", {}).get("type") == "json_schema":
            return "This response_format type is unavailable now"
        return super().complaint(heard)

    def looked(self) -> Any:
        return {"object": "list", "data": [{"id": "deepseek-chat", "object": "model"}]}

    def _usage(self, said: Says) -> Any:
        return {
            "prompt_tokens": said.read,
            "completion_tokens": said.written,
            "prompt_cache_hit_tokens": said.cached,
            "prompt_cache_miss_tokens": said.read - said.cached,
        }


class Azure(OpenAI):
    """A deployment, by the API without versions."""

    url = "azure:mini?at={at}"
    path = "/openai/v1/chat/completions"
    look = "/openai/v1/models"

    def knows(self, heard: Heard) -> bool:
        return heard.headers.get("api-key") == KEY

    def stream(self, said: Says) -> Iterator[str]:
        filtered = [{"prompt_index": 0, "content_filter_results": {}}]
        yield event({"choices": [], "model": "", "prompt_filter_results": filtered})
        yield from super().stream(said)

    def failure(self, fails: Fails) -> Any:
        told: dict[str, Any] = {"message": fails.message, "code": fails.kind}
        if fails.kind == "content_filter":
            told["innererror"] = {"code": "ResponsibleAIPolicyViolation"}
        return {"error": told | {"status": fails.status}}

    def looked(self) -> Any:
        return {"object": "list", "data": []}


class AzureDated(Azure):
    """A deployment, by the API that wants a version."""

    url = "azure:mini?at={at}&api-version=2024-10-21"
    path = "/openai/deployments/mini/chat/completions"
    look = "/openai/deployments/mini/models"

    def complaint(self, heard: Heard) -> str | None:
        if heard.query.get("api-version") != "2024-10-21":
            return "Missing required query parameter: api-version"
        return super().complaint(heard)


class Gemini:
    """`POST /v1beta/models/MODEL:generateContent` and `:streamGenerateContent?alt=sse`."""

    url = "gemini:gemini-3.5-flash?at={at}/v1beta"
    path = "/v1beta/models/gemini-3.5-flash:generateContent"
    look = "/v1beta/models/gemini-3.5-flash"
    endings: Mapping[str, str] = {"done": "STOP", "length": "MAX_TOKENS", "declined": "SAFETY"}

    def knows(self, heard: Heard) -> bool:
        return heard.headers.get("x-goog-api-key") == KEY

    def streams(self, heard: Heard) -> bool:
        return heard.path.endswith(":streamGenerateContent") and heard.query.get("alt") == "sse"

    def complaint(self, heard: Heard) -> str | None:
        if not heard.body.get("contents"):
            return "* GenerateContentRequest.contents: contents is not specified"
        return None

    def whole(self, said: Says) -> Any:
        parts = [{"text": "Hm.", "thought": True}, *self._parts(said, said.text)]
        return self._frame(said, parts, self.endings[said.ending])

    def stream(self, said: Says) -> Iterator[str]:
        for piece in () if said.calls else said.pieces:
            yield event(self._frame(said, [{"text": piece}], None))
        last = self._parts(said, "") if said.calls else [{"text": ""}]
        yield event(self._frame(said, last, self.endings[said.ending]))

    def failure(self, fails: Fails) -> Any:
        told: dict[str, Any] = {"code": fails.status, "message": fails.message}
        if fails.wait is not None:
            retry = "type.googleapis.com/google.rpc.RetryInfo"
            told["details"] = [{"@type": retry, "retryDelay": f"{fails.wait}s"}]
        return {"error": told | {"status": fails.kind}}

    def late(self, fails: Fails) -> str:
        return event(self.failure(fails))

    def looked(self) -> Any:
        return {"name": "models/gemini-3.5-flash", "version": "001"}

    def _parts(self, said: Says, text: str) -> list[dict[str, Any]]:
        if not said.calls:
            return [{"text": text}]
        return [
            {"functionCall": {"name": name, "args": arguments}, "thoughtSignature": f"sig-{name}"}
            for name, arguments in said.calls
        ]

    def _frame(self, said: Says, parts: object, ending: str | None) -> Any:
        candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if ending:
            candidate["finishReason"] = ending
        counted = {
            "promptTokenCount": said.read,
            "cachedContentTokenCount": said.cached,
            "candidatesTokenCount": said.written - 2,
            "thoughtsTokenCount": 2,
            "totalTokenCount": said.read + said.written,
        }
        named = {"modelVersion": "gemini-3.5-flash-1", "usageMetadata": counted}
        return named | {"candidates": [candidate]}


class Anthropic:
    """`POST /v1/messages`, of the API's version 2026-10-21."""

    url = "anthropic:claude-haiku-5-5?at={at}"
    path = "/v1/messages"
    look = "/v1/models/claude-haiku-5-5"
    endings: Mapping[str, str] = {
        "done": "end_turn", "length": "max_tokens", "declined": "refusal"
    }  # fmt: skip

    def knows(self, heard: Heard) -> bool:
        return heard.headers.get("authorization") == f"Bearer {KEY}"

    def streams(self, heard: Heard) -> bool:
        return bool(heard.body.get("stream"))

    def complaint(self, heard: Heard) -> str | None:
        if heard.headers.get("anthropic-version") != "2026-10-21":
            return "anthropic-version: header is required"
        if heard.body.keys() & {"temperature", "top_p", "top_k"}:
            return "temperature: this parameter was removed"
        if "max_tokens" not in heard.body:
            return "max_tokens: Field required"
        if not all(message["content"] for message in heard.body["messages"]):
            return "messages.0: all messages must have non-empty content"
        held = heard.body.get("output_config", {}).get("format")
        if held and not _closed(held["schema"]):
            return "output_config.format.schema: 'additionalProperties' must be set to 'false'"
        return None

    def whole(self, said: Says) -> Any:
        content = [
            {"type": "tool_use", "id": f"toolu_{at}", "name": name, "input": arguments}
            for at, (name, arguments) in enumerate(said.calls)
        ] or [{"type": "text", "text": said.text}]
        thought = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
        ended = {"stop_reason": self._ending(said), "stop_sequence": None}
        return self._message(said) | ended | {"content": [thought, *content]}

    def stream(self, said: Says) -> Iterator[str]:
        yield self._event("message_start", message=self._message(said))
        yield self._event("ping")
        blocks = [
            self._block(at, {"type": "tool_use", "id": f"toolu_{at}", "name": name, "input": {}},
                        self._pieces(arguments))
            for at, (name, arguments) in enumerate(said.calls)
        ] or [self._block(0, {"type": "text", "text": ""}, self._texts(said))]  # fmt: skip
        for block in blocks:
            yield from block
        delta = {"stop_reason": self._ending(said), "stop_sequence": None}
        yield self._event("message_delta", delta=delta, usage={"output_tokens": said.written})
        yield self._event("message_stop")

    def failure(self, fails: Fails) -> Any:
        return {"type": "error", "error": {"type": fails.kind, "message": fails.message}}

    def late(self, fails: Fails) -> str:
        return event(self.failure(fails), "error")

    def looked(self) -> Any:
        return {"id": "claude-haiku-5-5", "type": "model", "display_name": "", "created_at": "2026"}

    def _pieces(self, arguments: Mapping[str, Any]) -> list[dict[str, str]]:
        whole = json.dumps(arguments)
        return [
            {"type": "input_json_delta", "partial_json": whole[start : start + 5]}
            for start in range(0, len(whole), 5)
        ]

    def _texts(self, said: Says) -> list[dict[str, str]]:
        return [{"type": "text_delta", "text": piece} for piece in said.pieces]

    def _block(self, at: int, begun: object, deltas: list[dict[str, str]]) -> Iterator[str]:
        yield self._event("content_block_start", index=at, content_block=begun)
        for delta in deltas:
            yield self._event("content_block_delta", index=at, delta=delta)
        yield self._event("content_block_stop", index=at)

    def _event(self, name: str, **told: object) -> str:
        return event({"type": name} | told, name)

    def _ending(self, said: Says) -> str:
        return "tool_use" if said.calls else self.endings[said.ending]

    def _message(self, said: Says) -> dict[str, Any]:
        usage = {
            "input_tokens": said.read - said.cached,
            "cache_read_input_tokens": said.cached,
            "cache_creation_input_tokens": 0,
            "output_tokens": said.written,
        }
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-haiku-5-5",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }


def _call(at: int, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"id": f"call_{at}", "type": "function", "function": function}


def _closed(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(map(_closed, schema))
    if not isinstance(schema, Mapping):
        return True
    open_ = schema.get("type") == "object" and schema.get("additionalProperties") is not False
    return not open_ and all(map(_closed, schema.values()))
