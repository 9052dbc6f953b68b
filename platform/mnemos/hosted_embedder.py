"""The hosted embedder that the settings choose. Loaded only where they choose one."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from mnemos.part_url import PartUrl
from mnemos.schemes import chosen, named
from mnemos.settings import Settings, SettingsError
from mnemos_graph.errors import BadInput, Unusable
from mnemos_graph.language.hosted.embedder import HostedEmbedder, open_hosted_embedder
from mnemos_graph.language.hosted.place import EmbedderPlace


def place(
    settings: Settings, environ: Mapping[str, str] = os.environ, *, part: str = "embedder"
) -> EmbedderPlace:
    """Return where the embedder is, with its key; ``part`` is the setting that names it.

    Raises:
        SettingsError: its URL has no model, or an option that cannot be meant.
    """
    usual = (environ.get(name) for name in chosen(settings, part).keys)
    url: PartUrl = getattr(settings, part)
    key = getattr(settings, f"{part}_key") or next(filter(None, usual), None)
    try:
        return EmbedderPlace.read(url.whole, key=key)
    except BadInput as wrong:
        raise SettingsError(f"{named(part)} is {url}: {wrong}") from wrong


@asynccontextmanager
async def open_embedder(
    settings: Settings, *, part: str = "embedder"
) -> AsyncGenerator[HostedEmbedder, None]:
    """Open it.

    Raises:
        SettingsError: it cannot be used as it is set.
        TryLater: it is away, and has to say how many dimensions it has.
    """
    async with AsyncExitStack() as stack:
        try:
            opening = open_hosted_embedder(place(settings, part=part))
            embedder = await stack.enter_async_context(opening)
        except Unusable as wrong:
            raise SettingsError(
                f"{named(part)} is {getattr(settings, part)}: {wrong} Look at it, and at "
                f"{named(f'{part}_key')}."
            ) from wrong
        yield embedder
