"""What one answer was made from.

Whoever makes an answer that may be kept sets a ``Witness`` in ``witnessing``. Everything that reads
records in that context tells it what it asked, and the clock tells it which instants it gave out. So
nothing that an answer rests on has to be listed by hand, and a new reader is heard of by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from mnemos_graph.cache.questions import Group, groups_of, ids_of
from mnemos_graph.model import Position, Record, RecordId, RecordKind
from mnemos_graph.store import Filter, Find, Page, Range, View

TEMPORAL = ("valid_from", "valid_to", "expires_at")
"""The fields at whose instants a record begins or ceases to be answered."""


class Witness:
    """What is noted of one answer, from its beginning at ``position`` on."""

    __slots__ = (
        "done",
        "groups",
        "instants",
        "never",
        "position",
        "refused",
        "timed",
        "vouched",
        "whole",
    )

    def __init__(self, position: Position) -> None:
        self.position = position
        """How far the log was known when the answer began: all of it is in the answer."""
        self.groups: set[Group] = set()
        """What it was taken from."""
        self.whole = False
        """Whether any change at all may alter it."""
        self.timed: set[Group] = set()
        """Of which groups it shows what holds at the present moment."""
        self.instants: set[datetime] = set()
        """What the clock said meanwhile."""
        self.refused = False
        """Whether it rests on something that nobody hears of when it changes."""
        self.never = False
        """Whether no answer of its kind is to be kept."""
        self.vouched = False
        """Whether whoever made it says that it is an answer without errors, of a kind to be kept."""
        self.done = False
        """Whether the answer is made. What it began and goes on behind it has nothing to tell."""

    def refuse(self) -> None:
        """Note that the answer is not to be kept, whatever else it rests on."""
        self.refused = True

    def asked(self, question: Find[Any], page: Page[Any]) -> None:
        """Note a question with its answer."""
        ids = ids_of(question)
        if ids is not None and len(page.records) == len(set(ids)):
            groups = {Group(each.KIND, each.partition) for each in page.records}
        else:
            groups = set(groups_of(question))
        self._take(question.kind, groups)
        self._time(question.where, groups, question.known_at)

    def searched(self, kind: type[Record], where: Filter) -> None:
        """Note a search for words."""
        groups = set(groups_of(Find(kind, where)))
        self._take(kind, groups)
        self._time(where, groups, None)

    def got(self, kind: type[Record], ids: Collection[RecordId], found: Collection[Record]) -> None:
        """Note records that were asked for by their ids."""
        if len(found) < len(set(ids)):
            if kind is Record:
                self.whole = True
                return
            self._take(kind, {Group(kind.KIND, None)})
        for each in found:
            self._take(type(each), {Group(each.KIND, each.partition)})

    def walked(self, view: View) -> None:
        """Note a walk along facts, which may lead anywhere."""
        facts = Group(RecordKind.FACT, None)
        self.groups |= {facts, Group(RecordKind.ENTITY, None)}
        if view.as_of in self.instants:
            self.timed.add(facts)
            self.refused = self.refused or view.known_at is not None

    def _take(self, kind: type[Record], groups: Iterable[Group]) -> None:
        if kind.LOGGED:
            self.groups.update(groups)
        else:
            self.refuse()

    def _time(self, where: Filter, groups: Iterable[Group], known_at: Position | None) -> None:
        for each in where:
            if isinstance(each, Range) and self._is_now(each):
                self.timed.update(groups)
                if known_at is not None or each.field not in TEMPORAL:
                    self.refuse()

    def _is_now(self, condition: Range) -> bool:
        return any(limit in self.instants for _, limit in condition.bounds)


witnessing: ContextVar[Witness | None] = ContextVar("witnessing", default=None)
"""The witness of the answer that is being made; read it by ``witnessed``."""


def witnessed() -> Witness | None:
    """Return the witness of the answer that is being made; None: nobody keeps it."""
    witness = witnessing.get()
    return None if witness is None or witness.done else witness


@contextmanager
def unwitnessed() -> Generator[None]:
    """Read what the answer does not show, such as whether it can be given at all."""
    before = witnessing.set(None)
    try:
        yield
    finally:
        witnessing.reset(before)


def refuse() -> None:
    """Note that what is being answered rests on what no log tells of."""
    if (witness := witnessed()) is not None:
        witness.refuse()


def rest_on_everything() -> None:
    """Note that any change at all may alter what is being answered."""
    if (witness := witnessed()) is not None:
        witness.whole = True


def noted(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """Return ``clock``, which tells the witness what it said.

    A condition that is reckoned from it ("a week ago") is not known again: whoever asks by one calls
    ``refuse``.
    """

    def now() -> datetime:
        at = clock()
        if (witness := witnessed()) is not None:
            witness.instants.add(at)
        return at

    return now
