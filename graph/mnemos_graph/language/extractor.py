"""What an extractor promises: from turns of a conversation, what is worth keeping.

What it gives are candidates. Whether they are new, say what is known already or end something is
decided by whoever asked. A turn's text is data: nothing in it is obeyed, except that a user may ask
for something to be forgotten, which is named and left to the caller as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from mnemos_graph.model import MemoryType, MessageRole, Ontology

USER = "user"
"""The entity that "I" means where a user's name is not known."""
EXTRACTED = 0.8
"""The confidence in what an extractor reads, where it has no better figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    text: str
    role: MessageRole = MessageRole.USER
    speaker: str | None = None
    """The name that the message itself carries."""
    occurred_at: datetime
    """When it was said; relative dates count from here, in its own time zone."""
    user_name: str | None = None
    """Who the user is where the message does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateEntity:
    name: str
    kind: str = "TOPIC"
    """One of ``ENTITY_TYPES``, or of the organization's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFact:
    subject: CandidateEntity
    predicate: str
    """In lower case with underscores: ``lives_in``."""
    object: CandidateEntity | None = None
    value: str | None = None
    """Exactly one of ``object`` and ``value`` is set."""
    statement: str
    """The fact as a sentence that stands on its own."""
    valid_from: datetime | None = None
    """Since when, where the text says so."""
    valid_to: datetime | None = None
    ended: bool = False
    """It says that this stopped holding, at ``valid_to`` or else when it was said.

    Then it only ends what is believed; where nothing is, there is nothing to add.
    """
    confidence: float = EXTRACTED
    quote: str
    """The sentence it was read from; memories and facts of one sentence have the same quote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateMemory:
    text: str
    """Stands on its own: says who, where the sentence says "I"."""
    type: MemoryType = MemoryType.SEMANTIC
    importance: float = 0.5
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    """When it is true or happened, where the text says so; half-open."""
    entities: tuple[CandidateEntity, ...] = ()
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What one turn gave, in the order in which it was said."""

    memories: tuple[CandidateMemory, ...] = ()
    entities: tuple[CandidateEntity, ...] = ()
    """All that memories and facts name, each once."""
    facts: tuple[CandidateFact, ...] = ()
    forget: tuple[str, ...] = ()
    """What the user asked to forget: the words that name it."""
    left_out: int = 0
    """How many facts were read of which the organization's ontology does not know."""


class Readings(Protocol):
    """What was answered before, so that nobody pays for the same answer twice.

    They are those of one user of one organization. An answer that cannot be found or kept is no
    error: it is asked for again.
    """

    async def kept(self, key: str) -> Any | None:
        """Return what was answered under this key; None: nothing that is still known."""
        ...

    async def keep(self, key: str, model: str, answer: Any) -> None:
        """Keep what a model answered, plain JSON, under this key."""
        ...


class Extractor(Protocol):
    async def extract(
        self,
        turns: Sequence[Turn],
        ontology: Ontology | None = None,
        readings: Readings | None = None,
    ) -> Sequence[Extraction]:
        """Return one extraction for each turn, in order. Turns may explain the ones behind them.

        No fact and no entity is of a type that ``ontology`` does not let through. Whoever pays for
        answers looks for them in ``readings`` first, and keeps them there.

        Raises:
            Unavailable: what does the reading is away; the same turns may be given again later.
        """
        ...
