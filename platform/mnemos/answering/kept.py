"""Answers that are kept: found by what was asked and by whom, bounded in bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from mnemos.answering.asked import Asked
from mnemos.answering.wire import Answer
from mnemos_graph.identity import Caller
from mnemos_graph.model import OrganizationId
from mnemos_graph.witness.grounds import Basis

MOST_SPELLINGS = 4
"""Ways to write one request that lead to its answer without being read."""
MOST_NEVER = 10_000
"""Documents that are known not to be kept."""

_BESIDE = 2_500
"""Bytes of what leads to an answer, and of what it stands on."""


class Question(NamedTuple):
    caller: Caller
    """Whom the answer is for: nobody else ever gets it."""
    media: str
    asked: Asked


class Spelling(NamedTuple):
    """A request as it came."""

    caller: Caller
    media: str
    is_get: bool
    raw: bytes
    """Its body, or the query of its URL."""


class Entry:
    __slots__ = ("answer", "basis", "question", "spellings", "weight")

    def __init__(self, question: Question, answer: Answer, basis: Basis) -> None:
        self.question = question
        self.answer = answer
        self.basis = basis
        self.spellings: list[Spelling] = []
        self.weight = 0


class Kept:
    """What was not used for longest goes first."""

    def __init__(self, most_bytes: int) -> None:
        self.most = most_bytes
        self.nbytes = 0
        self._entries: dict[Question, Entry] = {}
        self._order: OrderedDict[Entry, None] = OrderedDict()
        self._spelled: dict[Spelling, Entry] = {}
        self._never: OrderedDict[tuple[bytes, str], None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def spelled(self, spelling: Spelling) -> Entry | None:
        return self._spelled.get(spelling)

    def get(self, question: Question) -> Entry | None:
        return self._entries.get(question)

    def use(self, entry: Entry) -> None:
        """Take note that it was given out once more, and of what it takes by now."""
        if entry in self._order:
            self._order.move_to_end(entry)

    def spell(self, entry: Entry, spelling: Spelling) -> None:
        """Have an answer found also by how its question was written."""
        if len(entry.spellings) < MOST_SPELLINGS and entry in self._order:
            entry.spellings.append(spelling)
            self._spelled[spelling] = entry
            self.weigh(entry)

    def keep(self, question: Question, answer: Answer, basis: Basis) -> Entry:
        """Keep an answer in place of an earlier one to the same question."""
        if (before := self._entries.get(question)) is not None:
            self._drop(before)
        entry = Entry(question, answer, basis)
        self._entries[question] = entry
        self._order[entry] = None
        self.weigh(entry)
        return entry

    def weigh(self, entry: Entry) -> None:
        """Take in what an answer takes by now; the longest unused go where that is too much."""
        if entry not in self._order:
            return
        spelled = sum(len(each.raw) for each in entry.spellings)
        weight = entry.answer.nbytes + len(entry.question.asked.variables) + spelled + _BESIDE
        self.nbytes += weight - entry.weight
        entry.weight = weight
        while self.nbytes > self.most:
            self._drop(next(iter(self._order)))

    def forget(self, organization: OrganizationId) -> None:
        """Let go of everything that an organization was answered."""
        for entry in tuple(self._entries.values()):
            if entry.question.caller.access.organization == organization:
                self._drop(entry)

    def is_never(self, asked: Asked) -> bool:
        """Return whether answers of this kind are not to be kept."""
        return (asked.document, asked.operation) in self._never

    def never(self, asked: Asked) -> None:
        """Take note that answers of this kind are not to be kept."""
        self._never[asked.document, asked.operation] = None
        if len(self._never) > MOST_NEVER:
            self._never.popitem(last=False)

    def _drop(self, entry: Entry) -> None:
        del self._entries[entry.question], self._order[entry]
        for spelling in entry.spellings:
            self._spelled.pop(spelling, None)
        self.nbytes -= entry.weight
