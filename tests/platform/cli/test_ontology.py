from __future__ import annotations

import json
from pathlib import Path

from tests.platform.cli.running import mnemos

NEW = {
    "instructions": "Note wards.",
    "entityTypes": [{"name": "WARD"}],
    "factTypes": [{"name": "lies_in", "objects": ["WARD"]}],
    "closed": True,
}


async def test_an_ontology_is_set_from_a_file_shown_as_one_and_deleted(tmp_path: Path) -> None:
    file, data = tmp_path / "ontology.json", tmp_path / "data"
    file.write_text(json.dumps(NEW))
    assert "version 1" in (await mnemos(data, "ontology", "set", str(file))).said
    shown = (await mnemos(data, "ontology", "show")).said
    assert json.loads(shown)["factTypes"][0]["objects"] == ["WARD"]
    file.write_text(shown)
    assert "version 1" in (await mnemos(data, "ontology", "set", str(file))).said
    assert (await mnemos(data, "ontology", "delete")).status == 0
    assert "no ontology" in (await mnemos(data, "ontology", "show")).complaint


async def test_a_file_that_is_no_ontology_is_refused_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "ontology.json"
    file.write_text(json.dumps(NEW | {"entityTypes": [{"nam": "WARD"}]}))
    refused = await mnemos(tmp_path / "data", "ontology", "set", str(file))
    assert refused.status == 1
    assert "$.entityTypes[0]" in refused.complaint
    file.write_text(json.dumps(NEW | {"entityTypes": [{"name": "Ward"}]}))
    refused = await mnemos(tmp_path / "data", "ontology", "set", str(file))
    assert "entityTypes[0].name is 'Ward'" in refused.complaint
