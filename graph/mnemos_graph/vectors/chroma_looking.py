"""What a person should know of a Chroma server before or while it is used."""

from __future__ import annotations

from mnemos_graph.looking import Looked, ahead, now_seconds
from mnemos_graph.vectors.chroma_rest import chroma_rest


async def look_at_chroma(url: str) -> Looked:
    """Return what is there.

    Raises:
        BadInput: that is no such URL, the server wants another token, or it is too old.
        Unavailable: it does not answer.
    """
    async with chroma_rest(url) as rest:
        await rest.check()
        version = await rest.ask("GET", "/api/v2/version")
        asked = now_seconds()
        beat = await rest.ask("GET", "/api/v2/heartbeat")
        clock = ahead(beat["nanosecond heartbeat"] / 1e9, asked, now_seconds())
    return Looked(version=f"Chroma's interface {version}", ahead_seconds=clock)
