"""Whole conversations imported with a language model over its wire, once and again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.models.provider import served as provided
from tests.models.reading import Reading
from tests.models.test_program import cost_of, served, settings, url
from tests.serving import Client

SAID = (
    ("Ann", "I moved to Ghent in January, and I work at Bluebell Studio."),
    ("Ben", "Nice! My sister Eva lives there."),
    ("Ann", "I adopted a dog called Biscuit yesterday."),
    ("Ben", "I'm allergic to dogs."),
    ("Ann", "I bought a red kayak last week."),
)
KNOWN = """{
  memories(first: 100) { edges { node { id text version } } }
  facts(first: 100) { edges { node { id statement } } }
}"""


def file() -> bytes:
    """Return three conversations of two sessions each, in LoCoMo's format."""
    said = [{"speaker": by, "text": text, "dia_id": f"D1:{n}"} for n, (by, text) in enumerate(SAID)]
    talk = {
        "speaker_a": "Ann",
        "speaker_b": "Ben",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": said,
        "session_2_date_time": "9:00 am on 9 June, 2023",
        "session_2": said[:3],
    }
    whole = [{"sample_id": f"talk-{n}", "conversation": talk, "qa": []} for n in range(3)]
    return json.dumps(whole).encode()


async def imported(client: Client) -> Any:
    """Import the file; return what its job cost."""
    told = await client.http.post("/import", content=file())
    return await cost_of(client, told.json()["jobId"])


async def test_a_file_is_read_by_a_model_once_however_often_it_is_imported(tmp_path: Path) -> None:
    async with provided(Reading()) as model:
        chosen = settings(tmp_path, url(model))
        async with served(chosen) as (_, client):
            first = await imported(client)
            known = await client.ask(KNOWN)
        asked = len(model.heard)
        async with served(chosen) as (_, client):
            assert await imported(client) is None
            assert await client.ask(KNOWN) == known
    assert (asked, len(model.heard)) == (6, 6)
    assert first["models"][0]["calls"] == 6
    assert first["dollars"] > 0
    texts = [each["node"]["text"] for each in known["memories"]["edges"]]
    assert sum("Biscuit" in text for text in texts) >= 3
    assert not any("Surely" in text for text in texts)
