"""What a telling was answered, as its receipt keeps it: references, never content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mnemos_graph.errors import NotFound
from mnemos_graph.memory.remember.telling import Action, Decision, Remembered
from mnemos_graph.model import (
    Access,
    Episode,
    Job,
    Memory,
    Position,
    Receipt,
    RecordId,
)
from mnemos_graph.store import LATEST, GraphStore, VersionRef


def kept_decisions(decisions: Sequence[Decision]) -> list[list[Any]]:
    """Return decisions as an answer keeps them."""
    return [[each.action.value, *_ref(each.memory), each.reason] for each in decisions]


def answer(
    episodes: Sequence[RecordId], decisions: Sequence[Sequence[Any]], pending: Job | None = None
) -> Mapping[str, Any]:
    """Return what a receipt keeps of an answer."""
    return {
        "episodes": list(episodes),
        "decisions": list(decisions),
        "pending": pending.id if pending else None,
    }


async def remembered(
    store: GraphStore, access: Access, kept: Mapping[str, Any], position: Position
) -> Remembered:
    """Return the answer that ``kept`` refers to, every record in the version of then.

    Raises:
        NotFound: one of its records is forgotten.
    """
    episodes = [VersionRef(RecordId(id_), 1) for id_ in kept["episodes"]]
    named = [VersionRef(RecordId(id_), version) for _, id_, version, _ in kept["decisions"] if id_]
    found = await store.versions(access, Episode, episodes)
    memories = await store.versions(access, Memory, named)
    job = RecordId(kept["pending"] or "")
    missing = [ref for ref in episodes if ref not in found]
    missing += [ref for ref in named if ref not in memories]
    if missing:
        raise NotFound("record", missing[0].id)
    return Remembered(
        episodes=tuple(found[ref].record for ref in episodes),
        decisions=tuple(
            Decision(
                Action(action), memories[VersionRef(id_, version)].record if id_ else None, reason
            )
            for action, id_, version, reason in kept["decisions"]
        ),
        pending=(await store.get(access, Job, [job])).get(job) if job else None,
        position=position,
    )


async def again(store: GraphStore, access: Access, receipt: Receipt) -> Remembered:
    """Return the answer that an answered receipt keeps.

    Raises:
        NotFound: what it refers to is forgotten.
    """
    last = VersionRef(receipt.id, LATEST)
    written = (await store.versions(access, Receipt, [last])).get(last)
    if written is None or receipt.answer is None:
        raise NotFound("answer", receipt.id)
    return await remembered(store, access, receipt.answer, written.born)


def _ref(memory: Memory | None) -> tuple[str, int]:
    return (memory.id, memory.version) if memory else ("", 0)
