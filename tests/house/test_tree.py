"""What must hold for the files of this repository, whatever is in them."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_MODULE = 400
SOURCES = {".py", ".ts", ".tsx"}
ELSEWHERE = {
    "a path of somebody's machine": r"/(?:wor[k]|hom[e]|User[s])/\w+/|/roo[t]/\.|/opt/wheel[s]",
    "the address of a package registry": r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs",
}


def files() -> list[Path]:
    """Every file that is in the repository or would be added to it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("folder", ["platform", "schema", "graph"])
def test_a_source_root_is_no_package(folder: str) -> None:
    assert (ROOT / folder).is_dir()
    assert not (ROOT / folder / "__init__.py").exists(), "it would shadow what has its name"


def test_no_folder_of_tests_is_a_package() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_the_standard_library_keeps_its_platform_module() -> None:
    assert __import__("platform").python_implementation()


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    sources = [path for path in files() if path.suffix in SOURCES]
    lengths = {path: len(path.read_text().splitlines()) for path in sources}
    assert lengths
    assert {path: n for path, n in lengths.items() if n > LONGEST_MODULE} == {}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_no_file_names(what: str) -> None:
    pattern = re.compile(ELSEWHERE[what])
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in files()
        if (match := pattern.search(path.read_bytes().decode("utf-8", "ignore")))
    ]
    assert found == []
