"""An embedder behind OpenAI's `POST /embeddings`: OpenAI, Ollama, TEI, vLLM and their like."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import asynccontextmanager
from itertools import islice

import msgspec
import numpy as np
from numpy.typing import NDArray

from mnemos_graph.breaker import Breaker
from mnemos_graph.errors import (
    Declined,
    Garbled,
    TimedOut,
    TooMuch,
    TryLater,
    Unavailable,
    Unusable,
)
from mnemos_graph.language.embedder import Embedding
from mnemos_graph.language.estimate import EstimatedTokens
from mnemos_graph.language.hosted.place import OPENAI, EmbedderPlace
from mnemos_graph.language.hosted.windows import windows
from mnemos_graph.language.models.retrying import Waits
from mnemos_graph.language.models.wire import Sent, Wire, told_of
from mnemos_graph.language.recent import Recent

SECONDS = 30.0
"""How long a batch may take."""
URGENT_SECONDS = 2.0
"""How long a question may take: then it is answered without vectors."""
AT_ONCE = 4
"""Batches of what is not urgent that are under way at the same time."""
SHORTEST = 64
"""Characters below which a window is not cut further, whatever the model says."""
REMEMBERED_BYTES = 16 * 1024 * 1024
NOTHING = "."
"""What is embedded for a text without any character, which several models refuse."""

log = logging.getLogger(__name__)


class _Embedded(msgspec.Struct):
    embedding: list[float]
    index: int | None = None


class _Answer(Sent):
    data: list[_Embedded] = msgspec.field(default_factory=list)


class HostedEmbedder:
    """An ``Embedder``. Made by ``open_hosted_embedder``."""

    tokenizer = EstimatedTokens()

    def __init__(self, place: EmbedderPlace, wire: Wire, waits: Waits) -> None:
        self._place = place
        self._wire = wire
        self._waits = waits
        self._dimensions = place.dimensions
        self._recent: Recent[Embedding] = Recent(REMEMBERED_BYTES)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._breaker = Breaker(f"The embedder {place.model}", failures=5, rests=(1.0, 5.0, 15.0))
        self._failure: TryLater | None = None

    @property
    def generation(self) -> str:
        return f"{self._place.model} {self.dimensions}d w{self._place.window}"

    @property
    def dimensions(self) -> int:
        assert self._dimensions is not None  # noqa: S101 - known before anybody is given it
        return self._dimensions

    async def embed(self, texts: Sequence[str], *, urgent: bool = False) -> Sequence[Embedding]:
        known = {text: self._recent.get(text) for text in texts}
        found = {text: embedding for text, embedding in known.items() if embedding is not None}
        missing = [text for text in known if text not in found]
        cut = [windows(text, self._place.window) for text in missing]
        rows = iter(await self._rows([each for of_one in cut for each in of_one], urgent=urgent))
        for text, of_one in zip(missing, cut, strict=True):
            embedding = np.concatenate(list(islice(rows, len(of_one))))
            embedding.flags.writeable = False
            found[text] = embedding
            self._recent.put(text, embedding)
        return [found[text] for text in texts]

    def forget(self) -> None:
        """Drop every text that is remembered for speed, as when a person is forgotten."""
        self._recent.clear()

    async def ping(self) -> None:
        """Tell how it was when it was asked last.

        Raises:
            Unavailable: it could not answer.
        """
        if self._failure is not None:
            raise Unavailable(str(self._failure)) from self._failure

    async def find_dimensions(self) -> None:
        """Learn how many dimensions the model has, where that was not said.

        Raises:
            TryLater: it cannot be asked.
        """
        if self._dimensions is None:
            ((row,),) = await self._rows([NOTHING], urgent=True)
            self._dimensions = len(row)

    async def _rows(self, parts: Sequence[str], *, urgent: bool) -> list[Embedding]:
        """Return the rows of each window: one, unless the model could not read it at once."""
        most = self._place.batch
        batches = [parts[start : start + most] for start in range(0, len(parts), most)]
        if urgent:
            done = [await self._batch_in_time(batch) for batch in batches]
        else:
            done = await _all(*(self._batch_in_turn(batch) for batch in batches))
        return [rows for batch in done for rows in batch]

    async def _batch_in_time(self, batch: Sequence[str]) -> list[Embedding]:
        try:
            async with asyncio.timeout(URGENT_SECONDS):
                return await self._batch(batch)
        except TimeoutError as late:
            raise TimedOut(f"{self._place.model} took too long for a question.") from late

    async def _batch_in_turn(self, batch: Sequence[str]) -> list[Embedding]:
        async with self._places:
            attempt, garbled = 1, 0
            while True:
                try:
                    return await self._batch(batch)
                except TryLater as error:
                    garbled += isinstance(error, Garbled)
                    await self._waits.before_another(error, attempt, garbled)
                attempt += 1

    async def _batch(self, batch: Sequence[str]) -> list[Embedding]:
        try:
            return [row[np.newaxis] for row in await self._asked(batch)]
        except (TooMuch, Declined) as refused:
            if len(batch) > 1:
                return [rows for each in batch for rows in await self._batch([each])]
            (window,) = batch
            if len(window) <= SHORTEST:
                raise Unusable(
                    f"{self._place.model} refuses a text of {len(window)} characters."
                ) from refused
            halves = windows(window, max(SHORTEST, len(window) // 2))
            return [np.concatenate([rows for half in halves for rows in await self._batch([half])])]

    async def _asked(self, batch: Sequence[str]) -> NDArray[np.float32]:
        body: dict[str, object] = {
            "model": self._place.model,
            "input": [text or NOTHING for text in batch],
            "encoding_format": "float",
        }
        if self._place.shortens:
            body["dimensions"] = self._place.dimensions
        with self._breaker.passing():
            try:
                answer = await self._wire.post("embeddings", body, _Answer)
                rows = self._checked(answer, len(batch))
            except TryLater as failure:
                self._failure = failure
                raise
        self._failure = None
        return rows

    def _checked(self, answer: _Answer, asked: int) -> NDArray[np.float32]:
        name, data = self._place.model, answer.data
        places = [at if each.index is None else each.index for at, each in enumerate(data)]
        if sorted(places) != list(range(asked)):
            raise Garbled(f"{name} answered {len(data)} embeddings for {asked} texts.")
        sizes = {len(each.embedding) for each in data}
        wanted = {self._dimensions} if self._dimensions else sizes
        if sizes != wanted or len(sizes) > 1 or 0 in sizes:
            told = ", ".join(map(str, sorted(sizes)))
            raise Unusable(f"{name} gives {told} dimensions, not {self._dimensions}.")
        rows = np.empty((asked, sizes.pop()))
        for place, each in zip(places, data, strict=True):
            rows[place] = each.embedding
        with np.errstate(over="ignore"):
            lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise Garbled(f"{name} answered an embedding without a direction.")
        directions: NDArray[np.float32] = (rows / lengths).astype(np.float32)
        return directions


async def _all(*asked: Awaitable[list[Embedding]]) -> list[list[Embedding]]:
    """Return what all give; wait for all before one's error is raised, so none goes on unseen."""
    found = []
    for each in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(each, BaseException):
            raise each
        found.append(each)
    return found


@asynccontextmanager
async def open_hosted_embedder(
    place: EmbedderPlace, waits: Waits | None = None
) -> AsyncGenerator[HostedEmbedder, None]:
    """Open an embedder; where its dimensions were not said, it is asked for them.

    Raises:
        Unusable: there is no key where one is needed, or it is not taken.
        TryLater: it has to be asked, and is away.
    """
    if place.at == OPENAI and not place.key:
        raise Unusable(f"{place.model} needs a key, and none is set.")
    headers = {"authorization": f"Bearer {place.key}"} if place.key else {}
    wire = Wire(place.model, place.at, headers=headers, told=told_of, seconds=SECONDS)
    try:
        embedder = HostedEmbedder(place, wire, waits or Waits())
        await embedder.find_dimensions()
        yield embedder
    finally:
        await wire.close()
