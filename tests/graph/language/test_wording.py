"""Other words for the same are told from words that mean something else."""

from __future__ import annotations

import pytest

from mnemos_graph.language.wording import one_thing, says_more

SAME = [
    ("Sam loves hiking in the Alps.", "Sam adores hiking in the Alps."),
    ("Ann lives in Oslo with two cats.", "Ann resides in Oslo with 2 cats."),
    ("Ann bought a red bicycle.", "Ann purchased a red bike."),
    ("Ann prefers tea to coffee in the morning.", "In the morning, Ann prefers tea to coffee."),
    ("Ann is afraid of spiders.", "Ann is scared of spiders."),
    ("Ann is training for a marathon.", "Ann trains for a marathon."),
    ("Ann started a new diet this year.", "Ann began a new diet this year."),
]
OTHER = [
    ("Sam loves hiking in the Alps.", "Sam hates hiking in the Alps."),
    ("Ann lives in Oslo with two cats.", "Ann lived in Oslo with two cats."),
    ("Ann bought a red bicycle.", "Ann sold a red bicycle."),
    ("Ann prefers tea to coffee.", "Ann prefers coffee to tea."),
    ("Ann lent Bob money.", "Bob lent Ann money."),
    ("Ann wants to play the piano.", "Ann wants to play the violin."),
    ("Ann meets Bob every Monday.", "Ann meets Bob every Friday."),
    ("Ann's car is a blue Volvo.", "Ann's car is a red Volvo."),
    ("Ann likes Bob's brother.", "Ann likes Bob's mother."),
    ("Ann will move to Oslo.", "Ann moves to Oslo."),
    ("Ann wants to quit smoking.", "Ann wants to start smoking."),
    ("Ann takes 5 mg.", "Ann takes 50 mg."),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_other_words_for_the_same_say_one_thing(one: str, other: str) -> None:
    assert one_thing(one, other)
    assert one_thing(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_words_that_mean_something_else_do_not(one: str, other: str) -> None:
    assert not one_thing(one, other)
    assert not one_thing(other, one)


def test_who_adds_something_says_more() -> None:
    long, short = "Ann likes black coffee in the morning.", "Ann really likes black coffee."
    assert one_thing(long, short)
    assert says_more(long, short)
    assert not says_more(short, long)
