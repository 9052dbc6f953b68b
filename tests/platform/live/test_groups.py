"""Who shares an execution, and who does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from mnemos.live import groups
from mnemos.live.questions import Refused
from mnemos_graph.directory import Role
from mnemos_graph.errors import BadInput, CursorExpired
from mnemos_graph.identity import LOCAL_CALLER, Caller
from mnemos_graph.model import Access, Position
from mnemos_graph.store import ChangeSet, Put
from mnemos_schema.sharing import shared
from tests.conformance.samples import GLOBEX, memory
from tests.platform.live.hearing import LISTEN, Ear, Telling, telling
from tests.waiting import until

JOB = "subscription ($id: ID!) { job(id: $id) { state } }"


@pytest.fixture
async def told() -> AsyncIterator[Telling]:
    async with telling() as opened:
        yield opened


async def test_those_who_ask_the_same_are_one_group_wherever_they_stand(told: Telling) -> None:
    await told.write(3)
    ears = [Ear() for _ in range(20)]
    await asyncio.gather(*(told.listen(ear, n % 4) for n, ear in enumerate(ears)))
    assert len(told.groups) == 1
    await told.write()
    for ear in ears:
        await told.settled(ear)
    assert {ear.texts[-1] for ear in ears} == {"4"}


ANOTHER_KEY = replace(LOCAL_CALLER, access=replace(LOCAL_CALLER.access, actor="key:1"))
ANOTHER_ROLE = replace(LOCAL_CALLER, role=Role.READER)
LESS = replace(LOCAL_CALLER, access=replace(LOCAL_CALLER.access, reads=frozenset()))
ELSEWHERE = Caller(Access(GLOBEX.organization, "local"), Role.ADMIN)


@pytest.mark.parametrize("caller", [ANOTHER_KEY, ANOTHER_ROLE, LESS, ELSEWHERE])
async def test_nobody_shares_with_other_rights(told: Telling, caller: Caller) -> None:
    await told.listen(Ear())
    await told.listen(Ear(), caller=caller)
    assert len(told.groups) == 2


async def test_who_may_read_less_hears_less(told: Telling) -> None:
    everything, nothing, foreign = Ear(), Ear(), Ear()
    await told.listen(everything)
    await told.listen(nothing, caller=LESS)
    await told.listen(foreign, caller=ELSEWHERE)
    await told.write(2)
    await told.store.commit(GLOBEX, ChangeSet((Put(memory("theirs")),)))
    told.program.services.feed.follower(GLOBEX.organization, Position(1))
    await told.settled(nothing)
    await until(lambda: bool(foreign.texts))
    assert (everything.texts, nothing.texts, foreign.texts) == (["1", "2"], [], ["theirs"])


async def test_other_variables_are_another_group(told: Telling) -> None:
    await told.listen(Ear())
    await told.listen(Ear(), scope={"userId": "ann"})
    await told.listen(Ear(), scope={"userId": "bob"})
    assert len(told.groups) == 3


async def test_a_group_goes_on_when_whoever_came_first_leaves(told: Telling) -> None:
    first, second = Ear(), Ear()
    await told.listen(first)
    await told.listen(second)
    told.groups.leave(first)
    await told.write()
    await told.settled(second)
    assert (first.texts, second.texts) == ([], ["1"])


async def test_a_group_with_nobody_in_it_ends(
    told: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "LINGER_SECONDS", 0.05)
    ear = Ear()
    await told.listen(ear)
    told.groups.leave(ear)
    await until(lambda: not len(told.groups))


async def test_an_empty_page_moves_a_listener_on_that_a_filter_keeps_from_all(
    told: Telling,
) -> None:
    ear = Ear()
    await told.listen(ear, filter={"subjectTypes": ["BLOCK"]})
    await told.write(3)
    await told.settled(ear)
    assert (ear.texts, ear.pages[-1]["changes"]) == ([], [])
    assert ear.pages[-1]["position"] != ear.pages[0]["position"]


async def test_the_first_page_says_where_each_listener_starts(told: Telling) -> None:
    await told.write(4)
    ears = [Ear() for _ in range(3)]
    for ear, after in zip(ears, (1, 4, None), strict=True):
        await told.listen(ear, after)
    starts = [ear.pages[0] for ear in ears]
    assert [(each["changes"], each["hasMore"]) for each in starts] == [
        ([], True),
        ([], False),
        ([], False),
    ]
    assert starts[0]["position"] != starts[1]["position"] == starts[2]["position"]


async def test_what_was_committed_together_is_not_cut_for_who_comes_in_its_middle(
    told: Telling,
) -> None:
    await told.write(5)
    middle, start = Ear(), Ear()
    await told.listen(middle, 2)
    await told.listen(start, 0)
    for ear in (middle, start):
        await told.settled(ear)
    assert [len(page["changes"]) for page in middle.pages] == [0, 3]
    assert [len(page["changes"]) for page in start.pages] == [0, 5]


async def test_who_reads_nothing_is_read_no_history_meanwhile(told: Telling) -> None:
    await told.write(3)
    ear = Ear()
    ear.stop()
    listening = asyncio.create_task(told.listen(ear, 0))
    await until(lambda: bool(ear.pages))
    await told.write(3)
    await asyncio.sleep(0.02)
    assert ear.texts == []
    ear.go_on()
    await listening
    await told.settled(ear)
    assert ear.texts == ["1", "2", "3", "4", "5", "6"]


async def test_a_cursor_ahead_of_the_log_is_refused(told: Telling) -> None:
    with pytest.raises(BadInput, match="ahead of the log"):
        await told.listen(Ear(), 7)


async def test_a_cursor_of_what_a_restore_took_back_has_expired(told: Telling) -> None:
    with pytest.raises(CursorExpired, match="Read the records anew"):
        await told.listen(Ear(), 7, epoch=0)


async def test_what_cannot_be_executed_is_refused_and_leaves_no_group_behind(
    told: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "LINGER_SECONDS", 0.0)
    ear = Ear()
    with pytest.raises(Refused):
        await told.listen(ear, scope={"userId": ""})
    told.groups.leave(ear)
    await until(lambda: not len(told.groups))


@pytest.mark.parametrize(
    ("document", "is_shared"),
    [
        (LISTEN, True),
        (JOB, True),
        ("subscription { changes { position } }", True),
        ('subscription { changes(after: "x") { position } }', True),
        ("subscription ($a: Cursor!) { changes(after: $a) { position } }", True),
        ("subscription ($a: Cursor = null) { changes(after: $a) { position } }", False),
        ("subscription { changes { position } __typename }", False),
        ("subscription ($y: Boolean!) { changes @skip(if: $y) { position } }", False),
        ("subscription { ...F } fragment F on Subscription { changes { position } }", False),
        ("subscription A { changes { position } } subscription B { changes { hasMore } }", False),
        ("{ position }", False),
        ("subscription {", False),
    ],
)
def test_a_document_is_shared_where_nothing_but_its_place_is_a_listeners_own(
    document: str, *, is_shared: bool
) -> None:
    assert (shared(document, None) is not None) == is_shared
