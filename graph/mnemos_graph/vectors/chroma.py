"""Chroma embedded in this process: vectors in a folder that no other process may open.

Whatever is asked of it runs on one thread of its own. Importing this module loads Chroma, which
takes a second or two: import it when the first organization needs it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError
from numpy.typing import NDArray

from mnemos_graph.errors import Unavailable
from mnemos_graph.model import Access
from mnemos_graph.store import VersionRef
from mnemos_graph.vectors.lock import owned
from mnemos_graph.vectors.protocol import Near, Point, Stand
from mnemos_graph.vectors.rows import (
    CONFIGURATION,
    NOT_COLLECTED,
    Row,
    closest,
    collection_name,
    collections_of,
    metadata_of,
    parts,
    row_id,
    rows_of,
    stand_in,
)

T = TypeVar("T")

_FAILURES = (ChromaError, OSError, sqlite3.Error)


@asynccontextmanager
async def open_chroma(folder: Path, address: str = "") -> AsyncGenerator[ChromaVectors, None]:
    """Open or make the vectors in ``folder``, and close them in the end.

    Args:
        folder: theirs alone.
        address: where this process answers, told to a second one that wants them.

    Raises:
        Unavailable: another process has them, or they cannot be read.
    """
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        stack.enter_context(owned(folder, address))
        thread = ThreadPoolExecutor(1, thread_name_prefix="chroma")
        try:
            client = await loop.run_in_executor(thread, _opened, folder)
            try:
                yield ChromaVectors(client, thread)
            finally:
                await loop.run_in_executor(thread, client.close)
        finally:
            await asyncio.to_thread(thread.shutdown)


def _opened(folder: Path) -> Any:
    settings = Settings(anonymized_telemetry=False, is_persistent=True)
    try:
        return chromadb.PersistentClient(folder, settings=settings)
    except _FAILURES as failure:
        raise _away(failure) from failure


class ChromaVectors:
    """A ``VectorStore``. Made by ``open_chroma``."""

    def __init__(self, client: ClientAPI, thread: ThreadPoolExecutor) -> None:
        self._client = client
        self._thread = thread
        self._collections: dict[str, chromadb.Collection] = {}

    async def stand(self, access: Access, generation: str) -> Stand | None:
        def read() -> Stand | None:
            found = self._found(access, generation)
            return None if found is None else stand_in(found.metadata)

        return await self._work(read)

    async def begin(self, access: Access, generation: str, stand: Stand) -> None:
        def make() -> None:
            name = collection_name(access, generation)
            self._delete(name)
            self._collections[name] = self._client.create_collection(
                name,
                embedding_function=None,
                configuration=CONFIGURATION,  # type: ignore[arg-type]
                metadata=metadata_of(generation, stand),
            )

        await self._work(make)

    async def put(self, access: Access, generation: str, points: Sequence[Point]) -> None:
        for part in parts(points):
            await self._work(partial(self._put, access, generation, part))

    async def remove(self, access: Access, generation: str, refs: Collection[VersionRef]) -> None:
        if refs:
            await self._work(lambda: self._remove(access, generation, refs))

    async def move(self, access: Access, generation: str, stand: Stand) -> None:
        def note() -> None:
            self._needed(access, generation).modify(metadata=metadata_of(generation, stand))

        await self._work(note)

    async def nearest(
        self, access: Access, generation: str, vector: NDArray[np.float32], first: int
    ) -> Sequence[Near]:
        return await self._work(lambda: self._nearest(access, generation, vector, first))

    async def drop(self, access: Access, *, keep: Collection[str] = ()) -> None:
        kept = {collection_name(access, generation) for generation in keep}
        await self._work(lambda: self._drop(collections_of(access), kept))

    async def _work(self, do: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, do)
        except _FAILURES as failure:
            raise _away(failure) from failure

    def _put(self, access: Access, generation: str, rows: Sequence[Row]) -> None:
        self._needed(access, generation).add(
            ids=[row.id for row in rows],
            embeddings=np.stack([row.values for row in rows]),
            metadatas=[{"windows": row.windows} for row in rows],
        )

    def _remove(self, access: Access, generation: str, refs: Collection[VersionRef]) -> None:
        collection = self._found(access, generation)
        if collection is None:
            return
        first = {row_id(ref, 0): ref for ref in refs}
        held = collection.get(ids=list(first), include=["metadatas"])
        metadatas = cast("Sequence[Mapping[str, Any]]", held["metadatas"] or ())
        rows = rows_of(first, held["ids"], metadatas)
        if rows:
            collection.delete(ids=rows)

    def _nearest(
        self, access: Access, generation: str, vector: NDArray[np.float32], first: int
    ) -> Sequence[Near]:
        collection = self._found(access, generation)
        count = collection.count() if collection else 0
        if collection is None or not count:
            return []
        asked = first
        while True:
            answer = collection.query(
                query_embeddings=vector[np.newaxis], n_results=asked, include=["distances"]
            )
            near = closest(answer["ids"][0], (answer["distances"] or [[]])[0])
            if len(near) >= first or asked >= count:
                return near[:first]
            asked *= 2  # several rows were windows of one point

    def _found(self, access: Access, generation: str) -> chromadb.Collection | None:
        name = collection_name(access, generation)
        if name not in self._collections:
            try:
                self._collections[name] = self._client.get_collection(name, embedding_function=None)
            except NotFoundError:
                return None
        return self._collections[name]

    def _needed(self, access: Access, generation: str) -> chromadb.Collection:
        found = self._found(access, generation)
        if found is None:
            raise Unavailable(NOT_COLLECTED)
        return found

    def _drop(self, begins: str, kept: Collection[str]) -> None:
        names = [each.name for each in self._client.list_collections()]
        for name in {each for each in names if each.startswith(begins)}.difference(kept):
            self._delete(name)

    def _delete(self, name: str) -> None:
        self._collections.pop(name, None)
        try:
            self._client.delete_collection(name)
        except NotFoundError:
            return


def _away(failure: Exception) -> Unavailable:
    return Unavailable(f"The vectors cannot be used now ({type(failure).__name__}). Ask again.")
