"""Texts kept as they were told: one memory for each episode."""

from __future__ import annotations

from collections.abc import Sequence

from mnemos_graph.memory.kinds.types import Types
from mnemos_graph.memory.remember.telling import Action, Decision, Telling
from mnemos_graph.model import Episode, Memory, MemoryType, Origin, RecordId

VERBATIM = "kept as it was told"


def memory_of(telling: Telling, episode: Episode, id_: RecordId, types: Types) -> Memory:
    """Return the memory that says what ``episode`` says.

    It has no validity of its own: what a turn says may have held before it was said, so only
    ``occurred_at`` is known of it.
    """
    memory = Memory(
        id=id_,
        scope=episode.scope,
        created_at=episode.created_at,
        updated_at=episode.created_at,
        text=episode.text,
        type=telling.type or MemoryType.EPISODIC,
        origin=Origin.VERBATIM,
        tags=tuple(dict.fromkeys(telling.tags)),
        metadata=telling.metadata,
        speaker=episode.speaker,
        occurred_at=episode.occurred_at,
        sources=(episode.id,),
    )
    return types.settled(memory)


def decisions_of(memories: Sequence[Memory]) -> tuple[Decision, ...]:
    return tuple(Decision(Action.ADD, memory, VERBATIM) for memory in memories)
