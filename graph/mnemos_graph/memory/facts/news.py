"""News: what is told with its date overrules what was told before it without one.

Who says "I live in Lisbon" gives no date, so it takes its place where it was told. Who says after
that "I moved to Porto last month" corrects it: Lisbon was the older truth already. What lies far
back when it is told is history, and corrects nothing; unless somebody states it directly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from mnemos_graph.memory.facts.lines import Target, own_target, place
from mnemos_graph.model import Fact

NEWS = timedelta(days=730)
"""How long something can hold already and be told as news: "last year" is up to two years ago."""


def overruled(
    line: Iterable[Fact], news: Fact, told: datetime, target: Target = own_target
) -> tuple[Fact, ...]:
    """Return the undated facts of a single-valued line that ``news``, told then, makes the older.

    They come moved to just before it began, in the order in which they stood.
    """
    begins = news.valid_from
    if begins is None or news.told_at is not None or news.ended_at is not None:
        return ()
    if not news.asserted and told - begins > NEWS:
        return ()
    older = sorted(
        (
            each
            for each in line
            if each.told_at is not None
            and begins <= each.told_at <= told
            and each.invalidated_at is None
            and each.id != news.id
            and target(each) != target(news)
        ),
        key=place,
    )
    return tuple(
        replace(each, told_at=begins - timedelta(microseconds=len(older) - number))
        for number, each in enumerate(older)
    )
