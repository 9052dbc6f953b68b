"""Many tellings, taken in by a job: in order within a partition, side by side otherwise."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from mnemos_graph.errors import BadInput, MnemosError, TooMuch, TryLater
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob, Unit
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.outcomes import Clock, Written
from mnemos_graph.memory.receipts import Keyed
from mnemos_graph.memory.remember.ahead import Ahead
from mnemos_graph.memory.remember.remember import REMEMBER, Rememberer, request_of
from mnemos_graph.memory.remember.telling import Telling, checked
from mnemos_graph.model import Access, Job, JobInput, Partition, RecordId, Scope

REMEMBER_MANY = "remember_many"
MOST_TELLINGS = 1_000
"""In one call."""
AT_ONCE = 4
"""Partitions of one job that are worked on side by side."""

_OWN = "request"
"""Where an input keeps the request that its own key stands for."""


class RememberingMany:
    def __init__(self, jobs: Jobs, rememberer: Rememberer, clock: Clock) -> None:
        self._jobs = jobs
        self._rememberer = rememberer
        self._clock = clock

    async def submit(
        self,
        access: Access,
        tellings: Sequence[Telling],
        key: str | None = None,
        *,
        keys: Sequence[str | None] = (),
    ) -> Written[Job]:
        """Have up to 1,000 tellings taken in, each as ``remember`` does, and return the job.

        ``key`` is the whole call's; ``keys`` are those of the tellings, which ``remember`` knows
        too: what was told with one of them already is not told again.

        Raises:
            BadInput: there are none, or one cannot be kept; the message says which.
            TooMuch: there are too many, or too much in one.
            Conflict: the key came with other tellings before.
        """
        if not tellings:
            raise BadInput("inputs is empty. Give at least one.")
        if len(tellings) > MOST_TELLINGS:
            raise TooMuch(
                f"There are {len(tellings)} inputs; at most {MOST_TELLINGS} are allowed in one "
                "call. Split them."
            )
        requests: list[Keyed | None] = []
        own_keys = keys or [None] * len(tellings)
        for number, (telling, own) in enumerate(zip(tellings, own_keys, strict=True)):
            try:
                requests.append(Keyed.of(REMEMBER, own, checked(telling)))
            except BadInput as error:
                raise type(error)(f"inputs[{number}]: {error}") from error
        now = self._clock()
        dated = [replace(each, occurred_at=each.occurred_at or now) for each in tellings]
        users = {each.scope.user_id for each in tellings}
        new = NewJob(
            kind=REMEMBER_MANY,
            scope=Scope(users.pop()) if len(users) == 1 else Scope(),
            units=[
                Unit(scope=each.scope, payload=_payload(each, request))
                for each, request in zip(dated, requests, strict=True)
            ],
            total=len(tellings),
        )
        given = [*tellings, *keys] if any(keys) else list(tellings)
        return await self._jobs.submit(access, new, Keyed.of("rememberMany", key, given))

    async def handle(self, work: Work) -> None:
        """Take in what is left, each once, also where this is called again.

        Raises:
            TryLater: something is away; what was taken in until then is counted.
        """
        places = asyncio.Semaphore(AT_ONCE)

        async def in_order(inputs: Sequence[JobInput], ahead: Mapping[RecordId, Ahead]) -> None:
            async with places:
                for each in inputs:
                    await self._take(work, each, ahead.get(each.id))

        async for page in work.inputs():
            by_partition = defaultdict[Partition, list[JobInput]](list)
            for each in page:
                by_partition[each.partition].append(each)
            tellings = {each.id: _telling(each) for each in page}
            async with self._rememberer.reading(work.access, tellings, work.began) as ahead:
                groups = [in_order(inputs, ahead) for inputs in by_partition.values()]
                for outcome in await asyncio.gather(*groups, return_exceptions=True):
                    if isinstance(outcome, BaseException):
                        raise outcome

    async def _take(self, work: Work, held: JobInput, ahead: Ahead | None) -> None:
        request = _request(held)
        try:
            await self._rememberer.take_in(work.access, _telling(held), request, work.began, ahead)
        except TryLater:
            raise
        except MnemosError as error:
            await work.failed(error, held)
        else:
            await work.done(held)


def _payload(telling: Telling, request: Keyed | None) -> Mapping[str, Any]:
    payload: dict[str, Any] = msgspec.to_builtins(telling)
    return payload | ({_OWN: [request.id, request.digest]} if request else {})


def _telling(held: JobInput) -> Telling:
    return msgspec.convert(held.payload, Telling)


def _request(held: JobInput) -> Keyed:
    """Return the request by which a telling is taken in once: by its own key, if it has one."""
    own = held.payload.get(_OWN)
    return Keyed(REMEMBER, *own) if own else request_of(REMEMBER_MANY, held.id)
