"""What is told with its date overrules what was told before it without one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mnemos_graph.feed import Journal
from mnemos_graph.language.offline.extractor import OfflineExtractor
from mnemos_graph.memory.facts.episodes import Episodes
from mnemos_graph.memory.facts.facts import Facts, NewFact
from mnemos_graph.memory.facts.naming import EntityRef
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Message, Remembered, Telling
from mnemos_graph.memory.scopes import ReadScope
from tests.conformance.samples import ACME, ANN, day
from tests.graph.memory.conftest import Calendar

HERS = ReadScope(user_id="ann", include_shared=False)


@pytest.fixture
def rememberer(journal: Journal, clock: Calendar) -> Rememberer:
    return Rememberer(journal, Jobs(journal, clock), clock, extractor=OfflineExtractor())


async def tell(rememberer: Rememberer, clock: Calendar, *texts: str) -> list[Remembered]:
    answers = []
    for text in texts:
        clock.move(days=0.001)
        telling = Telling(scope=ANN, messages=[Message(text=text, speaker="Ann")])
        answers.append(await rememberer.remember(ACME, telling))
    return answers


async def homes(facts: Facts, **asked: object) -> Sequence[str]:
    page = await facts.find(ACME, HERS, predicates=["lives_in"], **asked)  # type: ignore[arg-type]
    return [each.statement for each in page.records]


async def test_somebody_who_moved_lately_lives_there_now(
    rememberer: Rememberer, facts: Facts, clock: Calendar
) -> None:
    await tell(rememberer, clock, "I live in Lisbon.", "I moved to Porto three weeks ago.")
    assert await homes(facts) == ["Ann lives in Porto."]
    assert await homes(facts, as_of=day(-30)) == ["Ann lives in Lisbon."]


async def test_history_told_later_changes_nothing_about_the_present(
    rememberer: Rememberer, facts: Facts, clock: Calendar
) -> None:
    await tell(rememberer, clock, "I live in Lisbon.", "I moved to Porto in 2015.")
    assert await homes(facts) == ["Ann lives in Lisbon."]


async def test_what_is_said_after_the_news_stands_after_it(
    rememberer: Rememberer, facts: Facts, clock: Calendar
) -> None:
    told = ["I live in Lisbon.", "I moved to Porto three weeks ago.", "I live in Lisbon."]
    await tell(rememberer, clock, *told)
    assert await homes(facts) == ["Ann lives in Lisbon."]


async def test_news_that_is_taken_back_gives_back_what_it_overruled(
    rememberer: Rememberer, facts: Facts, episodes: Episodes, clock: Calendar
) -> None:
    told = ["I live in Lisbon.", "I moved to Porto three weeks ago."]
    _, moved = await tell(rememberer, clock, *told)
    await episodes.retract(ACME, moved.episodes[0].id)
    assert await homes(facts) == ["Ann lives in Lisbon."]


async def test_a_dated_statement_ends_an_undated_one_however_old_it_is(facts: Facts) -> None:
    def home(place: str, since: float | None) -> NewFact:
        return NewFact(
            subject=EntityRef(name="Ann", kind="PERSON"),
            predicate="lives_in",
            object=EntityRef(name=place, kind="PLACE"),
            valid_from=None if since is None else day(since),
            scope=ANN,
        )

    lisbon = await facts.assert_(ACME, home("Lisbon", None))
    porto = await facts.assert_(ACME, home("Porto", -4_000))
    assert [each.id for each in porto.closed] == [lisbon.fact.id]
    assert (porto.closed[0].valid_to, porto.fact.valid_to) == (day(-4_000), None)
