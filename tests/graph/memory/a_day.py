"""A day of somebody's life in twenty messages, and what is to be known at each of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_SINGLE = re.compile(r"\b(?:lives_in|works_at|job|favourite_\w+|email)\b")
MORNING = datetime(2026, 5, 4, 6, tzinfo=UTC)


class Said(NamedTuple):
    text: str
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


DAY = [
    Said("Good morning! I live in Oslo.", ("lives_in Oslo",)),
    Said("I work at Acme as a nurse.", ("works_at Acme", "job nurse")),
    Said("I like tea.", ("likes tea",)),
    Said("My favourite colour is green.", ("favourite_colour green",)),
    Said("How is the weather today?"),
    Said("I live in Oslo."),
    Said("I have a cat named Milo.", ("has_pet Milo",)),
    Said("I moved to Bergen.", ("lives_in Bergen",), ("lives_in Oslo",)),
    Said("I like coffee.", ("likes coffee",)),
    Said("Thanks, that helps!"),
    Said("I work at Globex now.", ("works_at Globex",), ("works_at Acme",)),
    Said("My favourite colour is blue.", ("favourite_colour blue",), ("favourite_colour green",)),
    Said("I like tea."),
    Said("I live in Bergen and work at Globex."),
    Said("I no longer work at Globex.", (), ("works_at Globex",)),
    Said("I speak Norwegian.", ("speaks Norwegian",)),
    Said("Could you set a timer?"),
    Said("I moved to Oslo.", ("lives_in Oslo",), ("lives_in Bergen",)),
    Said("I have a cat named Milo."),
    Said("Good night!"),
]
SPOKEN = [
    Said("Morning! I'm a nurse at Acme, what a week.", ("job nurse", "works_at Acme")),
    Said("You live in Paris, don't you?"),
    Said(
        "My sister Ana lives in Porto. She works at Bosch.",
        ("sister Ana", "Ana lives_in Porto", "Ana works_at Bosch"),
    ),
    Said("We live in Oslo, by the way.", ("lives_in Oslo",)),
    Said("Can you order me a pizza?"),
    Said("I've got a cat named Milo.", ("has_pet Milo",)),
    Said("I use Sublime Text for everything.", ("uses Sublime Text",)),
    Said("Actually, I live in Bergen, not Oslo.", ("lives_in Bergen",), ("lives_in Oslo",)),
    Said("Ana just moved to Faro.", ("Ana lives_in Faro",), ("Ana lives_in Porto",)),
    Said("Haha, if I won the lottery I'd live in Hawaii."),
    Said("I'm dating Tom!", ("partner Tom",)),
    Said("I love tea, but I can't stand coffee.", ("likes tea", "dislikes coffee")),
    Said("My sister Ana lives in Faro."),
    Said("I quit my job at Acme.", (), ("works_at Acme",)),
    Said("I joined Globex as a manager.", ("works_at Globex", "job manager"), ("job nurse",)),
    Said('My boss said "I live in Rome and I like rum".'),
    Said("I stopped using Sublime Text, I use Zed now.", ("uses Zed",), ("uses Sublime Text",)),
    Said("Tom and I broke up.", (), ("partner Tom",)),
    Said("I work at Globex and Milo is asleep."),
    Said("Good night!"),
]


def hour(number: float) -> datetime:
    return MORNING + timedelta(hours=0.7 * number)


def expected(day: list[Said], at: int, known: int) -> list[str]:
    """Return what held at message ``at`` by what is known behind message ``known``.

    Nobody said since when the first of its kind holds, so it holds since ever.
    """
    held: set[str] = set()
    kinds: set[str] = set()
    for number, said in enumerate(day[: known + 1]):
        first = {each for each in said.begins if kind(each) not in kinds}
        kinds |= {kind(each) for each in said.begins}
        held |= first
        if number <= at:
            held = (held - set(said.ends)) | set(said.begins)
    return sorted(held)


def kind(spelled: str) -> str:
    """Return what only one value can be of at a time."""
    found = _SINGLE.search(spelled)
    return spelled[: found.end()] if found else spelled
