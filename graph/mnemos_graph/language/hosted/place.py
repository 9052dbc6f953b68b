"""Where an embedding model is, and what is known of it: what the URL of the settings says."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from mnemos_graph.errors import BadInput

OPENAI = "https://api.openai.com/v1"
_RANGES = {"dimensions": (8, 16_384), "window": (100, 30_000), "batch": (1, 2_048)}
_OPTIONS = ("model", "at", *_RANGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderPlace:
    model: str
    at: str
    key: str | None = field(default=None, repr=False)
    dimensions: int | None = None
    """None: the model is asked when it is opened."""
    window: int = 2_000
    """Characters that the model reads at once; a longer text has a row for each window of them."""
    batch: int = 32
    """Windows in a request: what the most modest server takes."""
    shortens: bool = False
    """Whether the model is told how many dimensions it shall give."""

    @classmethod
    def read(cls, url: str, *, key: str | None = None) -> Self:
        """Read a URL; a key that stands in it is used in place of ``key``.

        Raises:
            BadInput: it names no model, or has an option or a number that cannot be meant.
        """
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        for name in options:
            if name not in _OPTIONS:
                near = get_close_matches(name, _OPTIONS, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_OPTIONS)}."
                raise BadInput(f"{name} is no option of an embedder; {hint}")
        numbers = {name: _number(name, options[name]) for name in _RANGES if name in options}
        if parts.scheme == "openai":
            model, at = parts.path, options.get("at", OPENAI)
        else:
            host = parts.netloc.rpartition("@")[2]
            model, at = options.get("model", ""), f"{parts.scheme}://{host}{parts.path}"
        if not model:
            raise BadInput("It names no model. Add it: https://HOST/v1?model=MODEL.")
        key = unquote(parts.username) if parts.username else key
        shortens = parts.scheme == "openai" and "dimensions" in numbers
        return cls(model=model, at=at.rstrip("/"), key=key, shortens=shortens, **numbers)


def _number(name: str, text: str) -> int:
    least, most = _RANGES[name]
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
        raise BadInput(f"{name} is {least} to {most:,}.")
    return int(text)
