"""Reads on threads of their own: whatever waits is answered in one go.

One thread answers as long as it keeps up, so that pages of the file are kept once and stay warm; the
others help when reads wait for it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from mnemos_graph.sqlite.answers import Answer, deliver
from mnemos_graph.sqlite.connection import connect, outcome

Question = Callable[[sqlite3.Connection], Any]

MOST_AT_ONCE = 64
"""Reads in one snapshot; the rest is left to the other threads."""


class _Read(NamedTuple):
    question: Question
    future: asyncio.Future[Any]


class _Call(Enum):
    """What a helper is told."""

    HELP = "help"
    END = "end"


class Readers:
    """A few threads, each with a connection. What was committed before a read began, it sees."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        self._waiting: SimpleQueue[_Read | None] = SimpleQueue()
        self._calls: SimpleQueue[_Call] = SimpleQueue()
        self._busy = False
        self._threads = [
            Thread(
                target=self._help if n else self._lead,
                args=(connect(folder),),
                name=f"sqlite-reader-{n}",
                daemon=True,
            )
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, question: Question, future: asyncio.Future[Any]) -> None:
        self._waiting.put(_Read(question, future))
        if self._busy or self._waiting.qsize() > 1:
            self._calls.put(_Call.HELP)

    def close(self) -> None:
        """Answer what was asked before, then end."""
        self._waiting.put(None)
        for _ in self._threads:
            self._calls.put(_Call.END)
        for thread in self._threads:
            thread.join()

    def _lead(self, database: sqlite3.Connection) -> None:
        while read := self._waiting.get():
            # Who asks before this is set is found by the draining, who asks after it calls.
            self._busy = True
            answers = _answered(database, self._drain([read]))
            self._busy = False
            deliver(answers)
        database.close()

    def _help(self, database: sqlite3.Connection) -> None:
        while self._calls.get() is _Call.HELP:
            if reads := self._drain([]):
                deliver(_answered(database, reads))
        database.close()

    def _drain(self, reads: list[_Read]) -> list[_Read]:
        """Add what waits to ``reads``, and leave the end to the leader."""
        while len(reads) < MOST_AT_ONCE:
            try:
                read = self._waiting.get_nowait()
            except Empty:
                break
            if read is None:
                self._waiting.put(None)
                break
            reads.append(read)
        return reads


def _answered(database: sqlite3.Connection, reads: list[_Read]) -> list[Answer]:
    """Answer from one snapshot, so that no answer is of two states."""
    answers = list[Answer]()
    database.execute("BEGIN")
    try:
        for read in reads:
            try:
                answers.append(Answer(read.future, read.question(database)))
            except Exception as failure:  # noqa: BLE001 - it is raised where it was asked
                answers.append(Answer(read.future, None, outcome(failure) or failure))
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")
    return answers
