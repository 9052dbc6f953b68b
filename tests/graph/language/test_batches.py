"""Batches: in order, bounded, and each answer to whoever asked."""

import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from mnemos_graph.errors import Unavailable
from mnemos_graph.language.batches import Batches


class Worker:
    """Answers a word with its upper case, once its door is open."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.door = threading.Event()
        self.batches: list[list[str]] = []

    def __call__(self, words: Sequence[str]) -> list[str]:
        self.begun.set()
        assert self.door.wait(10)
        self.batches.append(list(words))
        if "poison" in words:
            raise ValueError("poison")
        return [word.upper() for word in words]


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def batches(worker: Worker) -> Generator[Batches[str, str]]:
    with ThreadPoolExecutor(1) as threads:
        yield Batches(worker, size=len, most=12, threads=threads)
        worker.door.set()


def answers(futures: Sequence[Future[str]]) -> list[str]:
    return [future.result(10) for future in futures]


def test_what_is_urgent_goes_first_and_alone(worker: Worker, batches: Batches[str, str]) -> None:
    begun = batches.submit(["first-of-all"])
    assert worker.begun.wait(10)
    later = batches.submit(["aaaa", "bbbb", "cccc", "dddd"])
    urgent = batches.submit(["now!"], urgent=True)
    worker.door.set()
    assert answers([*begun, *later, *urgent]) == [
        "FIRST-OF-ALL",
        "AAAA",
        "BBBB",
        "CCCC",
        "DDDD",
        "NOW!",
    ]
    assert worker.batches == [["first-of-all"], ["now!"], ["aaaa", "bbbb", "cccc"], ["dddd"]]


def test_callers_whose_items_are_alike_share_a_batch(
    worker: Worker, batches: Batches[str, str]
) -> None:
    begun = batches.submit(["first-of-all"])
    assert worker.begun.wait(10)
    one = batches.submit(["aa", "largest-one"])
    other = batches.submit(["bbb", "cc", "larger-one"])
    worker.door.set()
    assert answers([*begun, *one, *other])[1:] == ["AA", "LARGEST-ONE", "BBB", "CC", "LARGER-ONE"]
    assert worker.batches[1:] == [["aa", "cc", "bbb"], ["largest-one"], ["larger-one"]]


def test_two_batches_are_worked_on_side_by_side() -> None:
    together = threading.Barrier(2, timeout=10)

    def meet(words: Sequence[str]) -> Sequence[str]:
        together.wait()
        return words

    with ThreadPoolExecutor(2) as threads:
        batches = Batches(meet, size=len, most=4, threads=threads, at_once=2)
        assert answers(batches.submit(["here", "too!"])) == ["here", "too!"]


def test_one_item_larger_than_a_batch_is_worked_on_alone(
    worker: Worker, batches: Batches[str, str]
) -> None:
    worker.door.set()
    futures = batches.submit(["small", "x" * 100, "tiny"])
    assert answers(futures) == ["SMALL", "X" * 100, "TINY"]
    assert ["x" * 100] in worker.batches


def test_a_failure_reaches_those_who_were_in_it_and_nobody_else(
    worker: Worker, batches: Batches[str, str]
) -> None:
    worker.door.set()
    with pytest.raises(ValueError, match="poison"):
        answers(batches.submit(["poison"]))
    assert answers(batches.submit(["fine"])) == ["FINE"]


def test_what_was_cancelled_is_not_done(worker: Worker, batches: Batches[str, str]) -> None:
    begun = batches.submit(["first-of-all"])
    assert worker.begun.wait(10)
    cancelled, kept = batches.submit(["cancelled", "kept"])
    assert cancelled.cancel()
    worker.door.set()
    assert answers([*begun, kept]) == ["FIRST-OF-ALL", "KEPT"]
    assert worker.batches == [["first-of-all"], ["kept"]]


def test_closing_fails_what_waits_and_refuses_what_comes(
    worker: Worker, batches: Batches[str, str]
) -> None:
    begun = batches.submit(["first-of-all"])
    assert worker.begun.wait(10)
    waiting = batches.submit(["waiting-long"])
    batches.close()
    worker.door.set()
    assert answers(begun) == ["FIRST-OF-ALL"]
    with pytest.raises(Unavailable):
        answers(waiting)
    with pytest.raises(Unavailable):
        batches.submit(["too late"])
