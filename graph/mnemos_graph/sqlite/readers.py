"""Reads on threads of their own: whatever waits is answered in one go."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from mnemos_graph.sqlite.answers import Answer, deliver
from mnemos_graph.sqlite.connection import connect, outcome

Question = Callable[[sqlite3.Connection], Any]

MOST_AT_ONCE = 64
"""Reads in one snapshot; the rest is left to the other thread."""


class _Read(NamedTuple):
    question: Question
    future: asyncio.Future[Any]


class Readers:
    """A few threads, each with a connection. What was committed before a read began, it sees."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        self._waiting: SimpleQueue[_Read | None] = SimpleQueue()
        self._threads = [
            Thread(
                target=self._run, args=(connect(folder),), name=f"sqlite-reader-{n}", daemon=True
            )
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, question: Question, future: asyncio.Future[Any]) -> None:
        self._waiting.put(_Read(question, future))

    def close(self) -> None:
        """Answer what was asked before, then end."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self, database: sqlite3.Connection) -> None:
        while reads := self._drain():
            deliver(_answered(database, reads))
        database.close()

    def _drain(self) -> list[_Read]:
        read, reads = self._waiting.get(), list[_Read]()
        while read is not None:
            reads.append(read)
            if len(reads) == MOST_AT_ONCE:
                return reads
            try:
                read = self._waiting.get_nowait()
            except Empty:
                return reads
        if reads:
            self._waiting.put(None)
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
