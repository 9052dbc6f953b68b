"""A listener of the tests, which hears what a group tells, when it cares to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from mnemos.live.groups import Groups
from mnemos.live.payload import Payload
from mnemos.live.questions import Question
from mnemos.program import Program
from mnemos_graph.feed import cursor
from mnemos_graph.identity import LOCAL_CALLER, Caller
from mnemos_graph.model import START, Position, Scope
from mnemos_graph.store import ChangeSet, GraphStore, Put
from mnemos_schema.schema import schema
from mnemos_schema.sharing import shared
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import memory
from tests.serving import program_on
from tests.waiting import until

LISTEN = """
subscription ($after: Cursor, $filter: ChangeFilter, $scope: ScopeInput) {
  changes(after: $after, filter: $filter, scope: $scope) {
    position hasMore changes { subject { ... on Memory { text } } }
  }
}
"""
ORGANIZATION = LOCAL_CALLER.access.organization
EPOCH = 1
ANN = Scope(user_id="ann")


@dataclass(eq=False)
class Ear:
    """Keeps the texts of the changes that it was told, and where each page ended."""

    position: Position = START
    gone: bool = False
    roomy: bool = True
    texts: list[str] = field(default_factory=list)
    pages: list[Mapping[str, Any]] = field(default_factory=list)
    ended: list[Any] = field(default_factory=list)
    _opened: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, payload: Payload) -> None:
        page = json.loads(payload.body)["data"]["changes"]
        self.pages.append(page)
        self.texts += [each["subject"]["text"] for each in page["changes"]]

    def complete(self, last: bytes | None = None) -> None:
        self.gone = True
        self.ended.append(json.loads(last) if last else None)

    def refuse(self, errors: Sequence[Any]) -> None:
        self.gone = True
        self.ended.append(errors)

    async def room(self) -> None:
        while not (self.roomy or self.gone):
            await self._opened.wait()

    def stop(self) -> None:
        """Take no history for a while."""
        self.roomy = False
        self._opened.clear()

    def go_on(self) -> None:
        self.roomy = True
        self._opened.set()


class Telling:
    """Groups over a program, without sockets."""

    def __init__(self, program: Program, store: GraphStore) -> None:
        self.program = program
        self.store = store
        self.groups = Groups(
            schema, program.services, lambda asked, part: program.context(asked.caller, part)
        )
        self.written = 0

    async def write(self, count: int = 1, scope: Scope = ANN) -> None:
        """Commit so many memories together; their texts are their positions."""
        texts = [str(self.written + number) for number in range(1, count + 1)]
        self.written += count
        committed = await self.store.commit(
            LOCAL_CALLER.access, ChangeSet(tuple(Put(memory(text, scope=scope)) for text in texts))
        )
        self.program.services.feed.follower(ORGANIZATION, committed.last)

    async def listen(
        self,
        ear: Ear,
        after: int | None = None,
        *,
        caller: Caller = LOCAL_CALLER,
        epoch: int = EPOCH,
        query: str = LISTEN,
        **variables: Any,
    ) -> None:
        how = shared(query, None)
        assert how is not None
        place = None if after is None else cursor.encode(ORGANIZATION, epoch, Position(after))
        given = variables | ({"after": place} if place else {})
        question = Question.of(caller, how, query, None, given)
        await self.groups.listen(ear, question, how.place(given))

    async def settled(self, ear: Ear) -> None:
        """Wait until an ear was told everything that was written."""
        await until(lambda: ear.position >= self.written)


@asynccontextmanager
async def telling() -> AsyncIterator[Telling]:
    store = MemoryStore()
    async with program_on(store) as program:
        yield Telling(program, store)
