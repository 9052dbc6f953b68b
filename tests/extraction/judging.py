"""What an extractor made of conversations, counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.extraction.conversations import Conversation
from tests.extraction.matching import Claim, Known, Words, paired


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known after one conversation, what has ended included."""

    conversation: Conversation
    memories: tuple[str, ...]
    facts: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Score:
    right: int = 0
    """Of what was found."""
    found: int = 0
    met: int = 0
    """Of what was expected."""
    expected: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.met / self.expected if self.expected else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.right + other.right,
            self.found + other.found,
            self.met + other.met,
            self.expected + other.expected,
        )

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f} ({self.right} of {self.found}), "
            f"recall {self.recall:.3f} ({self.met} of {self.expected})"
        )


@dataclass(frozen=True, slots=True)
class Scores:
    memories: Score = Score()
    facts: Score = Score()
    ends: Score = Score()
    told_often: int = 0
    """Things that were said five ways."""
    kept_of_them: int = 0
    """The memories that they made."""

    @property
    def wrong_closings(self) -> float:
        """The share of ends that were none."""
        return 1.0 - self.ends.precision

    @property
    def memories_of_one(self) -> float:
        """How many memories a thing makes that is said five ways; 1 is best."""
        return self.kept_of_them / self.told_often if self.told_often else 1.0

    def __add__(self, other: Scores) -> Scores:
        return Scores(
            self.memories + other.memories,
            self.facts + other.facts,
            self.ends + other.ends,
            self.told_often + other.told_often,
            self.kept_of_them + other.kept_of_them,
        )

    def __str__(self) -> str:
        return (
            f"memories  {self.memories}\nfacts     {self.facts}\nends      {self.ends}\n"
            f"said five ways: {self.memories_of_one:.2f} memories"
        )


def scored(outcomes: Sequence[Outcome]) -> Scores:
    return sum((_scores(each) for each in outcomes), Scores())


def differences(outcome: Outcome) -> Iterator[str]:
    """Yield what is wrong, a line each: + too much, - missing."""
    conversation = outcome.conversation
    wrong, missing = _memories(outcome)
    yield from (f"+ memory  {each}" for each in wrong)
    yield from (f"- memory  {each}" for each in missing)
    for about, expected, tolerated, of_ends in (
        ("fact", conversation.facts, conversation.may_state, False),
        ("end", conversation.ends, conversation.may_end, True),
    ):
        too_many, left_out = _claims(outcome, expected, tolerated, of_ends=of_ends)
        yield from (f"+ {about:7} {each}" for each in too_many)
        yield from (f"- {about:7} {each}" for each in left_out)


def _scores(outcome: Outcome) -> Scores:
    conversation = outcome.conversation
    wrong, missing = _memories(outcome)
    counted = [each for each in outcome.memories if each not in _tolerated(outcome)]
    memories = _score(len(counted), len(wrong), len(conversation.keep), len(missing))
    facts, ends = (
        _claimed(outcome, conversation.facts, conversation.may_state, of_ends=False),
        _claimed(outcome, conversation.ends, conversation.may_end, of_ends=True),
    )
    kept = sum(
        any(each.stand_in(memory) for each in conversation.once) for memory in outcome.memories
    )
    return Scores(memories, facts, ends, len(conversation.once), kept)


def _score(found: int, wrong: int, expected: int, missing: int) -> Score:
    return Score(found - wrong, found, expected - missing, expected)


def _memories(outcome: Outcome) -> tuple[list[str], list[Words]]:
    """Return the memories that are wrong, and the expected ones that are missing."""
    keep = outcome.conversation.keep
    right = set(paired(keep, outcome.memories, Words.stand_in).values())
    tolerated = _tolerated(outcome)
    wrong = [
        each for n, each in enumerate(outcome.memories) if n not in right and each not in tolerated
    ]
    missing = [each for each in keep if not any(map(each.stand_in, outcome.memories))]
    return wrong, missing


def _tolerated(outcome: Outcome) -> set[str]:
    """Return the memories that count neither way."""
    conversation = outcome.conversation
    right = set(paired(conversation.keep, outcome.memories, Words.stand_in).values())
    return {
        memory
        for n, memory in enumerate(outcome.memories)
        if n not in right and any(each.stand_in(memory) for each in conversation.may_keep)
    }


def _claimed(
    outcome: Outcome, expected: Sequence[Claim], tolerated: Sequence[Claim], *, of_ends: bool
) -> Score:
    wrong, missing = _claims(outcome, expected, tolerated, of_ends=of_ends)
    met = len(expected) - len(missing)
    return Score(met, met + len(wrong), met, len(expected))


def _claims(
    outcome: Outcome, expected: Sequence[Claim], tolerated: Sequence[Claim], *, of_ends: bool
) -> tuple[list[Known], list[Claim]]:
    """Return the facts (or their ends) that are wrong, and the expected ones that are missing."""
    fits = Claim.is_ended_by if of_ends else Claim.is_stated_by
    facts = [each for each in outcome.facts if each.until or not of_ends]
    pairs = paired(expected, facts, fits)
    right = set(pairs.values())
    wrong = [
        each
        for n, each in enumerate(facts)
        if n not in right and not any(fits(claim, each) for claim in tolerated)
    ]
    return wrong, [each for n, each in enumerate(expected) if n not in pairs]
