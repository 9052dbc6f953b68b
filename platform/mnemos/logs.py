"""What the program says about itself, a line for each event.

Never what anybody remembers: a traceback is written with its places and the kind of its error, but
without the error's own words, which may quote what a caller sent.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType

from mnemos.settings import LogFormat, LogLevel

ExcInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None] | None
)


def set_up(level: LogLevel, form: LogFormat) -> None:
    """Write what is logged in this process to standard error, in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form is LogFormat.JSON else TextLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for loud in ("httpx", "httpcore", "chromadb", "uvicorn.error", "websockets"):
        logging.getLogger(loud).setLevel(max(logging.WARNING, logging.getLogger().level))


class TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = f"{_when(record)} {record.levelname:7} {record.name}: {record.getMessage()}"
        return "\n".join([line, *_places(record.exc_info)])


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": _when(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if places := _places(record.exc_info):
            told["error"] = places[-1]
            told["at_places"] = places[:-1]
        return json.dumps(told)


def _when(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _places(failure: ExcInfo) -> list[str]:
    """Return where an error came from, the innermost place last, and then what kind it is."""
    if not failure or failure[1] is None:
        return []
    error = failure[1]
    frames = traceback.extract_tb(error.__traceback__)
    return [f"  {each.filename}:{each.lineno} in {each.name}" for each in frames] + [
        f"  {_kinds(error)}"
    ]


def _kinds(error: BaseException) -> str:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    own = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"{own}, caused by {_kinds(cause)}" if cause else own
