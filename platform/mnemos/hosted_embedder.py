"""The hosted embedder that the settings choose. Loaded only where they choose one."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from mnemos.schemes import chosen, named
from mnemos.settings import Settings, SettingsError
from mnemos_graph.errors import BadInput, Unusable
from mnemos_graph.language.hosted.embedder import HostedEmbedder, open_hosted_embedder
from mnemos_graph.language.hosted.place import EmbedderPlace


def place(settings: Settings, environ: Mapping[str, str] = os.environ) -> EmbedderPlace:
    """Return where the embedder is, with its key.

    Raises:
        SettingsError: its URL has no model, or an option that cannot be meant.
    """
    usual = (environ.get(name) for name in chosen(settings, "embedder").keys)
    key = settings.embedder_key or next(filter(None, usual), None)
    try:
        return EmbedderPlace.read(settings.embedder.whole, key=key)
    except BadInput as wrong:
        raise SettingsError(f"{named('embedder')} is {settings.embedder}: {wrong}") from wrong


@asynccontextmanager
async def open_embedder(settings: Settings) -> AsyncGenerator[HostedEmbedder, None]:
    """Open it.

    Raises:
        SettingsError: it cannot be used as it is set.
        TryLater: it is away, and has to say how many dimensions it has.
    """
    async with AsyncExitStack() as stack:
        try:
            opening = open_hosted_embedder(place(settings))
            embedder = await stack.enter_async_context(opening)
        except Unusable as wrong:
            raise SettingsError(
                f"{named('embedder')} is {settings.embedder}: {wrong} Look at it, and at "
                f"{named('embedder_key')}."
            ) from wrong
        yield embedder
