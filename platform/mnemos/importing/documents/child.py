"""The process that reads one document, whatever it does to its reader.

It is given the file as its standard input, bounds what it may take of the machine before it loads
any reader, and writes what it found, or why nothing, as one JSON value.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Mapping
from importlib import import_module

import msgspec

SECONDS = 60
"""Of computing."""
BYTES = 1_500_000_000
"""Of address space, the program itself included."""

READERS: Mapping[str, str] = {
    "html": "mnemos.importing.documents.web:read_html",
    "pdf": "mnemos.importing.documents.pdf:read_pdf",
}
"""Loaded only once the limits stand."""
_UNPACKS = "The document unpacks to more than can be read. Split it."
_DAMAGED = "The document is damaged. Save it anew, and import that."


class Refusal(msgspec.Struct, frozen=True):
    refused: str
    too_much: bool


def main(form: str) -> bytes:
    """Return what is found in standard input, encoded."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    errors = import_module("mnemos_graph.errors")
    module, _, name = READERS[form].partition(":")
    reader = getattr(import_module(module), name)
    try:
        return msgspec.json.encode(reader(sys.stdin.buffer.read()))
    except errors.Refused as refused:
        too_much = isinstance(refused, errors.TooMuch)
        return msgspec.json.encode(Refusal(str(refused), too_much))
    except MemoryError:
        return msgspec.json.encode(Refusal(_UNPACKS, too_much=True))
    except Exception:  # noqa: BLE001 - whatever its reader stumbles over, the file is not read
        return msgspec.json.encode(Refusal(_DAMAGED, too_much=False))


if __name__ == "__main__":
    sys.stdout.buffer.write(main(sys.argv[1]))
