"""A process that writes and listens: each change that its listener hears becomes a line on its output.

Started as ``python -m tests.faults.telling FOLDER [BUG]``. The bug: a change is told of before it is
committed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

from mnemos_graph.feed import Feed, Journal, LocalBus
from mnemos_graph.model import Access, Change, ChangeKind, OrganizationId, Position
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Committed, Put
from tests.faults.writing import ACCESS, record

WRITERS = 4


class HastyJournal(Journal):
    """Lets the listeners of this process hear of a change, and commits it a moment later."""

    feed: Feed

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        follower = self.feed._followers[OrganizationId(access.organization)]
        (put,) = change_set.operations
        assert isinstance(put, Put)
        at = Position(follower.head + 1)
        told = Change(
            position=at,
            commit_end=at,
            kind=ChangeKind.CREATED,
            subject_type=put.record.KIND,
            subject_id=put.record.id,
            version=1,
            scope=put.record.scope,
            actor=access.actor,
            at=datetime.now(UTC),
        )
        follower._ring.append(told)
        follower.head = at
        grown, follower._grown = follower._grown, asyncio.Event()
        grown.set()
        await asyncio.sleep(1)
        return await super().commit(access, change_set)


async def main(folder: Path, bug: str) -> None:
    store, bus = await SqliteStore.open(folder), LocalBus()
    async with Feed(store, bus) as feed:
        journal = Journal(store, bus)
        if bug == "tells before COMMIT":
            journal = HastyJournal(store, bus)
            journal.feed = feed

        async def write(number: int) -> None:
            await listening.wait()
            while True:
                await journal.commit(ACCESS, ChangeSet((Put(record(number)),)))

        listening = asyncio.Event()
        writing = asyncio.gather(*(write(number) for number in range(WRITERS)))
        async with aclosing(feed.follow(ACCESS)) as pages:
            async for page in pages:
                listening.set()
                for change in page.changes:
                    os.write(1, f"{change.position} {change.subject_id}\n".encode())
        await writing


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "none"))
