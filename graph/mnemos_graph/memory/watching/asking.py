"""What is watched for, and the limits that it must keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.memory import checks
from mnemos_graph.memory.recall.asking import LONGEST_QUERY
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope
from mnemos_graph.model import RecordId

MOST_PREDICATES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Exactly one of ``text``, ``entity_id`` and ``block_id``."""

    scope: ReadScope = ANYWHERE
    text: str | None = None
    min_score: float = 0.5
    """What a memory's score must be at least, 0 to 1, where a text is watched for."""
    entity_id: RecordId | None = None
    predicates: Sequence[str] = ()
    """Only facts with one of these and memories that state one; empty: with any."""
    block_id: RecordId | None = None


def checked(watched: Watched) -> Watched:
    """Return ``watched`` if it can be watched for.

    Raises:
        BadInput: there is not exactly one of text, entityId and blockId, predicates stand without
            an entity, the text is empty, or minScore is not from 0 to 1.
        TooMuch: the text is too long, or there are too many predicates.
    """
    given = [
        each for each in (watched.text, watched.entity_id, watched.block_id) if each is not None
    ]
    if len(given) != 1:
        raise BadInput(
            f"Give exactly one of text, entityId and blockId to watch for; here are {len(given)}."
        )
    if watched.predicates and watched.entity_id is None:
        raise BadInput(
            "predicates narrow a watch for an entity. Give its entityId, or leave them out."
        )
    if len(watched.predicates) > MOST_PREDICATES:
        raise TooMuch(
            f"There are {len(watched.predicates)} predicates; at most {MOST_PREDICATES} are allowed."
        )
    checks.share("minScore", watched.min_score)
    if watched.text is not None:
        checks.text("text", watched.text, LONGEST_QUERY)
    return watched
