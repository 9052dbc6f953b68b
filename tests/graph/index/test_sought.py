"""What kind of thing a question asks for, and what tells one."""

from __future__ import annotations

import pytest

from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.index.ranking import Asked, rank
from mnemos_graph.index.sought import Sought, sought, told
from tests.conformance.samples import memory


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("When did Ada move?", {Sought.TIME}),
        ("Since when does she paint?", {Sought.TIME}),
        ("How long was the trip?", {Sought.TIME, Sought.NUMBER}),
        ("How many hens are there?", {Sought.NUMBER}),
        ("In what year was the house built?", {Sought.TIME}),
        ("Who fixed the boiler?", {Sought.NAME}),
        ("What is the name of the cat?", {Sought.NAME}),
        ("Which books did she like?", {Sought.NAME}),
        ("What does Ada do when it rains?", set()),
        ("Warum zog sie um?", set()),
    ],
)
def test_a_question_asks_for_a_time_a_name_a_number_or_none_of_them(
    question: str, kinds: set[Sought]
) -> None:
    assert sought(question) == kinds


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("I painted it last week.", {Sought.TIME}),
        ("It was built in 1931.", {Sought.TIME, Sought.NUMBER}),
        ("We keep eleven hens.", {Sought.NUMBER}),
        ("We met our neighbour Élodie there.", {Sought.NAME}),
        ('I finished "the long way home".', {Sought.NAME}),
        ("Great! It was fun.", set()),
        ("It lasted and lasted.", set()),
    ],
)
def test_a_capital_within_a_sentence_is_a_name_and_one_at_its_beginning_may_not_be(
    text: str, kinds: set[Sought]
) -> None:
    assert told(text) == kinds


def test_what_tells_a_time_comes_first_where_a_time_is_asked_for() -> None:
    index = PartitionIndex(2)
    for text in ["The kiln was repaired yesterday.", "The kiln was repaired again."]:
        index.put(memory(text))
    dated, plain = index.ids

    def order(question: str) -> list[str]:
        return [each.ref.id for each in rank([index], Asked(text=question)).best]

    assert order("When was the kiln repaired?") == [dated, plain]
    assert order("How was the kiln repaired?") == [plain, dated]
