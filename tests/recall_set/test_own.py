"""The questions of our own are what they are said to be."""

from __future__ import annotations

from collections import Counter

from mnemos_graph.model.words import words
from tests.recall_set import own

OWN = own.read()
TURNS = OWN.conversation.turns
QUERIES = OWN.conversation.queries
KNOWN = {turn.name: turn for turn in TURNS}


def test_there_are_enough_questions_of_every_kind() -> None:
    kinds = Counter(query.kind for query in QUERIES)
    assert len(QUERIES) >= 300
    assert len(OWN.unanswered) >= 60
    assert kinds.keys() == {"facts", "documents", "agents", "nameless"}
    assert min(kinds.values()) >= 50
    marks = Counter(mark for query in QUERIES for mark in query.marks)
    assert marks.keys() == set(own.MARKS)
    assert min(marks.values()) >= 10


def test_no_name_and_no_question_is_given_twice() -> None:
    assert len(KNOWN) == len(TURNS)
    asked = [query.text for query in (*QUERIES, *OWN.unanswered)]
    assert [text for text, times in Counter(asked).items() if times > 1] == []


def test_every_answer_is_there_and_what_has_none_names_none() -> None:
    for query in QUERIES:
        assert query.evidence, query.text
        assert query.evidence <= KNOWN.keys(), query.text
    assert all(not query.evidence for query in OWN.unanswered)


def test_what_answers_a_question_was_said_before_it_was_asked() -> None:
    for query in QUERIES:
        for name in query.evidence:
            said = KNOWN[name].message.occurred_at
            assert said is not None
            assert query.as_of is None or said < query.as_of, query.text


def test_time_is_asked_about_at_a_moment() -> None:
    assert all(query.as_of for query in QUERIES if "time" in query.marks)


def test_many_questions_share_hardly_a_word_with_their_answer() -> None:
    apart = 0
    for query in QUERIES:
        said = {word for name in query.evidence for word in words(KNOWN[name].said)}
        shared = {word for word in words(query.text) if len(word) > 3} & said
        apart += not shared
    assert apart >= 60


def test_facts_stand_alone_and_the_rest_was_told_in_sessions() -> None:
    alone = [turn for scope, turns in OWN.conversation.sessions.items() for turn in turns
             if scope.session_id is None]  # fmt: skip
    assert len(alone) >= 150
    assert len(OWN.conversation.sessions) > 20
