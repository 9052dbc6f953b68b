"""Asking for what is somebody else's: what comes back must be what comes back for nobody's."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mnemos_graph.feed import cursor
from mnemos_graph.model import OrganizationId, Position, new_id
from tests.isolation import examples
from tests.isolation.asker import Answer, Asker
from tests.isolation.held import Held
from tests.isolation.operations import Operation, Slot

NOBODY = "marzipan"
"""In place of somebody's handle: a word as long, that nobody has."""
BY_MEANING = {"query", "text"}
"""What is asked by meaning is answered by the words in it, so two texts have two answers."""

_VARYING = {
    "tookMs", "score", "rank", "state", "progress", "total", "done", "failed", "finishedAt",
    "secret", "position", "cursor", "startCursor", "endCursor",
}  # fmt: skip
"""Fields that differ between two organizations with the same in them, or from moment to moment."""
_ID = re.compile(r"[0-9a-f]{8}(?:[-_ ][0-9a-f]{4}){3}[-_ ][0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z", re.IGNORECASE)


@dataclass(slots=True)
class Twins:
    """Two organizations with the same in them; one names what is another's, the other nobody's."""

    nosy: Asker
    innocent: Asker
    nosy_own: Held
    innocent_own: Held
    sent: set[str] = field(default_factory=set)

    async def crossings(self, operation: Operation, other: Held) -> list[str]:
        """Return every way in which ``operation`` tells of what ``other`` holds, in words."""
        pairs = list(zip(
            examples.of(operation, self.nosy_own), examples.of(operation, self.innocent_own),
            strict=True,
        ))  # fmt: skip
        found: list[str] = []
        for slot in operation.slots:
            for value, unknown in values(other, slot):
                for mine, theirs in pairs if slot.scalar == "ID" else pairs[:1]:
                    asked = operation.filled(mine, slot, value)
                    instead = operation.filled(theirs, slot, unknown)
                    said = await self._compared(operation, slot, asked, instead, other)
                    found += [f"{operation}, {slot} = {value}: {each}" for each in said]
        for mine, theirs in pairs:
            await asyncio.gather(
                self.nosy.has(operation, mine), self.innocent.has(operation, theirs)
            )
        return found

    async def _compared(
        self,
        operation: Operation,
        slot: Slot,
        asked: Mapping[str, Any],
        instead: Mapping[str, Any],
        other: Held,
    ) -> list[str]:
        self.sent |= {each for each in _texts(asked) if other.handle in each or _ID.search(each)}
        answer, expected = await asyncio.gather(
            self.nosy.ask(operation, asked), self.innocent.ask(operation, instead)
        )
        found = told_of(answer, other, self.sent)
        if "INTERNAL" in json.dumps(answer.get("errors", [])):
            found.append(f"broke: {answer['errors']}")
        if slot.name not in BY_MEANING:
            was, should = alike(answer, other), alike(expected, other)
            if was != should:
                found.append(f"answered {was} instead of {should}")
        return found


def told_of(answer: Answer, other: Held, sent: Iterable[str] = ()) -> list[str]:
    """Return which of somebody's words and ids are in an answer, beyond those that were sent."""
    text = json.dumps(answer, ensure_ascii=False)
    known = "\n".join(sent)
    ids = {name: id_ for name, id_ in other.ids.items() if id_ in text and id_ not in known}
    words = [f"says {other.secret}"] if other.secret in text.lower() else []
    return words + [f"tells the id of {name}" for name in ids]


def values(other: Held, slot: Slot) -> Iterable[tuple[Any, Any]]:
    """Return what somebody else holds that fits into a slot, each with the like that nobody holds."""
    ids = [(id_, new_id()) for id_ in other.ids.values()]
    cursors = [(each, _nowhere(number)) for number, each in enumerate(other.cursors, 1)]
    pages = [(each, "A" * len(each)) for each in other.pages]
    names = [(each, each.replace(other.handle, NOBODY)) for each in other.names]
    if slot.scalar == "ID":
        return ids
    if slot.scalar == "Cursor":
        return [*cursors, *pages]
    if slot.scalar == "JSON":
        return [({"handle": other.handle}, {"handle": NOBODY})]
    if slot.name == "after":
        return [*pages, *cursors, *ids[:1]]
    return [*names, *ids[:1]]


def _nowhere(position: int) -> str:
    return cursor.encode(OrganizationId("nowhere"), 1, Position(position))


def alike(answer: Any, other: Held) -> Any:
    """Return an answer without what differs between two organizations that hold the same."""
    if isinstance(answer, Mapping):
        kept = {key: value for key, value in answer.items() if key not in _VARYING}
        return {key: alike(value, other) for key, value in kept.items() if key != "explanation"}
    if isinstance(answer, list):
        return [alike(each, other) for each in answer]
    if not isinstance(answer, str):
        return answer
    for page in other.pages:
        answer = answer.replace(page, "A" * len(page))
    return _TIME.sub("TIME", _ID.sub("ID", answer).lower().replace(other.handle, NOBODY))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []
