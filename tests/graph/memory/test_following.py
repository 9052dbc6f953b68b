"""Memories end with the facts that they rest on, and hold again with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mnemos_graph.memory.facts.following import followed, released
from mnemos_graph.model import Fact, Memory, RecordId
from tests.conformance.samples import day, entity, fact, memory

ANN = entity("Ann")
OSLO = fact(ANN, "lives_in", "Oslo")
BERGEN = fact(ANN, "lives_in", "Bergen", valid_from=day(5))
CLOSED = replace(OSLO, valid_to=day(5), closed_by=BERGEN.id)
NEXT = memory("Ann lives in Bergen", fact_ids=(BERGEN.id,))


def resting(*facts: Fact, **given: Any) -> Memory:
    return memory("Ann lives in Oslo", fact_ids=tuple(each.id for each in facts), **given)


def after(was: Memory, before: Fact, now: Fact, *others: Fact) -> Memory:
    kept = {each.id: each for each in others}
    says: dict[RecordId, RecordId] = {BERGEN.id: NEXT.id}
    return followed(was, kept | {before.id: before}, kept | {now.id: now}, says)


def test_a_memory_ends_with_its_fact_superseded_by_what_says_the_next() -> None:
    was = resting(OSLO)
    ended = after(was, OSLO, CLOSED)
    assert ended == replace(was, valid_to=day(5), superseded_by=NEXT.id)
    assert after(ended, CLOSED, OSLO) == was


def test_a_memory_ends_with_the_first_relation_of_one_value_that_it_states() -> None:
    tea, nurse = fact(ANN, "likes", "tea"), fact(ANN, "works_as", "nurse")
    assert after(resting(OSLO, tea, nurse), OSLO, CLOSED, tea, nurse).valid_to == day(5)


def test_a_memory_of_relations_of_many_values_ends_with_the_last_of_them() -> None:
    tea, cocoa = fact(ANN, "likes", "tea"), fact(ANN, "likes", "cocoa")
    ended_tea, ended_cocoa = replace(tea, valid_to=day(5)), replace(cocoa, valid_to=day(7))
    was = resting(tea, cocoa)
    assert after(was, tea, ended_tea, cocoa) == was
    assert after(was, cocoa, ended_cocoa, ended_tea).valid_to == day(7)


@pytest.mark.parametrize("own", [day(2), day(9)])
def test_what_somebody_ended_at_another_time_stays_so(own: object) -> None:
    was = resting(OSLO, valid_to=own)
    assert after(was, OSLO, CLOSED) == was
    still_open = resting(CLOSED)
    assert after(still_open, CLOSED, replace(CLOSED, valid_to=day(3))) == still_open


def test_a_memory_without_believed_facts_is_left_to_others() -> None:
    was = resting(OSLO)
    assert after(was, OSLO, replace(OSLO, invalidated_at=day(6))) == was


def test_a_memory_whose_successor_is_gone_holds_again_unless_its_facts_have_ended() -> None:
    ended = resting(OSLO, valid_to=day(5), superseded_by=NEXT.id)
    again = released(ended, {OSLO.id: OSLO})
    assert (again.valid_to, again.superseded_by) == (None, None)
    stays = released(ended, {OSLO.id: CLOSED})
    assert (stays.valid_to, stays.superseded_by) == (day(5), None)
