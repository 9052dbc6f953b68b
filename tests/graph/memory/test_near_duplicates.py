"""What counts as said almost the same, with the real model."""

from __future__ import annotations

import pytest

from mnemos_graph.language.embedder import likeness
from mnemos_graph.language.minilm import MiniLM
from mnemos_graph.language.wording import one_thing
from mnemos_graph.memory.remember.duplicates import NEAR
from tests.graph.language.conftest import minilm as minilm  # noqa: PLC0414 - a fixture

SAME = [
    ("Ann goes swimming every Tuesday evening.", "Ann goes swimming every Tuesday evening!"),
    ("Ann is allergic to peanuts.", "Ann is allergic to peanuts"),
    (
        "Ann's sister lives in the north of Norway.",
        "Ann's sister is living in the north of Norway.",
    ),
    ("Ann bought a red bicycle at the market.", "Ann bought a red bike at the market."),
    ("Ann really likes black coffee.", "Ann likes black coffee."),
    ("The meeting takes place in room 12.", "The meeting takes place in room twelve."),
]
OTHER = [
    ("Ann takes 5 mg of aspirin.", "Ann takes 50 mg of aspirin."),
    ("Ann eats meat.", "Ann does not eat meat."),
    ("Ann is allergic to nuts.", "Ann is no longer allergic to nuts."),
    ("The flight leaves on 3 June 2026.", "The flight leaves on 4 June 2026."),
    ("Ann pays 1,200 euros a month.", "Ann pays 1,300 euros a month."),
    ("Ann can swim.", "Ann can't swim."),
    ("Ann has two children.", "Ann has three children."),
    ("Ann smokes.", "Ann used to smoke."),
    ("Ann's door code is 4711.", "Ann's door code is 4712."),
    ("Ann loves her brother.", "Ann loves her sister."),
    ("Ann is afraid of dogs.", "Ann is afraid of cats."),
    ("Ann's favourite colour is green.", "Ann's favourite colour is blue."),
    ("Ann moved to Oslo.", "Ann moved to Bergen."),
    ("Ann drinks coffee in the morning.", "Ann drinks tea in the morning."),
    ("Bob gave Ann a book.", "Ann gave Bob a book."),
    ("Ann bought a red bicycle.", "Ann sold a red bicycle."),
    ("Ann meets Bob every Monday for lunch.", "Ann meets Bob every Friday for lunch."),
    ("Ann prefers tea to coffee in the morning.", "Ann prefers coffee to tea in the morning."),
    ("Ann lives in Oslo with two cats.", "Ann lived in Oslo with two cats."),
]


async def close(model: MiniLM, one: str, other: str) -> bool:
    first, second = await model.embed([one, other])
    return likeness(first, second) >= NEAR and one_thing(one, other)


@pytest.mark.parametrize(("one", "other"), SAME)
async def test_the_same_in_other_words_is_near(minilm: MiniLM, one: str, other: str) -> None:
    assert await close(minilm, one, other)


@pytest.mark.parametrize(("one", "other"), OTHER)
async def test_what_says_something_else_is_not(minilm: MiniLM, one: str, other: str) -> None:
    assert not await close(minilm, one, other)
