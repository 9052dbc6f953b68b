"""What somebody says of themselves, told by name."""

import pytest

from mnemos_graph.language.offline.person import by_name


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I live in Berlin.", "Mia lives in Berlin."),
        ("I'm tired.", "Mia is tired."),
        ("I’ve been to Rome twice.", "Mia has been to Rome twice."),
        ("I really don't like rain.", "Mia really doesn't like rain."),
        ("I went home and I slept.", "Mia went home and Mia slept."),
        ("My sister gave me a book.", "Mia's sister gave Mia a book."),
        ("I study law and work at Acme.", "Mia studies law and works at Acme."),
        ("I no longer eat meat.", "Mia no longer eats meat."),
        ("I watch films.", "Mia watches films."),
        ("Last week I was ill.", "Last week Mia was ill."),
        ("I can't swim.", "Mia can't swim."),
        ("I need glasses.", "Mia needs glasses."),
        ("Anna works at Volvo.", "Anna works at Volvo."),
    ],
)
def test_first_becomes_third_person(said: str, told: str) -> None:
    assert by_name(said, "Mia") == told


@pytest.mark.parametrize(
    "said",
    [
        "We went camping.",
        "I'd say so.",
        "I, too, was there.",
        'Bob said "I live in Prague".',
        "Ich wohne in Köln.",
        "Я живу в Москве.",
    ],
)
def test_what_is_beyond_the_rules_stays_as_it_was_said(said: str) -> None:
    assert by_name(said, "Mia") == f"Mia: {said}"


def test_a_user_without_a_name_is_the_user() -> None:
    assert (
        by_name("I think my cat likes me.", None)
        == "The user thinks the user's cat likes the user."
    )
    assert by_name("We went camping.", None) == "The user: We went camping."
    assert by_name("Я живу в Москве.", None) == "Я живу в Москве."
