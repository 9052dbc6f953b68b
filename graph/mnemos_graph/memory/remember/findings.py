"""What an extractor gave, in the pieces that are decided about one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mnemos_graph.language.extractor import CandidateFact, CandidateMemory, Extraction, Turn
from mnemos_graph.model import Episode, MessageRole


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of an episode: the memory that it makes, the facts in it, or a wish to forget."""

    episode: Episode
    memory: CandidateMemory | None = None
    facts: tuple[CandidateFact, ...] = ()
    forget: str | None = None


def turn_of(episode: Episode) -> Turn:
    return Turn(
        text=episode.text,
        role=episode.role,
        speaker=episode.speaker,
        occurred_at=episode.occurred_at,
    )


def findings_of(
    episodes: Sequence[Episode], extractions: Sequence[Extraction]
) -> Iterator[Finding]:
    """Yield what is to be decided, in the order in which it was said.

    What assistants, tools and systems said is kept as episodes only: it may repeat what Mnemos
    itself recalled, or what nobody stated.
    """
    for episode, extraction in zip(episodes, extractions, strict=True):
        if episode.role is MessageRole.USER:
            yield from _of_one(episode, extraction)


def _of_one(episode: Episode, extraction: Extraction) -> Iterator[Finding]:
    for wish in extraction.forget:
        yield Finding(episode, forget=wish)
    left = list(extraction.facts)
    for memory in extraction.memories:
        own = tuple(fact for fact in left if fact.quote == memory.quote)
        left = [fact for fact in left if fact.quote != memory.quote]
        yield Finding(episode, memory, own)
    for fact in left:
        yield Finding(episode, facts=(fact,))
