"""Where a model is and how it is spoken to: what one URL of the settings says.

``PROVIDER:MODEL?option=value``, and for servers of one's own ``https://HOST/v1?model=MODEL``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from mnemos_graph.errors import BadInput
from mnemos_graph.language.models.prices import Price

SECONDS = 60.0
"""How long an answer may take where nothing else is said."""


class Held(StrEnum):
    """How a model is held to a schema."""

    SCHEMA = "schema"
    """The provider knows JSON schemas."""
    TOOL = "tool"
    """By a call that it must make."""
    JSON = "json"
    """It writes JSON, and is told the schema in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    provider: str
    model: str
    at: str | None = None
    """The address, without a slash at its end; None: the provider's own."""
    key: str | None = field(default=None, repr=False)
    held: Held | None = None
    """None: what is best with this provider."""
    effort: str | None = None
    """How much the model shall think, in the provider's words."""
    version: str | None = None
    """Of an API that wants one."""
    tokens: int | None = None
    """How long an answer may be, where that is less than what is asked for."""
    price: Price | None = None
    """What its operator says that it costs."""
    seconds: float = SECONDS

    @property
    def name(self) -> str:
        return f"{self.provider}:{self.model}"

    def longest(self, wanted: int) -> int:
        """Return how many tokens an answer may have that wants to have so many."""
        return wanted if self.tokens is None else min(wanted, self.tokens)

    @classmethod
    def read(cls, url: str, *, key: str | None = None, seconds: float = SECONDS) -> Self:
        """Read a URL; a key that stands in it is used in place of ``key``.

        Raises:
            BadInput: it names no model, or has an option that there is not.
        """
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        _check(options, _OPTIONS)
        provider, model, at = parts.scheme, unquote(parts.path).strip("/"), options.get("at")
        if parts.netloc:
            host = parts.netloc.rpartition("@")[2]
            key = unquote(parts.username) if parts.username else key
            if provider in _COMPATIBLE:
                at = f"{provider}://{host}{parts.path}"
                provider, model = "openai-compatible", options.get("model", "")
            else:
                at = f"https://{host}"
        if not model:
            raise BadInput("It names no model. Add it: PROVIDER:MODEL, or ?model=MODEL.")
        held = options.get("structured")
        if held is not None and held not in set(Held):
            raise BadInput(f"structured is one of {', '.join(Held)}.")
        return cls(
            provider=provider,
            model=model,
            at=at.rstrip("/") if at else None,
            key=key,
            held=Held(held) if held else None,
            effort=options.get("effort"),
            version=options.get("api-version"),
            tokens=_tokens(options["tokens"]) if "tokens" in options else None,
            price=Price.read_from(options["price"]) if "price" in options else None,
            seconds=seconds,
        )


_COMPATIBLE = frozenset({"http", "https"})
_OPTIONS = frozenset({"at", "model", "structured", "effort", "api-version", "price", "tokens"})


def _tokens(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not int(text):
        raise BadInput("tokens is how many an answer may have: a whole number.")
    return int(text)


def _check(options: Mapping[str, str], known: Collection[str]) -> None:
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}."
            raise BadInput(f"{name} is no option of a model; {hint}")
