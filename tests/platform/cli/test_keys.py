from __future__ import annotations

import json
from pathlib import Path

from tests.platform.cli.running import mnemos
from tests.process import mnemos_serve


async def test_a_key_is_shown_once_and_opens_the_server(tmp_path: Path) -> None:
    made = await mnemos(tmp_path, "keys", "create", "--role", "admin", "--name", "mine")
    secret = made.said.strip()
    assert secret.startswith("mnemos_")
    async with mnemos_serve(tmp_path):
        refused = await mnemos(tmp_path, "keys", "list")
        assert "MNEMOS" in refused.complaint or "API key" in refused.complaint
        listed = await mnemos(tmp_path, "keys", "list", "--json", MNEMOS_API_KEY=secret)
    (key,) = json.loads(listed.said)
    assert (key["name"], key["role"], key["revokedAt"]) == ("mine", "ADMIN", None)
    assert secret not in listed.said


async def test_a_key_that_is_revoked_opens_nothing(tmp_path: Path) -> None:
    made = await mnemos(tmp_path, "keys", "create", "--json")
    new = json.loads(made.said)
    ended = await mnemos(tmp_path, "keys", "revoke", new["key"]["id"])
    assert ended.status == 0
    async with mnemos_serve(tmp_path):
        refused = await mnemos(tmp_path, "keys", "list", MNEMOS_API_KEY=new["secret"])
    assert refused.status == 1
    assert "unknown or revoked" in refused.complaint


async def test_an_organization_is_made_with_its_first_key_and_has_keys_of_its_own(
    tmp_path: Path,
) -> None:
    assert (await mnemos(tmp_path, "keys", "create", "--org", "acme")).status == 0
    listed = await mnemos(tmp_path, "keys", "list", "--org", "acme", "--json")
    assert len(json.loads(listed.said)) == 1
    assert json.loads((await mnemos(tmp_path, "keys", "list", "--json")).said) == []
    unknown = await mnemos(tmp_path, "keys", "list", "--org", "acne")
    assert unknown.complaint.startswith("Error: There is no organization 'acne'")


async def test_another_organization_is_out_of_reach_while_a_server_runs(tmp_path: Path) -> None:
    async with mnemos_serve(tmp_path) as server:
        refused = await mnemos(tmp_path, "keys", "create", "--org", "acme")
    assert refused.status == 1
    assert f"which http://{server.address} holds" in refused.complaint
