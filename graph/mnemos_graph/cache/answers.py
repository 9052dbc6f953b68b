"""Answers that are kept by their question, until the log has a change that may alter them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from mnemos_graph.cache.bounded import Bounded, Weighed, weight_of
from mnemos_graph.cache.questions import Asked, Group, groups_of
from mnemos_graph.store import Page

_NAMED = 2_000
"""Bytes of a question with its conditions, and what leads to it."""


class Answer(Weighed):
    __slots__ = ("_home", "asked", "page")

    def __init__(self, asked: Asked, page: Page[Any], home: Answers) -> None:
        self.asked = asked
        self.page = page
        self.weight = _NAMED + sum(map(weight_of, page.records))
        self._home = home

    def forget(self) -> None:
        self._home.forget(self)


class Answers:
    def __init__(self, bounded: Bounded) -> None:
        self._bounded = bounded
        self._kept: dict[Asked, Answer] = {}
        self._of: defaultdict[Group, dict[Asked, None]] = defaultdict(dict)

    def get(self, asked: Asked) -> Page[Any] | None:
        answer = self._kept.get(asked)
        if answer is None:
            return None
        self._bounded.touch(answer)
        return answer.page

    def keep(self, asked: Asked, page: Page[Any]) -> None:
        """Keep an answer, in place of an earlier one."""
        if (before := self._kept.get(asked)) is not None:
            self.forget(before)
            self._bounded.drop(before)
        self._kept[asked] = answer = Answer(asked, page, self)
        for group in groups_of(asked.question):
            self._of[group][asked] = None
        self._bounded.add(answer)

    def change(self, group: Group) -> None:
        """Let go of every answer that a change in ``group`` may alter."""
        for each in (group, Group(group.kind, None)):
            for asked in tuple(self._of.get(each, ())):
                answer = self._kept[asked]
                self.forget(answer)
                self._bounded.drop(answer)

    def empty(self) -> None:
        for answer in self._kept.values():
            self._bounded.drop(answer)
        self._kept.clear()
        self._of.clear()

    def forget(self, answer: Answer) -> None:
        """Remove an answer from where it is looked up."""
        del self._kept[answer.asked]
        for group in groups_of(answer.asked.question):
            asked = self._of[group]
            asked.pop(answer.asked, None)
            if not asked:
                del self._of[group]
