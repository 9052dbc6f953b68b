"""What a memory's type asks of it, and gives it.

A WORKING memory belongs to a session and ends with it; an EPISODIC one happened at some moment, and
takes its place in its session's order by it; a PROCEDURAL one may have steps, and counts how often it
worked; what the KNOWLEDGE_VAULT keeps has a name, by which alone it is found. The other types are
what they are for whoever filters by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from mnemos_graph.errors import BadInput
from mnemos_graph.memory import checks
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.model import FAILURES, NAME, STEPS, SUCCESSES, Memory, MemoryType
from mnemos_graph.store import Filter, In

WORKING_LASTS = timedelta(hours=24)
"""Where no expiry is given, and no setting says otherwise."""
LONGEST_NAME = 256
"""UTF-8 bytes of the name of what the vault keeps."""
_LASTING = tuple(each for each in MemoryType if each is not MemoryType.WORKING)


@dataclass(frozen=True, slots=True)
class Types:
    """The types as one process has them set up."""

    working: timedelta = WORKING_LASTS
    """How long a WORKING memory is kept that says nothing else."""

    def settled(self, memory: Memory) -> Memory:
        """Return a new memory with all that its type gives it.

        Raises:
            BadInput: its type asks for something that it lacks.
        """
        checked(memory)
        match memory.type:
            case MemoryType.WORKING if memory.expires_at is None:
                return replace(memory, expires_at=self.expiry(memory, memory.created_at))
            case MemoryType.EPISODIC if memory.occurred_at is None:
                return replace(memory, occurred_at=memory.valid_from or memory.created_at)
        return memory

    def expiry(self, memory: Memory, now: datetime) -> datetime | None:
        """Return when a memory expires that has been given no expiry, from ``now`` on."""
        return now + self.working if memory.type is MemoryType.WORKING else None


def checked(memory: Memory) -> Memory:
    """Return a memory that has what its type asks for.

    Raises:
        BadInput: a WORKING memory without a session, steps that are no texts, or something for the
            vault without a name.
    """
    match memory.type:
        case MemoryType.WORKING if memory.scope.session_id is None:
            raise BadInput("A WORKING memory belongs to a session. Give scope.sessionId.")
        case MemoryType.PROCEDURAL:
            _check_steps(memory.metadata)
        case MemoryType.KNOWLEDGE_VAULT:
            name = memory.metadata.get(NAME)
            if not isinstance(name, str):
                raise BadInput(
                    "What the KNOWLEDGE_VAULT keeps is found by its name alone. Give metadata.name, "
                    'such as {"name": "door code of the boathouse"}.'
                )
            checks.text(f"metadata.{NAME}", name, LONGEST_NAME)
            if memory.text == memory.told:
                raise BadInput("The text is only the name. Give the value that is to be kept.")
    return memory


def seen_from(scope: ReadScope, query: MemoryQuery) -> Filter:
    """Return the condition that keeps a session's WORKING memories to questions of that session.

    Whoever asks for types by name gets those that they ask for.
    """
    if scope.session_id is not None or query.types:
        return ()
    return (In("type", _LASTING),)


def counted(memory: Memory, *, useful: bool) -> Mapping[str, Any]:
    """Return a memory's metadata after one more use: a PROCEDURAL one counts how it went."""
    if memory.type is not MemoryType.PROCEDURAL:
        return memory.metadata
    counts = {name: _number(memory.metadata.get(name)) for name in (SUCCESSES, FAILURES)}
    counts[SUCCESSES if useful else FAILURES] += 1
    return {**memory.metadata, **counts}


def _number(held: object) -> int:
    return held if isinstance(held, int) and not isinstance(held, bool) and held >= 0 else 0


def _check_steps(metadata: Mapping[str, Any]) -> None:
    steps = metadata.get(STEPS)
    if steps is None:
        return
    if not isinstance(steps, list | tuple) or not all(
        isinstance(step, str) and step.strip() for step in steps
    ):
        raise BadInput(
            'metadata.steps must be a list of texts, such as {"steps": ["Open it", "Close it"]}.'
        )
