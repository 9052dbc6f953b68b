"""Going through all memories of an organization, so that who is cut off goes on where it was."""

from __future__ import annotations

import msgspec

from mnemos_graph.memory.indexing.succession import Made
from mnemos_graph.model import START, Access, Memory, Position, RecordId
from mnemos_graph.store import DerivedRef, Find, GraphStore

_MOST_COUNTED = 10_000_000


class Walk(msgspec.Struct, frozen=True):
    """How far the memories were given their vectors, the newest first."""

    began: Position
    """What was committed up to here is walked through; what came later is followed."""
    behind: RecordId | None = None
    """The last one that was given them; None: none was."""
    done: int = 0
    """How many were."""
    total: int = 0
    """How many there were when it began."""
    ended: bool = False
    retired: Position = START
    """Up to where in the log the bytes of what is retired were taken away."""


def walk_mark(made: Made) -> DerivedRef:
    """Return where it is kept how far the walk is that gives memories what ``made`` names."""
    return DerivedRef(RecordId("mark:reembed"), 0, "+".join(made.names))


async def begun(store: GraphStore, access: Access, made: Made) -> Walk | None:
    """Return the walk that was begun; None: none was."""
    mark = walk_mark(made)
    kept = (await store.derived(access, [mark])).get(mark)
    return None if kept is None else msgspec.json.decode(kept, type=Walk)


async def walked(store: GraphStore, access: Access, made: Made) -> Walk:
    """Return the walk that was begun, or a new one, noted, that begins with what is there now."""
    walk = await begun(store, access, made)
    if walk is None:
        (head,) = await store.heads([access])
        (page,) = await store.find(access, [Find(Memory, first=1, count_to=_MOST_COUNTED)])
        walk = Walk(began=head.position, total=page.total or 0)
        await keep_walk(store, access, made, walk)
    return walk


async def keep_walk(store: GraphStore, access: Access, made: Made, walk: Walk) -> None:
    await store.derive(access, {walk_mark(made): msgspec.json.encode(walk)})
