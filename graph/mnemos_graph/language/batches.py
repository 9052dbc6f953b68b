"""Work of many callers, done on one thread in batches that are bounded by their size.

What waits is taken in the order of arrival, urgent things first. Between two batches whatever
became urgent in the meantime gets its turn, so a long import never holds up a question for longer
than one batch.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from mnemos_graph.errors import Unavailable

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")


class Batches(Generic[I, R]):
    """Runs ``work`` over what is submitted. Knows no event loop; a future is what it answers."""

    def __init__(
        self,
        work: Callable[[Sequence[I]], Sequence[R]],
        *,
        size: Callable[[I], int],
        most: int,
        thread: ThreadPoolExecutor,
    ) -> None:
        """``most`` bounds a batch's items times the ``size`` of its largest; one item always fits.

        ``thread`` has one worker and belongs to the caller.
        """
        self._work = work
        self._size = size
        self._most = most
        self._thread = thread
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
            self._thread.submit(self._drain)
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
        taken: list[tuple[I, Future[R]]] = []
        largest = 0
        with self._turn:
            queue = self._urgent or self._waiting  # what is urgent is not filled up with the rest
            while queue:
                item, future = queue[0]
                largest = max(largest, self._size(item))
                if taken and (len(taken) + 1) * largest > self._most:
                    break
                queue.popleft()
                if future.set_running_or_notify_cancel():
                    taken.append((item, future))
        return taken


def _closed() -> Unavailable:
    return Unavailable("The embedding model is shutting down. Try again when Mnemos is back.")
