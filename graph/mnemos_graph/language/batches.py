"""Work of many callers, done on a few threads in batches that are bounded by their size.

What is urgent goes first, in the order of arrival. Of the rest, each batch has what waits longest
and whatever is most like it in size, whoever asked: padding costs as much as text. Between two
batches whatever became urgent in the meantime gets its turn, so a long import never holds up a
question for longer than one batch.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Generic, TypeVar

from mnemos_graph.errors import Unavailable

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")

_LOOKED_THROUGH = 512
"""Of the items that wait, for those of like size."""


class Batches(Generic[I, R]):
    """Runs ``work`` over what is submitted. Knows no event loop; a future is what it answers."""

    def __init__(
        self,
        work: Callable[[Sequence[I]], Sequence[R]],
        *,
        size: Callable[[I], int],
        most: int,
        threads: ThreadPoolExecutor,
        at_once: int = 1,
    ) -> None:
        """``most`` bounds a batch's items times the ``size`` of its largest; one item always fits.

        Up to ``at_once`` batches are worked on side by side. ``threads`` has as many workers, and
        belongs to the caller.
        """
        self._work = work
        self._size = size
        self._most = most
        self._threads = threads
        self._at_once = at_once
        self._turn = threading.Lock()
        self._urgent: deque[tuple[I, Future[R]]] = deque()
        self._waiting: deque[tuple[I, Future[R]]] = deque()
        self._closed = False

    def submit(self, items: Sequence[I], *, urgent: bool = False) -> list[Future[R]]:
        """Return a future for each item. Cancelling one that waits takes it out.

        Raises:
            Unavailable: closed.
        """
        asked = [(item, Future[R]()) for item in items]
        with self._turn:
            if self._closed:
                raise _closed()
            (self._urgent if urgent else self._waiting).extend(asked)
            for _ in range(min(self._at_once, len(asked))):
                self._threads.submit(self._drain)
        return [future for _, future in asked]

    def close(self) -> None:
        """Fail what waits; what is being worked on is finished."""
        with self._turn:
            self._closed = True
            left = [*self._urgent, *self._waiting]
            self._urgent.clear()
            self._waiting.clear()
        for _, future in left:
            if future.set_running_or_notify_cancel():
                future.set_exception(_closed())

    def _drain(self) -> None:
        while batch := self._next():
            items = [item for item, _ in batch]
            try:
                done = self._work(items)
            except Exception as wrong:  # noqa: BLE001 - it belongs to whoever asked
                for _, future in batch:
                    future.set_exception(wrong)
            else:
                for (_, future), result in zip(batch, done, strict=True):
                    future.set_result(result)

    def _next(self) -> list[tuple[I, Future[R]]]:
        with self._turn:
            while queue := self._urgent or self._waiting:
                places = range(len(queue)) if self._urgent else self._like_the_first()
                chosen = self._as_many_as_fit(queue, places)
                found = [queue[place] for place in chosen]
                for place in sorted(chosen, reverse=True):
                    del queue[place]
                if taken := [each for each in found if each[1].set_running_or_notify_cancel()]:
                    return taken
        return []

    def _like_the_first(self) -> Sequence[int]:
        """Return places in what waits: the first, then those nearest to it in size."""
        sizes = [self._size(item) for item, _ in islice(self._waiting, _LOOKED_THROUGH)]
        return sorted(range(len(sizes)), key=lambda place: abs(sizes[place] - sizes[0]))

    def _as_many_as_fit(
        self, queue: Sequence[tuple[I, Future[R]]], places: Sequence[int]
    ) -> Sequence[int]:
        """Return the beginning of ``places`` that makes one batch."""
        largest = 0
        for count, place in enumerate(places):
            largest = max(largest, self._size(queue[place][0]))
            if count and (count + 1) * largest > self._most:
                return places[:count]
        return places


def _closed() -> Unavailable:
    return Unavailable("The embedding model is shutting down. Try again when Mnemos is back.")
