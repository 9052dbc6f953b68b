"""A process that writes until it is killed: each acknowledged commit becomes a line on its output.

Started as ``python -m tests.faults.writing FOLDER [BUG]``. A bug makes it break one promise, so that
what looks for lost writes can be seen to find them.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from mnemos_graph.committing import Wanted, check
from mnemos_graph.errors import MnemosError
from mnemos_graph.model import Access, Entity, Memory, OrganizationId, Position, Scope, new_id
from mnemos_graph.sqlite import SqliteStore, database, writer
from mnemos_graph.sqlite.answers import Answer, deliver
from mnemos_graph.sqlite.group import Group
from mnemos_graph.sqlite.writer import Writer
from mnemos_graph.store import ChangeSet, Committed, Delete, Put

ACCESS = Access(OrganizationId("acme"), actor="local")
CALLERS = 8


class HastyWriter(Writer):
    """Answers as soon as the rows are written, and commits a moment later."""

    def _apply(self, ready: Sequence[writer._Ready]) -> list[Answer]:
        deliver(super()._apply(ready))
        time.sleep(1)
        return []


class CountingGroup(Group):
    """Takes a number for every set, also for one that is then refused."""

    def add(self, wanted: Wanted) -> Committed:
        ledger = self._ledgers[wanted.access.organization]
        before, ledger.position = ledger.position, Position(ledger.position + 1)
        check(ledger, wanted)
        ledger.position = before
        return super().add(wanted)


class ForgetfulGroup(Group):
    """Leaves the log out."""

    def write(self) -> None:
        self._batch.log = self._batch.log[1:]
        super().write()


def plant(bug: str) -> None:
    """Break one promise of the store, in this process."""
    planted: dict[str, Callable[[], None]] = {
        "none": lambda: None,
        "answers before COMMIT": lambda: setattr(database, "Writer", HastyWriter),
        "numbers before checking": lambda: setattr(writer, "Group", CountingGroup),
        "forgets the log": lambda: setattr(writer, "Group", ForgetfulGroup),
    }
    planted[bug]()


def record(number: int) -> Memory:
    now = datetime.now(UTC)
    return Memory(
        id=new_id(),
        scope=Scope(user_id=f"user-{number}"),
        created_at=now,
        updated_at=now,
        text=f"Number {number} has been to the harbour.",
        tags=("harbour",),
    )


async def write(store: SqliteStore, number: int) -> None:
    """Put, sometimes delete, and now and then try what must be refused."""
    kept = record(number)
    while True:
        memory = record(number)
        await acknowledged(store, ChangeSet((Put(memory),)))
        await acknowledged(store, ChangeSet((Put(entity(memory)), Put(record(number)))))
        with suppress(MnemosError):
            await store.commit(ACCESS, ChangeSet((Delete(memory.KIND, kept.id, 7),)))
        await acknowledged(store, ChangeSet((Delete(memory.KIND, memory.id, 1),)))


def entity(memory: Memory) -> Entity:
    now = memory.created_at
    return Entity(
        id=new_id(), scope=memory.scope, created_at=now, updated_at=now, name=f"Pier {memory.id}"
    )


async def acknowledged(store: SqliteStore, change_set: ChangeSet) -> None:
    committed = await store.commit(ACCESS, change_set)
    os.write(1, f"{change_set.commit_id} {committed.first} {committed.last}\n".encode())


async def main(folder: Path, bug: str) -> None:
    plant(bug)
    store = await SqliteStore.open(folder)
    await asyncio.gather(*(write(store, number) for number in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "none"))
