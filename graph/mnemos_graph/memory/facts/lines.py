"""Lines: all facts of one subject and predicate, and who ends whom among them.

A line is computed from everything that is said in it, never changed in place. So the order in
which its facts are told makes no difference, and taking one away gives back what it had ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from mnemos_graph.model import Fact
from mnemos_graph.model.words import fold

Target = Callable[[Fact], str]
"""What a fact says of its subject, the same for facts that say the same."""


def own_target(fact: Fact) -> str:
    return f"@{fact.object_id}" if fact.object_id else f"={fold(fact.value or '')}"


def place(fact: Fact) -> tuple[datetime, datetime, str]:
    """Return where a fact stands in its line: since when it holds, then when it was recorded."""
    return fact.told_at or fact.valid_from or fact.created_at, fact.created_at, fact.id


def recompute(
    facts: Iterable[Fact], *, single: bool, target: Target = own_target
) -> tuple[Fact, ...]:
    """Return the facts of one line with their intervals, in their order; invalid ones left out.

    In a single-valued line each fact ends where the next one begins, at the latest; of two that
    begin together the one recorded later holds. Elsewhere facts never end each other. A fact that
    nobody dated holds since ever, or, where another of its kind stands before it, since it was
    told.
    """
    believed = sorted((each for each in facts if each.invalidated_at is None), key=place)
    if single:
        return _chained(believed)
    same: dict[str, list[Fact]] = defaultdict(list)
    for fact in believed:
        same[target(fact)].append(fact)
    found = [
        _interval(fact, first=fact is alike[0], closer=None)
        for alike in same.values()
        for fact in alike
    ]
    return tuple(sorted(found, key=place))


def said_already(
    line: Iterable[Fact], fact: Fact, *, single: bool, target: Target = own_target
) -> Fact | None:
    """Return the fact of the line that ``fact`` tells again, if there is one.

    It has the same place; or ``fact`` has no date, and it stands before it, with nothing in
    between, and goes on. Or nobody dated it and it stands next behind ``fact``: then it only
    began earlier than was known. What ends something tells nothing that comes behind.
    """
    at = place(fact)[0]
    others = _beside(line, fact, single=single, target=target)
    alike = [each for each in others if target(each) == target(fact)]
    here = next((each for each in alike if place(each)[0] == at), None)
    if here is not None:
        return here
    before = preceding(line, fact, single=single, target=target)
    if before in alike and fact.told_at is not None and _goes_on(before, at):
        return before
    behind = next((each for each in others if place(each)[0] > at), None)
    if behind in alike and fact.ended_at is None and behind.told_at is not None:
        return behind
    return None


def preceding(
    line: Iterable[Fact], fact: Fact, *, single: bool, target: Target = own_target
) -> Fact | None:
    """Return the believed fact that stands last before ``fact``, of those that it can touch.

    In a single-valued line that is any of them, elsewhere one that says the same.
    """
    others = _beside(line, fact, single=single, target=target)
    before = [each for each in others if place(each)[0] < place(fact)[0]]
    return before[-1] if before else None


def _beside(line: Iterable[Fact], fact: Fact, *, single: bool, target: Target) -> list[Fact]:
    return sorted(
        (
            each
            for each in line
            if each.invalidated_at is None
            and each.id != fact.id
            and (single or target(each) == target(fact))
        ),
        key=place,
    )


def _goes_on(fact: Fact, at: datetime) -> bool:
    return fact.ended_at is None or fact.ended_at > at


def supported(said: Fact, again: Fact) -> Fact:
    """Return ``said`` with what telling it again adds to it."""
    news = again.ended_at is not None and said.ended_at is None
    return replace(
        said,
        asserted=said.asserted or again.asserted,
        confidence=max(said.confidence, again.confidence),
        ended_at=again.ended_at if news else said.ended_at,
        ended_by=again.ended_by if news else said.ended_by,
    )


def holds(fact: Fact, at: datetime) -> bool:
    """Return whether a believed fact holds at an instant."""
    return (fact.valid_from is None or fact.valid_from <= at) and (
        fact.valid_to is None or at < fact.valid_to
    )


def _chained(believed: Sequence[Fact]) -> tuple[Fact, ...]:
    behind = zip_longest(believed, believed[1:])
    return tuple(
        _interval(fact, first=fact is believed[0], closer=closer) for fact, closer in behind
    )


def _interval(fact: Fact, *, first: bool, closer: Fact | None) -> Fact:
    valid_from = fact.valid_from
    if fact.told_at is not None:
        valid_from = None if first else fact.told_at
    valid_to, closed_by = fact.ended_at, None
    if closer is not None:
        begins = place(closer)[0]
        if valid_to is None or begins < valid_to:
            valid_to, closed_by = begins, closer.id
    return replace(fact, valid_from=valid_from, valid_to=valid_to, closed_by=closed_by)
