"""Going through all memories of an organization, so that who is cut off goes on where it was."""

from __future__ import annotations

import msgspec

from mnemos_graph.memory.indexing.succession import Made
from mnemos_graph.model import START, Access, Position, RecordId
from mnemos_graph.store import DerivedRef, GraphStore


class Walk(msgspec.Struct, frozen=True):
    """How far the memories were given their vectors, the newest first."""

    began: Position
    """What was committed up to here is walked through; what came later is followed."""
    behind: RecordId | None = None
    """The last one that was given them; None: none was."""
    done: int = 0
    """How many were."""
    ended: bool = False
    retired: Position = START
    """Up to where in the log the bytes of what is retired were taken away."""


def walk_mark(made: Made) -> DerivedRef:
    """Return where it is kept how far the walk is that gives memories what ``made`` names."""
    return DerivedRef(RecordId("mark:reembed"), 0, "+".join(made.names))


async def walked(store: GraphStore, access: Access, made: Made) -> Walk:
    """Return the walk that was begun, or a new one that begins with what is there now."""
    mark = walk_mark(made)
    kept = (await store.derived(access, [mark])).get(mark)
    if kept is not None:
        return msgspec.json.decode(kept, type=Walk)
    (head,) = await store.heads([access])
    return Walk(began=head.position)


async def keep_walk(store: GraphStore, access: Access, made: Made, walk: Walk) -> None:
    await store.derive(access, {walk_mark(made): msgspec.json.encode(walk)})
