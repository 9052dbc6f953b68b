"""How one process is set up: read once at start, checked, and passed down.

The environment wins over the TOML file named by ``MNEMOS_CONFIG``, else over ``mnemos.toml`` in the
data folder, whose keys are the names without ``MNEMOS_`` in lower case.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, get_args, get_type_hints

import platformdirs

from mnemos.part_url import PartUrl

PREFIX = "MNEMOS_"
FILE = "mnemos.toml"

ELSEWHERE: Mapping[str, str] = {
    "MNEMOS_CONFIG": "The TOML file with settings; else `mnemos.toml` in the data folder.",
    "MNEMOS_URL": "For clients and commands: the server to speak to.",
    "MNEMOS_API_KEY": "For clients and commands: the key to speak with.",
}
"""Names that are no setting of the server, and what they mean."""


class SettingsError(Exception):
    """What is set does not describe a process that can start."""


class Secret(str):
    """Text that does not show itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('***')" if self else "Secret('')"


NO_SECRET = Secret("")


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class YesNo(StrEnum):
    YES = "yes"
    NO = "no"


class OnOff(StrEnum):
    ON = "on"
    OFF = "off"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


def data_folder() -> Path:
    """Return the user's own data folder."""
    return platformdirs.user_data_path("mnemos")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    host: Annotated[str, "The address to listen at. Any other than this machine's needs a key."] = (
        "127.0.0.1"
    )
    port: Annotated[int, "The port to listen at. 0: any free one."] = 8080
    data: Annotated[Path, "The folder that everything is kept in."] = field(
        default_factory=data_folder
    )
    workers: Annotated[
        int, "Processes that answer. More than 1 need servers for `store`, `vectors` and `bus`."
    ] = 1
    store: Annotated[
        PartUrl,
        "Where records and the log are kept: `sqlite:`, in the data folder; "
        "`neo4j://USER:PASSWORD@HOST:7687`, also `neo4j+s:` and `bolt:`.",
    ] = PartUrl("sqlite:")
    bus: Annotated[
        PartUrl,
        "What carries changes and jobs between processes: `local:`, this one alone; "
        "`redis://HOST:6379`, also `rediss:`, `redis+sentinel:` and `redis+cluster:`.",
    ] = PartUrl("local:")
    vectors: Annotated[
        PartUrl,
        "What searches widely by meaning: `chroma:`, in the data folder; `http://HOST:8000` or "
        "`https:`, Chroma's server; `none:`.",
    ] = PartUrl("chroma:")
    embedder: Annotated[
        PartUrl,
        "What finds by meaning: `local:`, all-MiniLM-L6-v2 in this process; `openai:MODEL`; "
        "`https://HOST/v1?model=MODEL`, a server that speaks as OpenAI does; `none:`.",
    ] = PartUrl("local:")
    embedder_key: Annotated[
        Secret, "The key of such an embedder; OpenAI's may be in `OPENAI_API_KEY`."
    ] = NO_SECRET
    embedder_previous: Annotated[
        PartUrl,
        "What `embedder` was before: asked until every memory has the vectors of the new one. "
        "Without it, until then only words find what has none.",
    ] = PartUrl("none:")
    embedder_previous_key: Annotated[Secret, "The key of that one, as `embedder_key`."] = NO_SECRET
    rerank: Annotated[
        OnOff,
        "Whether the best of a recall are looked at again word by word, by vectors of their words, "
        "which take about 2 KB a memory: `on` or `off`.",
    ] = OnOff.ON
    model: Annotated[
        PartUrl,
        "What understands what is told: `offline:`, patterns of English and of a few sentences of "
        "other languages; `none:`, verbatim only; a language model: `anthropic:MODEL`, "
        "`openai:MODEL`, `gemini:MODEL`, "
        "`azure://RESOURCE.openai.azure.com/NAME`, `https://HOST/v1?model=MODEL`; several by commas, "
        "each for when those before it cannot answer.",
    ] = PartUrl("offline:")
    model_key: Annotated[
        Secret,
        "The model's key; several by commas, in the order of the models. Where there is none, it is "
        "in the provider's own variable, such as `ANTHROPIC_API_KEY`.",
    ] = NO_SECRET
    model_seconds: Annotated[float, "How long an answer of a language model may take."] = 60.0
    model_at_once: Annotated[int, "How often each language model is asked at the same time."] = 10
    model_requests: Annotated[
        int,
        "Requests a minute to each language model, from all processes over one `bus`. 0: no limit.",
    ] = 0
    model_tokens: Annotated[
        int, "Tokens a minute, read and written, by each language model, likewise. 0: no limit."
    ] = 0
    working_hours: Annotated[
        float, "How long a memory of type WORKING is kept that has been given no expiry."
    ] = 24.0
    levels: Annotated[
        YesNo, "Whether memories move up and down levels by use and importance: `yes` or `no`."
    ] = YesNo.YES
    consolidate: Annotated[
        OnOff,
        "Whether what is known is improved in the background, where nobody has written for 15 "
        "minutes (repeats, names, summaries of entities): `on` or `off`.",
    ] = OnOff.ON
    unused_days: Annotated[
        int, "Days without use after which what was told and is CONTEXTUAL is deleted. 0: never."
    ] = 0
    redis_may_forget: Annotated[
        YesNo, "Whether a Redis will do that keeps nothing on disk: `yes` or `no`."
    ] = YesNo.NO
    jobs_at_once: Annotated[int, "Jobs that one process works on at the same time."] = 4
    cache_bytes: Annotated[
        int, "What a process keeps of the records that a server holds. 0: nothing."
    ] = 100_663_296
    answer_bytes: Annotated[
        int, "What a process keeps of the answers that it gave, to give them again. 0: nothing."
    ] = 33_554_432
    start_seconds: Annotated[float, "How long a start waits for a server that is away."] = 10.0
    log_level: Annotated[LogLevel, "From where on to log: `debug`, `info`, `warning`, `error`."] = (
        LogLevel.INFO
    )
    log_format: Annotated[LogFormat, "A line of `text` or of `json` for each event."] = (
        LogFormat.TEXT
    )
    index_bytes: Annotated[int, "What the indexes that are kept ready may take of the memory."] = (
        201_326_592
    )
    exact_scan: Annotated[
        int, "Memories of an organization up to which all of them are compared, without `vectors`."
    ] = 100_000
    documents: Annotated[
        str,
        "A file with documents that clients ask for by name: a JSON object of them, or a manifest of "
        "Apollo's.",
    ] = ""
    documents_only: Annotated[
        YesNo, "Whether no other documents are answered than those: `yes` or `no`."
    ] = YesNo.NO
    explore: Annotated[
        OnOff,
        "Whether callers may look around: the explorer's page, introspection, names suggested where "
        "one is misspelt, GET without a sign that no other site's page sent it. `on`, or `off` for "
        "production.",
    ] = OnOff.ON
    body_bytes: Annotated[int, "The largest body of a GraphQL request."] = 1_048_576
    import_bytes: Annotated[int, "The largest file that `POST /import` takes."] = 536_870_912
    frame_bytes: Annotated[int, "The largest message of a WebSocket client."] = 65_536
    operation_seconds: Annotated[float, "How long a query or mutation may take."] = 10.0
    stop_seconds: Annotated[float, "How long a stop waits for what was accepted."] = 10.0
    key_rate: Annotated[int, "Requests a second with one API key. 0: no limit."] = 100
    address_rate: Annotated[int, "Requests a second without a key, from one address. 0: none."] = 10

    @classmethod
    def load(cls, given: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Self:
        """Return the settings of ``given`` over ``environ`` over the file.

        Raises:
            SettingsError: a name is unknown, a value cannot be read, or the file cannot.
        """
        values = dict(given)
        for name, text in _named(environ).items():
            values.setdefault(name, _read(PREFIX + name.upper(), name, text))
        folder = values.get("data") or data_folder()
        for name, value in _from_file(environ, folder).items():
            values.setdefault(name, value)
        settings = cls(**values)
        _check_ranges(settings)
        return settings

    @classmethod
    def describe(cls) -> list[tuple[str, type, str]]:
        """Return the name, type and meaning of every setting."""
        hints = get_type_hints(cls, include_extras=True)
        return [(each.name, *get_args(hints[each.name])) for each in fields(cls)]


_RANGES: tuple[tuple[str, int, int], ...] = (
    ("port", 0, 65_535),
    ("workers", 1, 256),
    ("working_hours", 0, 87_600),
    ("unused_days", 0, 36_500),
    ("jobs_at_once", 1, 1_000),
    ("cache_bytes", 0, 2**40),
    ("answer_bytes", 0, 2**40),
    ("start_seconds", 0, 3_600),
    ("model_seconds", 1, 3_600),
    ("model_at_once", 1, 1_000),
    ("model_requests", 0, 10**9),
    ("model_tokens", 0, 10**9),
    ("index_bytes", 0, 2**40),
    ("exact_scan", 0, 10**9),
    ("body_bytes", 1_024, 2**30),
    ("import_bytes", 1_024, 2**40),
    ("frame_bytes", 1_024, 2**30),
    ("operation_seconds", 0, 3_600),
    ("stop_seconds", 0, 3_600),
    ("key_rate", 0, 10**9),
    ("address_rate", 0, 10**9),
)


def _check_ranges(settings: Settings) -> None:
    for name, least, most in _RANGES:
        value = getattr(settings, name)
        if not least <= value <= most:
            raise SettingsError(f"{PREFIX}{name.upper()} is {value}. Give {least} to {most:,}.")


def _named(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return what the environment sets, by the names of settings."""
    known = {PREFIX + name.upper(): name for name, _, _ in Settings.describe()}
    found = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable in ELSEWHERE:
            continue
        if variable not in known:
            raise SettingsError(
                f"{variable} is not a setting{_hint(variable, [*known, *ELSEWHERE])}"
            )
        found[known[variable]] = text
    return found


def _from_file(environ: Mapping[str, str], folder: Path) -> Mapping[str, Any]:
    named = environ.get("MNEMOS_CONFIG")
    path = Path(named) if named else folder / FILE
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as missing:
        if named:
            raise SettingsError(f"MNEMOS_CONFIG names {path}, which is not there.") from missing
        return {}
    except (OSError, ValueError) as wrong:
        raise SettingsError(f"{path} cannot be read: {wrong}.") from wrong
    known = {name: name for name, _, _ in Settings.describe()}
    for name in values:
        if name not in known:
            raise SettingsError(f"{name} in {path} is not a setting{_hint(name, known)}")
    if "data" in values and not named:
        raise SettingsError(f"data cannot be set in {path}, which is found by it.")
    return {name: _read(f"{name} in {path}", name, value) for name, value in values.items()}


def _read(told: str, name: str, value: object) -> Any:
    """Return ``value`` as the setting's type; ``told`` is what to call it in a complaint."""
    kinds = {known: kind for known, kind, _ in Settings.describe()}
    kind = kinds[name]
    try:
        return kind(str(value))
    except ValueError as wrong:
        if issubclass(kind, StrEnum):
            raise SettingsError(f"{told} is {value!r}. Give one of {', '.join(kind)}.") from wrong
        raise SettingsError(f"{told} is {value!r}, which is no {_NUMBERS[kind]}.") from wrong


_NUMBERS: Mapping[type, str] = {int: "whole number", float: "number"}


def _hint(name: str, known: Iterable[str]) -> str:
    bare = {each.removeprefix(PREFIX): each for each in known}
    near = get_close_matches(name.removeprefix(PREFIX), bare, n=1)
    return f"; did you mean {bare[near[0]]}?" if near else ". docs/settings.md lists them."
