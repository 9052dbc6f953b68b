"""From what a provider sent to a completion that was checked against what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mnemos_graph.errors import CutShort, Declined, Garbled
from mnemos_graph.language.bills import Usage
from mnemos_graph.language.models.protocol import (
    Completion,
    Ending,
    Request,
    ToolCall,
)
from mnemos_graph.language.models.schemas import Schema


@dataclass(slots=True)
class CallBegun:
    """A call as it arrives: its arguments in pieces of JSON, or whole."""

    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    arguments: Mapping[str, Any] | None = None
    token: str | None = None


@dataclass(slots=True)
class Answer:
    """What has arrived of an answer. ``ending`` is None as long as it is not whole."""

    part: str
    """What the model is called in an error."""
    texts: list[str] = field(default_factory=list)
    calls: dict[int, CallBegun] = field(default_factory=dict)
    """By their place in the answer."""
    ending: Ending | None = None
    usage: Usage = field(default_factory=Usage)
    model: str = ""

    def call(self, at: int) -> CallBegun:
        return self.calls.setdefault(at, CallBegun())

    def completion(self, request: Request, *, by_call: bool = False) -> Completion:
        """Return the completion.

        ``by_call``: the value was asked for as the arguments of a call with the schema's name.

        Raises:
            Declined, Garbled, CutShort: see ``LanguageModel.complete``.
        """
        if self.ending is Ending.DECLINED:
            raise Declined(f"{self.part} declined to answer this.")
        if self.ending is None:
            raise Garbled(f"{self.part} ended its answer without saying why. Ask again.")
        text, value, calls = "".join(self.texts), None, self._calls(request, by_call=by_call)
        if request.schema is not None:
            value = self._value(request.schema, text, calls if by_call else None)
            text, calls = "", [] if by_call else calls
        if request.must_call and not calls and request.tools:
            raise Garbled(f"{self.part} called none of the tools that it had to call.")
        ending = Ending.DONE if by_call and self.ending is Ending.CALLS else self.ending
        return Completion(
            text=text,
            value=value,
            calls=tuple(calls),
            ending=ending,
            usage=self.usage,
            model=self.model,
        )

    def _calls(self, request: Request, *, by_call: bool) -> list[ToolCall]:
        known = {tool.name: tool.schema for tool in request.tools}
        if by_call and request.schema is not None:
            known[request.schema.name] = request.schema
        found = []
        for at, begun in sorted(self.calls.items()):
            schema = known.get(begun.name)
            if schema is None:
                raise Garbled(f"{self.part} called a tool that there is not.")
            arguments = begun.arguments
            if arguments is None:
                arguments = self._decoded("".join(begun.pieces) or "{}")
            self._check(schema, arguments)
            found.append(
                ToolCall(
                    id=begun.id or f"call-{at}",
                    name=begun.name,
                    arguments=arguments,
                    token=begun.token,
                )
            )
        return found

    def _value(self, schema: Schema, text: str, calls: list[ToolCall] | None) -> Any:
        if calls is not None:
            for call in calls:
                if call.name == schema.name:
                    return call.arguments
            self._whole()
            raise Garbled(f"{self.part} did not answer by the call that it was to make.")
        value = self._decoded(_unfenced(text))
        self._check(schema, value)
        return value

    def _decoded(self, text: str) -> Any:
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as wrong:
            self._whole()
            raise Garbled(f"{self.part} answered what is not JSON. Ask again.") from wrong

    def _check(self, schema: Schema, value: Any) -> None:
        complaint = schema.complaint(value)
        if complaint:
            self._whole()
            raise Garbled(f"{self.part} answered what does not fit {schema.name}: {complaint}.")

    def _whole(self) -> None:
        if self.ending is Ending.LENGTH:
            raise CutShort(f"{self.part} needs a longer answer than it may give. Ask about less.")


def _unfenced(text: str) -> str:
    """Return what stands within a Markdown fence, which several models put around JSON."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```"):
        return text.removesuffix("```").partition("\n")[2]
    return text
