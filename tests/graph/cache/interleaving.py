"""Two processes that write and read over one store, in any order and at any speed.

Whatever is answered must be what the store held, as a whole, at one moment between the last that
the reader must know of and the end of its read.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from mnemos_graph.cache.following import FRESH_SECONDS
from mnemos_graph.errors import Conflict, NotFound
from mnemos_graph.feed import LocalBus
from mnemos_graph.model import Access, Entity, Memory, Position, Record, RecordId
from mnemos_graph.store import (
    ChangeSet,
    Committed,
    Delete,
    Equal,
    Erase,
    Find,
    HasAll,
    In,
    Operation,
    Put,
)
from tests.conformance.matching import page
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, BOB, EVERYONE, entity, memory
from tests.graph.cache.processes import Clock, DeafBus, Process, process

MEMORIES = [RecordId(f"memory-{n}") for n in range(3)]
PEOPLE = [RecordId(f"person-{n}") for n in range(3)]
IDS = (*MEMORIES, *PEOPLE)
OWNERS = {id_: owner for ids in (MEMORIES, PEOPLE) for id_, owner in zip(ids, (None, None, BOB))}  # noqa: B905
QUESTIONS: Sequence[Find[Any]] = (
    Find(Memory, (Equal("user_id", "ann"),)),
    Find(Memory, (HasAll("tags", ("even",)),)),
    Find(Memory, (In("id", tuple(MEMORIES)), HasAll("tags", ("even",)))),
    Find(Entity, (Equal("user_id", "ann"),)),
    Find(Entity, (In("user_id", ("ann", "bob", None)), HasAll("folded_names", ("odd",)))),
)


@dataclass(frozen=True)
class State:
    """What the store held from a moment on."""

    position: Position
    since: float
    live: Mapping[RecordId, Record]


class Remembering(MemoryStore):
    """Keeps every state that it was ever in."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.states = [State(Position(0), clock(), {})]

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        committed = await super().commit(access, change_set)
        live = await self.get(ACME, Record, IDS)
        self.states.append(State(committed.last, self._clock(), live))
        return committed


@dataclass(frozen=True)
class Write:
    here: int
    ids: tuple[RecordId, ...]
    how: str


@dataclass(frozen=True)
class Read:
    here: int
    ids: tuple[RecordId, ...]
    questions: tuple[int, ...]
    deciding: bool


@dataclass(frozen=True)
class Wait:
    seconds: float
    settle: bool


_here = st.integers(0, 1)
_ids = st.lists(st.sampled_from(IDS), min_size=1, max_size=4, unique=True).map(tuple)
_asked = st.lists(st.integers(0, len(QUESTIONS) - 1), max_size=3).map(tuple)
_how = st.sampled_from(["put", "put", "put", "delete", "erase"])
_steps = st.one_of(
    st.builds(Write, _here, _ids, _how),
    st.builds(Read, _here, _ids, _asked, st.booleans()),
    st.builds(Read, _here, _ids, _asked, st.just(value=False)),
    st.builds(Wait, st.sampled_from([0.0, 0.7, 2.5]), st.booleans()),
)
Step = Write | Read | Wait
histories = st.lists(st.lists(_steps, min_size=1, max_size=4), min_size=2, max_size=14)


class House:
    """Both processes, and what each of them must know."""

    def __init__(
        self, inner: Remembering, clock: Clock, both: list[Process], *, deaf: bool
    ) -> None:
        self.inner, self.clock, self.both = inner, clock, both
        self._deaf = deaf
        self._own = [0, 0]

    async def do(self, step: Step) -> None:
        match step:
            case Write():
                await self._write(step)
            case Read():
                await self._read(step)
            case Wait(seconds, settle):
                self.clock.move(seconds)
                for each in self.both if settle else ():
                    await each.cache.settle()

    async def _write(self, step: Write) -> None:
        operations = [self._operation(id_, step.how) for id_ in step.ids]
        with suppress(Conflict, NotFound):
            written = await self.both[step.here].commit(*operations)
            for each in [step.here] if self._deaf else [0, 1]:
                self._own[each] = max(self._own[each], written)

    def _operation(self, id_: RecordId, how: str) -> Operation:
        version = self.inner.last_version(ACME.organization, id_)
        scope = OWNERS[id_] or (EVERYONE if id_.endswith("0") else memory().scope)
        name = "even" if version % 2 else "odd"
        made: Record = (
            memory(f"{id_} {version + 1}", id=id_, tags=(name,), scope=scope)
            if id_ in MEMORIES
            else entity(name, id_, id=id_, scope=scope)
        )
        if how == "erase":
            return Erase(made.KIND, id_)
        if how == "delete":
            return Delete(made.KIND, id_, version)
        return Put(replace(made, version=version + 1))

    async def _read(self, step: Read) -> None:
        here = self.both[step.here]
        store = here.cache.deciding if step.deciding else here.cache.store
        if step.deciding:
            least = self._standing()
            (head,) = await store.heads([ACME])
            assert head.position >= least
        else:
            least = max(self._own[step.here], self._believed())
        got = await store.get(ACME, Record, step.ids)
        self._check(least, lambda live: {id_: live[id_] for id_ in step.ids if id_ in live}, got)
        asked = [QUESTIONS[each] for each in step.questions]
        found = await store.find(ACME, asked)
        self._check(
            least,
            lambda live: [
                page(each, [one for one in live.values() if isinstance(one, each.kind)])
                for each in asked
            ],
            list(found),
        )
        (head,) = await store.heads([ACME])
        assert least <= head.position <= self._standing()

    def _standing(self) -> int:
        return self.inner.states[-1].position

    def _believed(self) -> int:
        """Return where the log stood when the oldest check was sent that may still be believed."""
        oldest = self.clock() - FRESH_SECONDS
        return max(each.position for each in self.inner.states if each.since <= oldest)

    def _check(
        self, least: int, answer: Callable[[Mapping[RecordId, Record]], Any], got: Any
    ) -> None:
        """Fail unless ``got`` is the answer of one state since ``least``."""
        known = [each for each in self.inner.states if each.position >= least]
        assert any(answer(each.live) == got for each in known), (got, known)


async def live_through(history: Sequence[Sequence[Step]], *, deaf: bool, seed: int) -> None:
    """Take each step's parts at once, and the steps one after the other."""
    async with opened(deaf=deaf, seed=seed) as house:
        for together in history:
            await asyncio.gather(*(house.do(step) for step in together))


@asynccontextmanager
async def opened(*, deaf: bool, seed: int) -> AsyncGenerator[House, None]:
    clock, chance = Clock(), random.Random(seed)
    inner, bus = Remembering(clock), DeafBus() if deaf else LocalBus()
    clock.move(FRESH_SECONDS)
    async with AsyncExitStack() as stack:
        both = [await stack.enter_async_context(process(inner, bus, clock)) for _ in range(2)]
        for each in both:
            each.store.delays = lambda: chance.choice((0, 0, 1, 3))
        yield House(inner, clock, both, deaf=deaf)
