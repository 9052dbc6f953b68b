"""What the commands do with a memory: over a server, and where none runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from mnemos.cli.group import TRY_LATER
from tests.platform.cli.running import mnemos
from tests.platform.importing.samples import CLAUDE, LOCOMO
from tests.process import mnemos_serve

NO_MODEL = {"MNEMOS_EMBEDDER": "none:"}


@pytest.fixture(params=["over a server", "alone"])
async def folder(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Path]:
    folder = tmp_path / "data"
    async with mnemos_serve(folder) if request.param == "over a server" else nullcontext():
        yield folder


def listing(folder: Path) -> set[Path]:
    return set(folder.iterdir())


async def lines(folder: Path, *args: str) -> list[dict[str, Any]]:
    ran = await mnemos(folder, *args, **NO_MODEL)
    assert ran.status == 0, ran.complained
    return [json.loads(line) for line in ran.said.splitlines()]


async def test_what_is_remembered_is_recalled(folder: Path) -> None:
    told = ("remember", "-", "--user", "ana", "--verbatim", "--json")
    ran = await mnemos(folder, *told, given="The blue kayak is in the shed", **NO_MODEL)
    assert json.loads(ran.said)["decisions"][0]["action"] == "ADD"
    (found,) = await lines(folder, "recall", "kayak", "--user", "ana", "--json")
    assert [hit["memory"]["text"] for hit in found["hits"]] == ["The blue kayak is in the shed"]
    plain = await mnemos(folder, "recall", "kayak", "--user", "ana", "--explain", **NO_MODEL)
    assert "The blue kayak is in the shed" in plain.said
    assert "TEXT" in plain.said


async def test_a_file_goes_in_and_comes_out(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(json.dumps(LOCOMO))
    taken = ("import", str(tmp_path / "in.json"), "--verbatim", "--json")
    (done,) = await lines(folder, *taken)
    assert (done["job"]["done"], done["brokenCount"]) == (3, 0)
    (again,) = await lines(folder, *taken)
    assert again["job"]["id"] == done["job"]["id"]
    await lines(folder, "export", str(tmp_path / "out.jsonl"))
    header, *rest = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    assert header["format"] == "mnemos"
    assert len(rest) == 6
    assert await lines(folder, "export", "-") == [header, *rest]


async def test_what_is_broken_is_named_on_the_side(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "good"}\n{"text": 1}\n')
    ran = await mnemos(tmp_path, "import", str(tmp_path / "in.jsonl"), **NO_MODEL)
    assert ran.status == 0
    assert ran.said == "in.jsonl: 1 taken in, 1 broken.\n"
    assert ran.complained.startswith("line 2: ")


async def test_an_import_that_is_refused_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(json.dumps(CLAUDE))
    ran = await mnemos(tmp_path, "import", str(tmp_path / "in.json"), **NO_MODEL)
    assert ran.status == 1
    assert "Give --user" in ran.complaint


async def test_an_export_that_cannot_be_made_leaves_no_file(tmp_path: Path) -> None:
    before = listing(tmp_path)
    out = str(tmp_path / "out.jsonl")
    ran = await mnemos(tmp_path, "export", out, MNEMOS_URL="http://127.0.0.1:9")
    assert ran.status == TRY_LATER
    assert listing(tmp_path) == before


async def test_reindexing_says_how_many_can_be_found(tmp_path: Path) -> None:
    kept = await mnemos(tmp_path, "remember", "a boat", "--verbatim")
    assert kept.status == 0
    ran = await mnemos(tmp_path, "reindex")
    assert ran.said == "1 memories can be found by meaning.\n"
    refused = await mnemos(tmp_path, "reindex", **NO_MODEL)
    assert "MNEMOS_EMBEDDER" in refused.complaint


async def test_the_bench_leaves_nothing_behind(tmp_path: Path) -> None:
    asked = {"question": "What did Ida plant?", "answer": "", "evidence": ["D1:1"], "category": 4}
    (tmp_path / "in.json").write_text(json.dumps([{**LOCOMO[0], "qa": [asked]}]))
    folder, temporary = tmp_path / "data", tmp_path / "temporary"
    temporary.mkdir()
    ran = await mnemos(
        folder,
        *("bench", "recall", str(tmp_path / "in.json"), "--json"),
        TMPDIR=str(temporary),
        **NO_MODEL,
    )
    measured = json.loads(ran.said)
    assert measured["turns"] == 3
    assert measured["figures"]["mnemos"]["all_questions"]["figures"]["recall@5"] == 1
    told = await mnemos(folder, "bench", "recall", str(tmp_path / "in.json"), **NO_MODEL)
    assert "R@10" in told.said
    assert "T2000" in told.said
    assert not folder.exists()
    assert listing(temporary) == set()


async def test_a_dry_run_says_what_would_be_decided_and_keeps_nothing(tmp_path: Path) -> None:
    ran = await mnemos(tmp_path, "remember", "I live in Oslo.", "--dry-run", **NO_MODEL)
    assert "ADD" in ran.said
    (found,) = await lines(tmp_path, "recall", "Oslo", "--json")
    assert found["hits"] == []


async def test_consolidating_says_how_much_is_better(tmp_path: Path) -> None:
    for text in ("Lena lives in Porto. Lena works at Acme.", "Lena has a cat named Milo."):
        await mnemos(tmp_path, "remember", text, "--user", "ann", **NO_MODEL)
    ran = await mnemos(tmp_path, "consolidate", "--user", "ann", **NO_MODEL)
    assert ran.said == "Changed: 1.\n"
    again = await mnemos(tmp_path, "consolidate", "--user", "ann", **NO_MODEL)
    assert again.said == "Nothing to improve.\n"
