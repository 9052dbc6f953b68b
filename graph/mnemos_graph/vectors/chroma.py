"""Chroma embedded in this process: vectors in a folder that no other process may open.

Whatever is asked of it runs on one thread of its own. Importing this module loads Chroma, which
takes a second or two: import it when the first organization needs it.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError
from numpy.typing import NDArray

from mnemos_graph.errors import Unavailable
from mnemos_graph.model import Access, Position, RecordId
from mnemos_graph.store import VersionRef
from mnemos_graph.vectors.lock import owned
from mnemos_graph.vectors.protocol import Near, Point, Stand

T = TypeVar("T")

ROWS_AT_ONCE = 100
"""In one call that writes; more at once are hardly faster and keep a question waiting longer."""
_SPACE = {"hnsw": {"space": "cosine", "ef_search": 200}}
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
            return None if found is None else _stand_in(found.metadata)

        return await self._work(read)

    async def begin(self, access: Access, generation: str, stand: Stand) -> None:
        def make() -> None:
            self._delete(access)
            name = _name(access)
            self._collections[name] = self._client.create_collection(
                name,
                embedding_function=None,
                configuration=_SPACE,  # type: ignore[arg-type]
                metadata=_metadata(generation, stand),
            )

        await self._work(make)

    async def put(self, access: Access, generation: str, points: Sequence[Point]) -> None:
        for part in _parts(points):
            await self._work(partial(self._put, access, generation, part))

    async def remove(self, access: Access, generation: str, refs: Collection[VersionRef]) -> None:
        if refs:
            await self._work(lambda: self._remove(access, generation, refs))

    async def move(self, access: Access, generation: str, stand: Stand) -> None:
        def note() -> None:
            self._needed(access, generation).modify(metadata=_metadata(generation, stand))

        await self._work(note)

    async def nearest(
        self, access: Access, generation: str, vector: NDArray[np.float32], first: int
    ) -> Sequence[Near]:
        return await self._work(lambda: self._nearest(access, generation, vector, first))

    async def drop(self, access: Access) -> None:
        await self._work(lambda: self._delete(access))

    async def _work(self, do: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, do)
        except _FAILURES as failure:
            raise _away(failure) from failure

    def _put(self, access: Access, generation: str, rows: Sequence[_Row]) -> None:
        self._needed(access, generation).add(
            ids=[row.id for row in rows],
            embeddings=np.stack([row.values for row in rows]),
            metadatas=[{"windows": row.windows} for row in rows],
        )

    def _remove(self, access: Access, generation: str, refs: Collection[VersionRef]) -> None:
        collection = self._found(access, generation)
        if collection is None:
            return
        first = {_row_id(ref, 0): ref for ref in refs}
        held = collection.get(ids=list(first), include=["metadatas"])
        rows = [
            _row_id(first[id_], number)
            for id_, metadata in zip(held["ids"], held["metadatas"] or (), strict=True)
            for number in range(cast("int", metadata["windows"]))
        ]
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
            near = _closest(answer["ids"][0], (answer["distances"] or [[]])[0])
            if len(near) >= first or asked >= count:
                return near[:first]
            asked *= 2  # several rows were windows of one point

    def _found(self, access: Access, generation: str) -> chromadb.Collection | None:
        name = _name(access)
        if name not in self._collections:
            try:
                self._collections[name] = self._client.get_collection(name, embedding_function=None)
            except NotFoundError:
                return None
        found = self._collections[name]
        return found if found.metadata["generation"] == generation else None

    def _needed(self, access: Access, generation: str) -> chromadb.Collection:
        found = self._found(access, generation)
        if found is None:
            raise Unavailable("This organization's vectors are not collected. Run a reindex.")
        return found

    def _delete(self, access: Access) -> None:
        name = _name(access)
        self._collections.pop(name, None)
        try:
            self._client.delete_collection(name)
        except NotFoundError:
            return


class _Row(NamedTuple):
    """One window of one point."""

    id: str
    values: NDArray[np.float32]
    windows: int
    """How many its point has."""


def _parts(points: Sequence[Point]) -> Iterator[Sequence[_Row]]:
    rows = [
        _Row(_row_id(point.ref, number), values, len(point.rows))
        for point in points
        for number, values in enumerate(point.rows)
    ]
    for at in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[at : at + ROWS_AT_ONCE]


def _row_id(ref: VersionRef, number: int) -> str:
    return f"{ref.id}:{ref.version}:{number}"


def _closest(ids: Sequence[str], distances: Sequence[float]) -> list[Near]:
    """Return each point once, with its closest window; they come closest first."""
    found: dict[VersionRef, Near] = {}
    for row, distance in zip(ids, distances, strict=True):
        id_, version, _ = row.rsplit(":", 2)
        ref = VersionRef(RecordId(id_), int(version))
        found.setdefault(ref, Near(ref, 1.0 - distance))
    return list(found.values())


def _name(access: Access) -> str:
    """Return a name that Chroma allows, whatever the organization's id is."""
    return "organization-" + hashlib.sha256(access.organization.encode()).hexdigest()[:40]


def _metadata(generation: str, stand: Stand) -> dict[str, str | int | float | bool]:
    return {
        "generation": generation,
        "epoch": stand.epoch,
        "position": stand.position,
        "filled": stand.filled,
        "through": stand.through or "",
    }


def _stand_in(metadata: Mapping[str, Any]) -> Stand:
    return Stand(
        metadata["epoch"],
        Position(metadata["position"]),
        metadata["filled"],
        metadata["through"] or None,
    )


def _away(failure: Exception) -> Unavailable:
    return Unavailable(f"The vectors cannot be used now ({type(failure).__name__}). Ask again.")
