"""Reads answered by a leader and its helpers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Event, current_thread

import pytest

from mnemos_graph.sqlite.readers import MOST_AT_ONCE, Question, Readers

LONG = 20
"""Seconds until a read that nobody helps gives up."""


@pytest.fixture
def readers(tmp_path: Path) -> Iterator[Readers]:
    readers = Readers(tmp_path)
    yield readers
    readers.close()


def asked(readers: Readers, question: Question) -> asyncio.Future[object]:
    future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    readers.ask(question, future)
    return future


def who(_: sqlite3.Connection) -> str:
    return current_thread().name


async def test_a_read_is_answered_while_a_longer_one_goes_on(readers: Readers) -> None:
    begun, answered = Event(), Event()

    def long(_: sqlite3.Connection) -> bool:
        begun.set()
        return answered.wait(LONG)

    first = asked(readers, long)
    assert await asyncio.to_thread(begun.wait, LONG)
    await asyncio.wait_for(asked(readers, who), LONG)
    answered.set()
    assert await first is True, "the second read waited for the first"


async def test_one_read_after_the_other_is_answered_by_one_thread(readers: Readers) -> None:
    assert len({await asked(readers, who) for _ in range(200)}) == 1


async def test_every_read_of_a_crowd_is_answered(readers: Readers) -> None:
    crowd = [asked(readers, who) for _ in range(20 * MOST_AT_ONCE)]
    assert all(await asyncio.wait_for(asyncio.gather(*crowd), LONG))


async def test_what_was_asked_before_the_end_is_answered(tmp_path: Path) -> None:
    readers = Readers(tmp_path)
    crowd = [asked(readers, who) for _ in range(5 * MOST_AT_ONCE)]
    await asyncio.to_thread(readers.close)
    assert len(await asyncio.wait_for(asyncio.gather(*crowd), LONG)) == len(crowd)
