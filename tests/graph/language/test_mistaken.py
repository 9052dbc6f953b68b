"""Sentences that look like a fact and state none, or another: a wrong one ends what is true."""

from __future__ import annotations

import pytest

from mnemos_graph.language.extractor import Turn
from mnemos_graph.language.offline.extractor import read
from tests.graph.language.scoring import SAID

NONE = """
I work at night and live for music.
I'm from the IT department.
I live in the moment.
I'm living in Excel these days.
I have a Zoom call with Anna at 3.
I have an Amazon order that never arrived.
I have a Spanish exam tomorrow.
I have three kids in my class.
I have cancer in my family.
I bought a Kindle book yesterday.
I use Monday mornings to plan.
I lost my keys at Tesco.
I left Berlin this morning.
I left Acme at six.
I joined the call late.
I joined Anna for lunch.
I joined Slack in 2016.
I moved the meeting to Friday.
I moved to Sales.
I moved to Slack from Teams.
We moved to React last year.
I'm working at Starbucks today.
I also work at Starbucks.
I usually live in Rome in winter.
I'm a singer in my spare time.
I started Harry Potter last night.
I'm a big believer in tests.
I take sugar in my coffee.
I turned 180 degrees.
I'm 5 minutes away.
I'm married to the job.
Tom and I got lunch.
Anna and I are together in this project.
Kim and I broke up the fight.
I gave Tom a lift.
I stopped by Target.
I sold my soul.
I come from a family of doctors.
My boss is Anna's brother.
My company moved to Dublin.
My brother works at Bosch, my other brother too.
My address is wrong in the form.
My home is my castle.
It's Tuesday, not Monday.
Paris is lovely. She never sleeps.
His sister Eva lives in the moment.
I'll start at Apple in June.
I applied to Apple.
I got a job offer from Apple.
I might work at Apple soon.
I told her I live in Oslo.
She thinks I live in Oslo.
It's not true that I live in Oslo.
I doubt I live in the same Oslo as you.
Uncle Sam wants taxes.
"""


@pytest.mark.parametrize("said", NONE.strip().splitlines())
def test_what_only_looks_like_a_fact_states_none(said: str) -> None:
    assert read(Turn(text=said, occurred_at=SAID)).facts == ()


@pytest.mark.parametrize(
    ("said", "stated"),
    [
        ("I'm from the Netherlands.", {"from"}),
        ("My boss is German.", {"nationality"}),
        ("I love my wife Julia.", {"married_to"}),
        ("My work email is a@b.org.", {"work_email"}),
        ("I left Acme in April.", {"works_at"}),
        ("I bought a Tesla last week.", {"owns"}),
        ("My wife and I live in Oslo.", {"lives_in"}),
        ("I live in Bergen but I might move.", {"lives_in"}),
        ("I joined Siemens in 2019 as an engineer.", {"works_at", "job"}),
    ],
)
def test_what_is_beside_it_is_stated(said: str, stated: set[str]) -> None:
    assert {each.predicate for each in read(Turn(text=said, occurred_at=SAID)).facts} == stated
