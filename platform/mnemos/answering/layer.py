"""The layer in front of everything: what was just answered is answered again at once.

It answers only plain requests of callers whom it knows, and only what has been answered the same
way to the same caller and is still so. Everything else goes on as it came. A check that every
request must pass stands here as well as behind: in ``_caller``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from mnemos.answering.asked import Asked, Body, Sent, asked, sent
from mnemos.answering.kept import Entry, Kept, Question, Spelling
from mnemos.answering.wire import Outgoing, deliver
from mnemos.guard import check_get, check_local
from mnemos.program import Program
from mnemos_graph.errors import MnemosError
from mnemos_graph.identity import Caller
from mnemos_graph.witness.witness import Witness, witnessing

PATH = "/graphql"
OK = 200


class Keeping(StrEnum):
    """What is done with answers."""

    ON = "on"
    OFF = "off"
    """None may be kept: the setting says so."""
    BYPASSED = "bypassed"
    """Changes of other processes are not heard of, so that what was kept may be wrong."""


@dataclass(slots=True)
class Counts:
    hits: int = 0
    misses: int = 0
    """What could have been kept, and was answered anew."""
    joined: int = 0
    """What waited for the same question under way and took its answer; among the hits."""
    bypassed: int = 0
    """What was answered anew because the bus was lost."""


class Witnessed(Outgoing):
    """Says the tag of an answer that its witness vouches for."""

    def __init__(self, send: Send, sent: Sent, witness: Witness) -> None:
        super().__init__(send, sent, tagged=False)
        self._witness = witness

    def may_tag(self) -> bool:
        return self._witness.vouched and not self._witness.refused


class Answering:
    def __init__(self, app: ASGIApp, program: Program) -> None:
        self.counts = Counts()
        self._app = app
        self._program = program
        self._kept = Kept(program.settings.answer_bytes)
        self._grounds = program.services.grounds
        self._grounds.on_forgotten = self._kept.forget
        self._flights: dict[Question, asyncio.Future[None]] = {}

    @property
    def keeping(self) -> Keeping:
        if not self._kept.most:
            return Keeping.OFF
        return Keeping.ON if self._grounds.heard else Keeping.BYPASSED

    def told(self) -> dict[str, Any]:
        """Return what there is to say about it to those who watch over the program."""
        return {
            "state": self.keeping,
            "hits": self.counts.hits,
            "joined": self.counts.joined,
            "misses": self.counts.misses,
            "bypassed": self.counts.bypassed,
            "answers": len(self._kept),
            "bytes": self._kept.nbytes,
            "most_bytes": self._kept.most,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        head = sent(scope)
        if head is None:
            await self._app(scope, receive, send)
        elif head.is_plain and (caller := await self._caller(scope, head)):
            await self._for(caller, head, scope, receive, send)
        else:
            await self._app(scope, receive, Outgoing(send, head, tagged=False))

    async def _caller(self, scope: Scope, head: Sent) -> Caller | None:
        """Return who asks, if an answer that is kept may be given to them now."""
        keeping = self.keeping
        if keeping is not Keeping.ON or self._program.connections.draining:
            self.counts.bypassed += keeping is Keeping.BYPASSED
            return None
        door = self._program.door
        try:
            await check_local(scope, door)
            if head.is_get:
                check_get(Headers(scope=scope), self._program.settings)
            return await door.caller(head.secret)
        except MnemosError:
            return None

    async def _for(
        self, caller: Caller, head: Sent, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if head.is_get:
            raw: bytes | None = scope["query_string"]
        else:
            body = await Body.read(receive)
            raw, receive = body.whole, body.again(receive)
        if raw is None:
            await self._app(scope, receive, Outgoing(send, head, tagged=False))
            return
        spelling = Spelling(caller, head.media, head.is_get, raw)
        entry = self._kept.spelled(spelling)
        if entry is not None and await self._given(entry, head, send):
            return
        what = entry.question.asked if entry else self._asked(raw, head)
        if what is None or self._kept.is_never(what):
            await self._app(scope, receive, Outgoing(send, head, tagged=False))
            return
        question = Question(caller, head.media, what)
        if entry is None and await self._found(question, spelling, head, send):
            return
        if (flight := self._flights.get(question)) is not None:
            await asyncio.wait([flight])
            if await self._found(question, spelling, head, send):
                self.counts.joined += 1
                return
        entry = await self._answered(question, head, scope, receive, send)
        if entry is not None:
            self._kept.spell(entry, spelling)

    def _asked(self, raw: bytes, head: Sent) -> Asked | None:
        return asked(raw, self._program.documents, is_get=head.is_get)

    async def _found(self, question: Question, spelling: Spelling, head: Sent, send: Send) -> bool:
        entry = self._kept.get(question)
        if entry is None or not await self._given(entry, head, send):
            return False
        if spelling not in entry.spellings:
            self._kept.spell(entry, spelling)
        return True

    async def _given(self, entry: Entry, head: Sent, send: Send) -> bool:
        """Send an answer that was kept; return whether it may be given out, and was."""
        grounds = self._grounds
        if not grounds.stands(entry.basis):
            return False
        if (after := head.after) and not grounds.reaches(entry.basis, after):
            return False
        try:
            await self._program.door.count(entry.question.caller)
        except MnemosError:
            return False
        self.counts.hits += 1
        self._kept.use(entry)
        before = entry.answer.nbytes
        await deliver(entry.answer, head, send, tagged=head.is_get)
        if entry.answer.nbytes != before:
            self._kept.weigh(entry)
        return True

    async def _answered(
        self, question: Question, head: Sent, scope: Scope, receive: Receive, send: Send
    ) -> Entry | None:
        """Have it answered anew; keep the answer if it can be kept."""
        begun = await self._grounds.begin(question.caller.access.organization)
        if begun is None:
            await self._app(scope, receive, Outgoing(send, head, tagged=False))
            return None
        self.counts.misses += 1
        witness = begun.witness
        flight = self._flights.setdefault(question, asyncio.get_running_loop().create_future())
        before = witnessing.set(witness)
        outgoing = Witnessed(send, head, witness)
        try:
            await self._app(scope, receive, outgoing)
            if witness.never:
                self._kept.never(question.asked)
            if outgoing.answer is None or outgoing.answer.status != OK:
                return None
            basis = await self._grounds.basis(begun)
            return self._kept.keep(question, outgoing.answer, basis) if basis else None
        finally:
            witness.done = True
            witnessing.reset(before)
            if self._flights.get(question) is flight:
                del self._flights[question]
                if not flight.done():
                    flight.set_result(None)
