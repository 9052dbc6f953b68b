"""What a turn means by those before it: pronouns, corrections, and who is whose."""

from __future__ import annotations

import pytest

from mnemos_graph.language.extractor import Turn
from mnemos_graph.language.offline.extractor import OfflineExtractor
from mnemos_graph.model import MessageRole
from tests.graph.language.examples import F
from tests.graph.language.scoring import SAID, plain


async def facts(*said: str, speakers: tuple[str, ...] = ()) -> list[F]:
    names = speakers or (None,) * len(said)
    turns = [
        Turn(text=text, occurred_at=SAID, speaker=name)
        for text, name in zip(said, names, strict=True)
    ]
    return [plain(each) for one in await OfflineExtractor().extract(turns) for each in one.facts]


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("My sister Ana lives in Faro. She works at Bosch.", F("Ana", "works_at", "Bosch")),
        ("My brother Tim is a cook and he lives in Perth.", F("Tim", "lives_in", "Perth")),
        ("My wife works at Siemens.", F("user's wife", "works_at", "Siemens")),
        ("My wife's birthday is on 4 December.", F("user's wife", "birthday", "December 4")),
        ("My mum lives in Cork.", F("user's mother", "lives_in", "Cork")),
        ("My wife Eva is a vet. My wife works at Siemens.", F("Eva", "works_at", "Siemens")),
    ],
)
async def test_whom_a_sentence_is_about_is_known_from_those_before(said: str, fact: F) -> None:
    assert fact in await facts(said)


@pytest.mark.parametrize(
    "said",
    [
        "Anna and Lena are here. Lena met Anna Kern. She works at Bosch.",
        "She works at Bosch.",
        "My sister works at Bosch.",
        "My brother Tim is a cook. She works at Bosch.",
    ],
)
async def test_who_could_be_more_than_one_or_nobody_is_not_guessed(said: str) -> None:
    assert [each for each in await facts(said) if each.predicate == "works_at"] == []


async def test_a_pronoun_reaches_back_to_the_same_speakers_last_message() -> None:
    said = ("My boss is Eva.", "She lives in Rome.")
    assert F("Eva", "lives_in", "Rome") in await facts(*said)
    assert F("Eva", "lives_in", "Rome") not in await facts(*said, speakers=("Ann", "Bob"))


async def test_a_correction_is_of_what_was_told_before() -> None:
    found = await facts("I live in Porto.", "Oh sorry, actually it's Lisbon, not Porto.")
    assert found == [F("user", "lives_in", "Porto"), F("user", "lives_in", "Lisbon")]


async def test_a_correction_ends_what_has_many_values() -> None:
    found = await facts("I like tea.", "I meant coffee, not tea.")
    assert found[1:] == [F("user", "likes", "coffee"), F("user", "likes", "tea", ended=True)]


async def test_a_correction_of_what_nobody_told_states_nothing() -> None:
    assert await facts("I live in Porto.", "It's Ines, not Inez.") == [
        F("user", "lives_in", "Porto")
    ]


async def test_who_parts_is_known_from_before() -> None:
    found = await facts("I'm engaged to Tom.", "We broke up yesterday.")
    assert F("user", "engaged_to", "Tom", until="2023-05-07", ended=True) in found


async def test_in_a_play_nobody_speaks_for_themselves() -> None:
    play = ("Let's role-play: I'm a pirate.", "I live in Tortuga and I love rum.")
    assert await facts(*play) == []
    assert await facts(*play, "OK, enough role-play.", "I live in Graz.") == [
        F("user", "lives_in", "Graz")
    ]


async def test_what_the_assistant_says_is_no_ground_for_anything() -> None:
    turns = [
        Turn(text="You live in Porto.", role=MessageRole.ASSISTANT, occurred_at=SAID),
        Turn(text="It's Lisbon, not Porto.", occurred_at=SAID),
    ]
    found = await OfflineExtractor().extract(turns)
    assert [each.facts for each in found] == [(), ()]


@pytest.mark.parametrize(
    ("said", "stated"),
    [
        ("Ich wohne in Köln und arbeite bei Ford.", [("lives_in", "Köln"), ("works_at", "Ford")]),
        ("Ich wohne nicht in Köln.", []),
        ("Me llamo Javier y soy de Sevilla.", [("name", "Javier"), ("from", "Sevilla")]),
        ("J'habite à Lyon.", [("lives_in", "Lyon")]),
        ("Je n'habite pas à Lyon.", []),
        ("Meine Schwester heißt Lea.", [("sister", "Lea")]),
        ("Wohnst du in Köln?", []),
    ],
)
async def test_a_few_sentences_of_other_languages_are_read(
    said: str, stated: list[tuple[str, str]]
) -> None:
    assert [(each.predicate, each.target) for each in await facts(said)] == stated
