"""Chroma's server as a vector store: vectors that many processes share.

Any process may ask it; one at a time should fill an organization's collection. A process that goes
on filling although another one has begun the collection anew does no harm: it knows the one that it
follows by the id that Chroma gave it, and that one is gone.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.errors import Unavailable
from mnemos_graph.model import Access
from mnemos_graph.store import VersionRef
from mnemos_graph.vectors.chroma_rest import ChromaRest, Missing, chroma_rest
from mnemos_graph.vectors.protocol import Near, Point, Stand
from mnemos_graph.vectors.rows import (
    CONFIGURATION,
    NOT_COLLECTED,
    SPACE,
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

_MOST_REMOVED = 1_000
"""Points in one request."""
_LISTED = 1_000
"""Collections, of all organizations, in one answer."""


@asynccontextmanager
async def open_chroma_server(url: str) -> AsyncGenerator[ChromaServer, None]:
    """Use the server at ``url``, ``http://host:8000`` or ``https://[token@]host``.

    Raises:
        BadInput: that is no such URL, the server wants another token, or it is too old.
        Unavailable: it does not answer.
    """
    async with chroma_rest(url) as rest:
        await rest.check()
        yield ChromaServer(rest)


class ChromaServer:
    """A ``VectorStore``. Made by ``open_chroma_server``."""

    def __init__(self, rest: ChromaRest) -> None:
        self._rest = rest
        self._followed: dict[str, _Found] = {}
        """Those that this process fills; each as it was first seen, until it turns out to be gone."""
        self._asked: dict[str, _Found] = {}

    async def ping(self) -> None:
        """See whether the server answers.

        Raises:
            Unavailable: it does not.
        """
        await self._rest.ping()

    async def stand(self, access: Access, generation: str) -> Stand | None:
        name = collection_name(access, generation)
        found = await self._look_up(name)
        if found is None:
            return None
        self._followed.setdefault(name, found)
        return stand_in(found.metadata)

    async def begin(self, access: Access, generation: str, stand: Stand) -> None:
        name = collection_name(access, generation)
        await self._delete(name)
        made = await self._rest.collections(
            "POST",
            body={
                "name": name,
                "metadata": metadata_of(generation, stand),
                "configuration": CONFIGURATION,
            },
        )
        self._followed[name] = _found(made)

    async def put(self, access: Access, generation: str, points: Sequence[Point]) -> None:
        for rows in parts(points):
            await self._work_on(access, generation, "POST", "/add", _added(rows))

    async def remove(self, access: Access, generation: str, refs: Collection[VersionRef]) -> None:
        some = list(refs)
        for at in range(0, len(some), _MOST_REMOVED):
            first = {row_id(ref, 0): ref for ref in some[at : at + _MOST_REMOVED]}
            with suppress(_NotCollected):
                await self._remove(access, generation, first)

    async def move(self, access: Access, generation: str, stand: Stand) -> None:
        body = {"new_metadata": metadata_of(generation, stand)}
        await self._work_on(access, generation, "PUT", "", body)

    async def nearest(
        self, access: Access, generation: str, vector: NDArray[np.float32], first: int
    ) -> Sequence[Near]:
        found = await self._to_ask(access, generation)
        asked = first
        while found is not None:
            rows = await self._query(found, vector, asked)
            near = closest(rows["ids"][0], (rows["distances"] or [[]])[0])
            if len(near) >= first or len(rows["ids"][0]) < asked:
                return near[:first]
            asked *= 2  # several rows were windows of one point
        return []

    async def drop(self, access: Access, *, keep: Collection[str] = ()) -> None:
        kept = {collection_name(access, generation) for generation in keep}
        for name in await self._names(collections_of(access)):
            if name not in kept:
                await self._delete(name)

    async def _delete(self, name: str) -> None:
        for known in (self._followed, self._asked):
            known.pop(name, None)
        with suppress(Missing):
            await self._rest.collections("DELETE", f"/{name}")

    async def _names(self, begins: str) -> list[str]:
        found, listed = list[str](), 0
        while True:
            page = await self._rest.collections("GET", f"?limit={_LISTED}&offset={listed}")
            found += [each["name"] for each in page if each["name"].startswith(begins)]
            listed += len(page)
            if len(page) < _LISTED:
                return found

    async def _look_up(self, name: str) -> _Found | None:
        try:
            found = _found(await self._rest.answer("GET", f"/{name}"))
        except Missing:
            return None
        if found.space != SPACE or "generation" not in found.metadata:
            raise Unavailable(
                f"Chroma's collection {name} was not made by Mnemos as it is now: it compares by "
                f"{found.space}. Run `mnemos reindex`, which makes it anew."
            )
        return found

    async def _to_ask(self, access: Access, generation: str) -> _Found | None:
        name = collection_name(access, generation)
        found = self._asked.get(name) or await self._look_up(name)
        if found is not None:
            self._asked[name] = found
        return found

    async def _query(self, found: _Found, vector: NDArray[np.float32], asked: int) -> Any:
        body = {"query_embeddings": [vector.tolist()], "n_results": asked, "include": ["distances"]}
        try:
            return await self._rest.answer("POST", f"/{found.id}/query", body)
        except Missing as gone:
            self._asked.pop(found.name, None)
            raise Unavailable("This organization's vectors are being collected anew.") from gone

    async def _remove(self, access: Access, generation: str, first: dict[str, VersionRef]) -> None:
        body = {"ids": list(first), "include": ["metadatas"]}
        held = await self._work_on(access, generation, "POST", "/get", body)
        if rows := rows_of(first, held["ids"], held["metadatas"] or ()):
            await self._work_on(access, generation, "POST", "/delete", {"ids": rows})

    async def _work_on(
        self, access: Access, generation: str, method: str, path: str, body: object
    ) -> Any:
        """Work on the collection that this process follows, and on no later one."""
        name = collection_name(access, generation)
        if name not in self._followed:
            await self.stand(access, generation)
        found = self._followed.get(name)
        if found is None:
            raise _NotCollected(NOT_COLLECTED)
        try:
            return await self._rest.collections(method, f"/{found.id}{path}", body)
        except Missing as gone:
            self._followed.pop(name, None)
            raise _NotCollected(NOT_COLLECTED) from gone


class _NotCollected(Unavailable):
    pass


class _Found(NamedTuple):
    """A collection as it was found."""

    id: str
    name: str
    space: str
    metadata: dict[str, Any]


def _found(collection: dict[str, Any]) -> _Found:
    index = collection["configuration_json"].get("hnsw") or {}
    return _Found(
        collection["id"], collection["name"], index.get("space", ""), collection["metadata"] or {}
    )


def _added(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the rows as a request: each vector as base64 of its little-endian float32."""
    return {
        "ids": [row.id for row in rows],
        "embeddings": [
            base64.b64encode(row.values.astype("<f4").tobytes()).decode() for row in rows
        ],
        "metadatas": [{"windows": row.windows} for row in rows],
    }
