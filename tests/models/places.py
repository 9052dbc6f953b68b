"""Where the providers of these tests are, and what opens a model there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from mnemos_graph.language.models.anthropic import open_anthropic
from mnemos_graph.language.models.gemini import open_gemini
from mnemos_graph.language.models.openai import open_azure, open_compatible, open_openai
from mnemos_graph.language.models.place import SECONDS, Place
from tests.models.dialects import (
    KEY,
    Anthropic,
    Azure,
    AzureDated,
    DeepSeek,
    Gemini,
    Ollama,
    OpenAI,
)
from tests.models.provider import Provider

DIALECTS = (Anthropic, OpenAI, Ollama, DeepSeek, Azure, AzureDated, Gemini)
KEYED = (Anthropic, OpenAI, Azure, AzureDated, Gemini)
"""Those that ask for a key."""
OPENS: Mapping[str, Callable[[Place], AbstractAsyncContextManager[Any]]] = {
    "anthropic": open_anthropic,
    "openai": open_openai,
    "openai-compatible": open_compatible,
    "azure": open_azure,
    "gemini": open_gemini,
}


def place_of(
    provider: Provider, more: str = "", *, key: str = KEY, seconds: float = SECONDS
) -> Place:
    """Return where a provider is, with more options."""
    return Place.read(provider.dialect.url.format(at=provider.at) + more, key=key, seconds=seconds)


def opened(place: Place) -> AbstractAsyncContextManager[Any]:
    return OPENS[place.provider](place)
