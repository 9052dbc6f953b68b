from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mnemos.schemes import check
from mnemos.settings import ELSEWHERE, PREFIX, LogFormat, OnOff, Settings, SettingsError
from mnemos_graph.memory.services import Parts
from tests.conformance.memory_store import MemoryStore

DOC = Path(__file__).parents[2] / "docs" / "settings.md"


def load(folder: Path, **environ: str) -> Settings:
    return Settings.load({"data": folder}, environ)


def shown(name: str, default: object) -> str:
    if name == "data":
        return "the user’s data folder "
    return f"`{default}` " if str(default) else ""


def test_every_setting_is_documented_with_its_default() -> None:
    rows = [row for row in DOC.read_text().splitlines() if row.startswith("| `MNEMOS_")]
    told = [
        f"| `{PREFIX}{name.upper()}` | {shown(name, default)}| {meaning} |"
        for name, default, meaning in (
            (name, getattr(Settings(), name), meaning) for name, _, meaning in Settings.describe()
        )
    ]
    told += [f"| `{name}` | | {meaning} |" for name, meaning in ELSEWHERE.items()]
    assert rows == told


def test_the_environment_wins_over_the_file_and_what_is_given_over_both(tmp_path: Path) -> None:
    (tmp_path / "mnemos.toml").write_text('port = 1\nlog_format = "json"\nhost = "::1"\n')
    settings = Settings.load(
        {"data": tmp_path, "port": 3}, {"MNEMOS_PORT": "2", "MNEMOS_HOST": "x"}
    )
    assert (settings.port, settings.host, settings.log_format) == (3, "x", LogFormat.JSON)


def test_a_file_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(f'data = "{tmp_path}"\n')
    settings = Settings.load({}, {"MNEMOS_CONFIG": str(tmp_path / "mine.toml")})
    assert settings.data == tmp_path


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"MNEMOS_PROT": "1"}, "MNEMOS_PROT is not a setting; did you mean MNEMOS_PORT?"),
        ({"MNEMOS_APIKEY": "1"}, "did you mean MNEMOS_API_KEY?"),
        ({"MNEMOS_XYZZY": "1"}, "MNEMOS_XYZZY is not a setting. docs/settings.md lists them."),
        ({"MNEMOS_PORT": "80a"}, "MNEMOS_PORT is '80a', which is no whole number."),
        ({"MNEMOS_PORT": "65536"}, "MNEMOS_PORT is 65536. Give 0 to 65,535."),
        ({"MNEMOS_OPERATION_SECONDS": "nan"}, "MNEMOS_OPERATION_SECONDS is nan."),
        ({"MNEMOS_LOG_LEVEL": "loud"}, "Give one of debug, info, warning, error."),
        ({"MNEMOS_CONFIG": "/nowhere/x.toml"}, "MNEMOS_CONFIG names /nowhere/x.toml"),
    ],
)
def test_what_cannot_be_meant_stops_the_start(
    tmp_path: Path, environ: Mapping[str, str], told: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, **environ)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("prot = 1", "did you mean port?"),
        ("port = true", "is no whole number"),
        ("port =", "cannot be read"),
        ('data = "/elsewhere"', "data cannot be set"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "mnemos.toml").write_text(text)
    with pytest.raises(SettingsError) as refused:
        load(tmp_path)
    assert told in str(refused.value)
    assert str(tmp_path / "mnemos.toml") in str(refused.value)


@pytest.mark.parametrize("url", ["sqlit:", "sqlite", "sqlite:///x", ""])
def test_a_part_that_does_not_exist_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match=r"MNEMOS_STORE is .* Give sqlite:"):
        check(load(tmp_path, MNEMOS_STORE=url))


def test_all_defaults_name_parts_that_exist(tmp_path: Path) -> None:
    check(load(tmp_path))


def test_where_nothing_is_set_the_memory_itself_would_choose_the_same(tmp_path: Path) -> None:
    settings, parts = load(tmp_path), Parts(store=MemoryStore())
    assert (settings.index_bytes, settings.exact_scan) == (parts.index_bytes, parts.exact_scan)
    assert (settings.rerank is OnOff.ON) is parts.rerank


SERVERS = {
    "MNEMOS_STORE": "neo4j://neo4j:hunter2@db:7687",
    "MNEMOS_VECTORS": "http://vectors:8000",
    "MNEMOS_BUS": "redis://:hunter2@cache:6379",
}


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("MNEMOS_STORE", "bolt://neo4j:x@db"),
        ("MNEMOS_STORE", "neo4j+s://neo4j:x@db/live"),
        ("MNEMOS_BUS", "rediss://cache"),
        ("MNEMOS_BUS", "redis+sentinel://a:1,b:2/live"),
        ("MNEMOS_BUS", "redis+cluster://a:1"),
        ("MNEMOS_VECTORS", "https://token@vectors"),
        ("MNEMOS_VECTORS", "none:"),
    ],
)
def test_several_workers_may_stand_on_servers(tmp_path: Path, name: str, url: str) -> None:
    check(load(tmp_path, MNEMOS_WORKERS="2", **SERVERS | {name: url}))


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        (
            {"MNEMOS_WORKERS": "2", "MNEMOS_STORE": "sqlite:"},
            "only one process may own MNEMOS_STORE sqlite:. Set MNEMOS_STORE to neo4j://",
        ),
        ({"MNEMOS_WORKERS": "2", "MNEMOS_VECTORS": "chroma:"}, "Set MNEMOS_VECTORS to http://"),
        ({"MNEMOS_WORKERS": "2", "MNEMOS_BUS": "local:"}, "Set MNEMOS_BUS to redis://"),
        ({"MNEMOS_STORE": "sqlite:"}, "MNEMOS_BUS is redis://***@cache:6379, between processes"),
        ({"MNEMOS_VECTORS": "chroma:"}, "or MNEMOS_BUS to local:."),
        ({"MNEMOS_STORE": "neo4j:"}, "without a place. Give neo4j://USER:PASSWORD@HOST:7687."),
        ({"MNEMOS_BUS": "redis://"}, "without a place. Give redis://HOST:6379."),
        ({"MNEMOS_STORE": "neo4k://neo4j:hunter2@db"}, "Did you mean neo4j:?"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    tmp_path: Path, environ: Mapping[str, str], told: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        check(load(tmp_path, **(SERVERS | dict(environ))))
    assert told in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_settings_never_show_a_password(tmp_path: Path) -> None:
    assert "hunter2" not in repr(load(tmp_path, **SERVERS))
