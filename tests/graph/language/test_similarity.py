"""Figures and denial tell sentences apart that lie close together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.language.similarity import agree, denials, numbers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("She takes 5 mg a day.", "She takes 5mg every day."),
        ("I have two dogs.", "I have 2 dogs"),
        ("The house cost 1,200,000.", "It cost 1200000"),
        ("He does not eat meat.", "He never eats meat."),
        ("It isn’t here", "It isn't here"),
        ("৩ টা বিড়াল", "3 টা বিড়াল"),
    ],
)
def test_the_same_figures_and_denial_agree(one: str, other: str) -> None:
    assert agree(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("She takes 5 mg.", "She takes 50 mg."),
        ("I have two dogs.", "I have three dogs."),
        ("He eats meat.", "He doesn't eat meat."),
        ("He drinks wine.", "He used to drink wine."),
        ("Flight at 10:30", "Flight at 10:50"),
        ("It weighs 1.5 kg", "It weighs 15 kg"),
        ("Ich esse Fleisch", "Ich esse kein Fleisch"),
        ("Born on 3/5/1990", "Born on 5/3/1990"),
    ],
)
def test_other_figures_or_denial_do_not(one: str, other: str) -> None:
    assert not agree(one, other)


def test_no_one_is_no_number_and_two_denials_are_none() -> None:
    assert numbers("the one I like") == ()
    assert denials("not without a reason") == 0


@given(st.text())
def test_every_text_agrees_with_itself(text: str) -> None:
    assert agree(text, text)


@given(st.text(), st.text())
def test_agreeing_has_no_direction(one: str, other: str) -> None:
    assert agree(one, other) == agree(other, one)


def test_who_does_it_to_whom_matters() -> None:
    assert not agree("Bob gave Ann a book.", "Ann gave Bob a book.")
    assert agree("Today Bob gave Ann a book.", "Bob gave Ann a book today.")
