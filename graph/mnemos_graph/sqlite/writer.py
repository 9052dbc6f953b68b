"""The one thread that writes: what waits is committed together, with one fsync.

Each change set is still all or none by itself. If something unforeseen breaks, the group is rolled
back and its members are tried one by one, so that only the guilty one fails. Nobody is answered
before COMMIT has returned.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from mnemos_graph.committing import Wanted
from mnemos_graph.errors import MnemosError, Unavailable
from mnemos_graph.model import Access
from mnemos_graph.sqlite.answers import Answer, deliver
from mnemos_graph.sqlite.connection import outcome
from mnemos_graph.sqlite.group import Group
from mnemos_graph.store import ChangeSet

MOST_AT_ONCE = 2_000
"""Operations in one transaction: nobody's write waits longer for others' than these take."""

Work = Callable[[sqlite3.Connection], Any]
"""A write that is no change set: it runs by itself, and is undone by itself if it raises."""


class Handed(NamedTuple):
    """A change set as it was handed over."""

    access: Access
    change_set: ChangeSet


class _Write(NamedTuple):
    work: Handed | Work
    future: asyncio.Future[Any]

    @property
    def size(self) -> int:
        return len(self.work.change_set.operations) if isinstance(self.work, Handed) else 1


class _Ready(NamedTuple):
    work: Wanted | Work
    future: asyncio.Future[Any]


class Writer:
    """Owns ``database`` from here on, and closes it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._waiting: SimpleQueue[_Write | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def hand(self, work: Handed | Work, future: asyncio.Future[Any]) -> None:
        self._waiting.put(_Write(work, future))

    def close(self) -> None:
        """Write what was handed over before, then end."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while writes := self._drain():
            self._settle(writes)
        self._database.close()

    def _drain(self) -> list[_Write]:
        write, writes, size = self._waiting.get(), list[_Write](), 0
        while write is not None:
            writes.append(write)
            size += write.size
            if size >= MOST_AT_ONCE:
                return writes
            try:
                write = self._waiting.get_nowait()
            except Empty:
                return writes
        if writes:
            self._waiting.put(None)
        return writes

    def _settle(self, writes: Sequence[_Write]) -> None:
        ready = list[_Ready]()
        for work, future in writes:
            try:
                prepared = Wanted.of(*work) if isinstance(work, Handed) else work
            except Exception as failure:  # noqa: BLE001 - it is raised where it was asked
                deliver([_failed(future, failure)])
            else:
                ready.append(_Ready(prepared, future))
        if ready:
            deliver(self._written(ready))

    def _written(self, ready: Sequence[_Ready]) -> list[Answer]:
        try:
            return self._transact(ready)
        except Exception as failure:  # noqa: BLE001 - it is raised where it was asked
            if len(ready) == 1 or isinstance(outcome(failure), Unavailable):
                return [_failed(each.future, failure) for each in ready]
        return [answer for each in ready for answer in self._written([each])]

    def _transact(self, ready: Sequence[_Ready]) -> list[Answer]:
        """Write all of ``ready`` in one transaction, and return only when it is on the disk."""
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            answers = self._apply(ready)
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        return answers

    def _apply(self, ready: Sequence[_Ready]) -> list[Answer]:
        answers = list[Answer]()
        sets = [each.work for each in ready if isinstance(each.work, Wanted)]
        if sets:
            group = Group(self._database, sets)
            for work, future in ready:
                if isinstance(work, Wanted):
                    try:
                        answers.append(Answer(future, group.add(work)))
                    except MnemosError as refusal:
                        answers.append(Answer(future, None, refusal))
            group.write()
        answers += [
            self._work(work, future) for work, future in ready if not isinstance(work, Wanted)
        ]
        return answers

    def _work(self, work: Work, future: asyncio.Future[Any]) -> Answer:
        self._database.execute("SAVEPOINT work")
        try:
            answer = Answer(future, work(self._database))
        except MnemosError as refusal:
            self._database.execute("ROLLBACK TO work")
            answer = Answer(future, None, refusal)
        self._database.execute("RELEASE work")
        return answer


def _failed(future: asyncio.Future[Any], failure: Exception) -> Answer:
    return Answer(future, None, outcome(failure) or failure)
