"""Server-sent events, out of bytes as they arrive."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable


async def data_of(chunks: AsyncIterable[bytes]) -> AsyncGenerator[str, None]:
    """Yield the data of each event that is whole. Lines end with a line feed, as all send it."""
    data = list[str]()
    async for line in _lines(chunks):
        name, _, value = line.partition(b":")
        if name == b"data":
            data.append(value.removeprefix(b" ").decode("utf-8", "replace"))
        elif not line and data:
            yield "\n".join(data)
            data = []


async def _lines(chunks: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
    begun = list[bytes]()
    async for chunk in chunks:
        first, *others = chunk.split(b"\n")
        begun.append(first)
        for other in others:
            yield b"".join(begun).removesuffix(b"\r")
            begun = [other]
