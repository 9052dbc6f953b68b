"""`mnemos migrate`: what was told to one store is known to the other, and to that one alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mnemos.settings import Settings
from mnemos.wiring import open_store
from mnemos_graph.identity import LOCAL
from mnemos_graph.store.copying import Seal
from tests.platform.cli.running import mnemos
from tests.process import mnemos_serve

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
async def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    told = await mnemos(folder, "remember", "--verbatim", "Ada lives in Porto.")
    assert told.status == 0
    return folder


async def test_everything_moves_and_the_old_store_is_not_served_any_more(
    old: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    await mnemos(old, "keys", "create", "--org", "acme")
    moved = await mnemos(old, "migrate", "--from", "sqlite:", "--to", f"sqlite:{new}", "--json")
    (told,) = json.loads(moved.said)
    assert (told["organization"], told["epoch"]) == (LOCAL.id, 2)
    assert told["rows"]["versions"] > 0
    known = await mnemos(new, "recall", "Where does Ada live?")
    assert "Ada lives in Porto." in known.said
    assert len(json.loads((await mnemos(new, "keys", "list", "--org", "acme", "--json")).said)) == 1
    refused = await mnemos(old, "recall", "Where does Ada live?")
    assert refused.status == 1
    assert "`mnemos migrate` moved everything" in refused.complaint


async def test_it_tells_a_person_what_was_moved(old: Path, tmp_path: Path) -> None:
    moved = await mnemos(old, "migrate", "--from", "sqlite:", "--to", f"sqlite:{tmp_path / 'new'}")
    assert "Every row was compared." in moved.said
    assert "the log goes on at" in moved.said


async def test_a_folder_that_a_server_holds_is_not_moved(old: Path, tmp_path: Path) -> None:
    async with mnemos_serve(old):
        refused = await mnemos(
            old, "migrate", "--from", "sqlite:", "--to", f"sqlite:{tmp_path}/new"
        )
    assert "is held by the Mnemos server" in refused.complaint


async def test_an_interrupted_migration_can_be_given_up(old: Path) -> None:
    async with open_store(Settings.load({"data": old})) as store:
        await store.copying.seal(LOCAL.id, Seal.MOVING)
    sealed = await mnemos(old, "remember", "--verbatim", "Ada moved to Lisbon.")
    assert "being moved to another store" in sealed.complaint
    given_up = await mnemos(old, "migrate", "--from", "sqlite:", "--give-up")
    assert given_up.said == "Open again: local.\n"
    assert (await mnemos(old, "remember", "--verbatim", "Ada moved to Lisbon.")).status == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from", "sqlite:", "--to", "sqlite:"], "--from and --to are one store"),
        (["--from", "sqlite:", "--to", "sqlit:"], "Did you mean sqlite:"),
        (["--from", "sqlite:"], "Give --to"),
        (["--from", "sqlite:", "--to", "sqlite:{elsewhere}", "--org", "acne"], "acne"),
    ],
)
async def test_what_cannot_be_moved_is_said_in_a_line(
    old: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    given = [each.format(elsewhere=tmp_path / "new") for each in arguments]
    refused = await mnemos(old, "migrate", *given)
    assert refused.status != 0
    assert told in refused.complained
