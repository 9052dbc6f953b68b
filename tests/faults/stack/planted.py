"""`mnemos` with a bug, so that what looks for damage can be seen to find it.

Started as ``python -m tests.faults.stack.planted BUG COMMAND...``, with the arguments of `mnemos`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from mnemos.cli import main
from mnemos.live.backlog import Backlog
from mnemos.live.spine import Page
from mnemos_graph.committing import Ledger, Wanted, checks
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob
from mnemos_graph.memory.outcomes import Written
from mnemos_graph.memory.receipts import Keyed, Receipts
from mnemos_graph.model import START, Access, Job, Position, Record
from mnemos_graph.neo4j.lanes import Lanes
from mnemos_graph.store import Committed

HASTE_SECONDS = 2.0
"""What is acknowledged before it is committed is committed so much later."""

_later = set[asyncio.Task[object]]()
_hand, _submit = Lanes.hand, Jobs.submit


def do_later(work: Coroutine[Any, Any, object]) -> None:
    async def wait() -> None:
        await asyncio.sleep(HASTE_SECONDS)
        await work

    task = asyncio.create_task(wait())
    _later.add(task)
    task.add_done_callback(_later.discard)


async def hand_hastily(lanes: Lanes, wanted: Wanted) -> Committed:
    do_later(_hand(lanes, wanted))
    return Committed(Position(1), Position(1))


async def submit_hastily(
    jobs: Jobs, access: Access, new: NewJob, request: Keyed | None = None
) -> Written[Job]:
    do_later(_submit(jobs, access, new, request))
    return Written(jobs.submission(new)[0], START)


def look_not_back(backlog: Backlog, position: Position) -> Sequence[Page]:
    """Tell whoever comes nothing of what a group was told before."""
    return ()


async def look_at_no_receipt(receipts: Receipts, access: Access, request: Keyed | None) -> None:
    """Know no request again."""


def keep_no_receipt(*_: object, **__: object) -> tuple[()]:
    return ()


def check_no_version(ledger: Ledger, record: Record) -> None:
    """Let the later one win."""


def forget_requests() -> None:
    for name, planted in (("look", look_at_no_receipt), ("put", keep_no_receipt)):
        setattr(Receipts, name, planted)


BUGS: Mapping[str, Callable[[], None]] = {
    "acknowledges before the commit": lambda: setattr(Lanes, "hand", hand_hastily),
    "acknowledges jobs before the commit": lambda: setattr(Jobs, "submit", submit_hastily),
    "looks not back from live": lambda: setattr(Backlog, "behind", look_not_back),
    "checks no version": lambda: setattr(checks, "_check_version", check_no_version),
    "knows no request again": forget_requests,
}


if __name__ == "__main__":
    BUGS[sys.argv[1]]()
    main(sys.argv[2:])
