"""Handing results from a thread to the event loops that wait for them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """What one caller gets: a result, or the error to raise."""

    future: asyncio.Future[Any]
    result: Any
    error: BaseException | None = None


def deliver(answers: Iterable[Answer]) -> None:
    """Settle every future in its own loop, waking each loop once. A closed loop waits no more."""
    by_loop = defaultdict[asyncio.AbstractEventLoop, list[Answer]](list)
    for answer in answers:
        by_loop[answer.future.get_loop()].append(answer)
    for loop, own in by_loop.items():
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, own)


def _settle(answers: list[Answer]) -> None:
    for future, result, error in answers:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
