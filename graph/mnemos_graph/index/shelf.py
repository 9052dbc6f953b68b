"""The partition indexes of this process: built when first asked, kept current, bounded in bytes.

An index is built from the store's records and follows the log from there. Nothing runs in the
background: whoever asks first has what was committed since brought in, so that an answer covers
every change that was acknowledged before the question. The log is read once for all partitions of
an organization, and tells each index which of its memories to look at again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Self, TypeVar

from mnemos_graph.index import reading
from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.index.ranking import Asked, Ranking, rank
from mnemos_graph.index.reading import (
    NO_GENERATION,
    Derived,
    Generation,
    Generations,
    of_partition,
    pages,
    whole,
)
from mnemos_graph.model import (
    Change,
    Head,
    Memory,
    OrganizationId,
    Partition,
    Position,
    RecordId,
    RecordKind,
)
from mnemos_graph.store import Filter, GraphStore, VersionRef

T = TypeVar("T")

MOST_BYTES = 192 * 1024 * 1024
_CHANGES_AT_ONCE = 1_000
_MOST_BEHIND = 20_000
"""Changes behind which reading the log costs more than building what is asked anew."""
_BYTES_OF_AT_ONCE = 256
_EMPTY_BYTES = 8_192

Part = Partition | None
"""What an index is of: a partition, or None: all of an organization, without its words."""
Key = tuple[OrganizationId, Part]


@dataclass(eq=False, slots=True)
class _Kept:
    """One index on the shelf."""

    index: PartitionIndex
    generations: Generations
    """What its vectors are of."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    built: bool = False
    off: bool = False
    """It was taken off the shelf, so the log no longer reaches it."""
    stale: dict[RecordId, None] = field(default_factory=dict)
    """Memories that changed since they were read."""
    nbytes: int = _EMPTY_BYTES


@dataclass(slots=True)
class _Weight:
    """What the indexes on a shelf take, about."""

    nbytes: int = 0


@dataclass(slots=True)
class _Followed:
    """How far an organization's log was read."""

    head: Head
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class Standing:
    """Indexes in which every change up to ``position`` can be found."""

    indexes: tuple[PartitionIndex, ...]
    position: Position


class Shelf:
    """Open it inside the event loop that uses it, with ``async with``."""

    def __init__(
        self,
        store: GraphStore,
        generation: Generation,
        *,
        tokens: Generation = NO_GENERATION,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._store = store
        self._generations = Generations(generation, tokens)
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._followed: dict[OrganizationId, _Followed] = {}
        self._weight = _Weight()

    async def __aenter__(self) -> Self:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="index")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    @property
    def nbytes(self) -> int:
        """What the indexes on the shelf take, about."""
        return self._weight.nbytes

    @property
    def generation(self) -> Generation:
        """What the vectors are of that are searched."""
        return self._generations.vectors

    def speaking(self, generations: Generations) -> Self:
        """Return the shelf as it is for questions of other vectors than its own.

        What stands on it is the same: an index of other vectors is built anew by who asks first.
        """
        if generations == self._generations:
            return self
        other = copy(self)
        other._generations = generations  # noqa: SLF001 - its own
        return other

    async def current(self, organization: OrganizationId, parts: Sequence[Part]) -> Standing:
        """Return the indexes of ``parts``, with all that was committed before this call.

        Raises:
            Unavailable: the store cannot be read.
        """
        position = await self._follow(organization)
        indexes = [await self._index((organization, part)) for part in parts]
        self._bound()
        return Standing(tuple(indexes), position)

    async def past(
        self,
        organization: OrganizationId,
        parts: Sequence[Part],
        where: Filter,
        known_at: Position,
    ) -> Standing:
        """Return indexes of what was known at ``known_at`` and fulfils ``where``, for one answer."""
        indexes = []
        for part in parts:
            index = self._empty()
            await self._fill(organization, index, (*_of(part), *where), known_at)
            indexes.append(index)
        return Standing(tuple(indexes), await self._follow(organization))

    async def of(self, organization: OrganizationId, memories: Sequence[Memory]) -> PartitionIndex:
        """Return an index of these memories alone, without their words, for one answer."""
        index = self._empty(words=False)
        await self._put(organization, index, memories)
        return index

    def _empty(self, *, words: bool = True) -> PartitionIndex:
        vectors, tokens = self._generations.vectors, self._generations.tokens
        return PartitionIndex(
            vectors.dimensions,
            words=words,
            token_dimensions=tokens.dimensions if words and tokens != NO_GENERATION else 0,
        )

    async def rank(self, indexes: Sequence[PartitionIndex], asked: Asked) -> Ranking:
        return await self.work(lambda: rank(indexes, asked))

    async def work(self, do: Callable[[], T]) -> T:
        """Call ``do`` on the one thread that touches indexes."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, do)

    async def _follow(self, organization: OrganizationId) -> Position:
        """Read the log to where it ends now, and mark what changed; return that end."""
        (head,) = await self._store.heads([whole(organization)])
        followed = self._followed.setdefault(organization, _Followed(head))
        async with followed.lock:
            behind = head.position - followed.head.position
            if head.epoch != followed.head.epoch or behind > _MOST_BEHIND:
                self._clear(organization)
                followed.head = head
            at = followed.head.position
            while at < head.position:
                changes = await self._store.changes(
                    whole(organization), after=at, limit=_CHANGES_AT_ONCE
                )
                if not changes:
                    break
                self._mark(organization, changes)
                at = changes[-1].position
                followed.head = Head(head.epoch, at, head.began)
        return head.position

    def _mark(self, organization: OrganizationId, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.scope is None:
                # Whose it was is gone as well, and nothing of it may stay.
                self._clear(organization)
            elif change.subject_type is RecordKind.MEMORY:
                for part in (change.scope.partition, None):
                    kept = self._kept.get((organization, part))
                    if kept is not None:
                        kept.stale[change.subject_id] = None

    async def _index(self, key: Key) -> PartitionIndex:
        while True:
            kept = self._kept.get(key)
            if kept is None:
                empty = self._empty(words=key[1] is not None)
                kept = self._kept[key] = _Kept(empty, self._generations)
                self._weight.nbytes += kept.nbytes
            if kept.generations != self._generations:
                self._take_off(key, kept)
                continue
            self._kept.move_to_end(key)
            async with kept.lock:
                if not kept.off:
                    await self._freshen(key, kept)
                    return kept.index

    async def _freshen(self, key: Key, kept: _Kept) -> None:
        organization, part = key
        if not kept.built:
            try:
                await self._fill(organization, kept.index, _of(part))
            except BaseException:
                self._take_off(key, kept)
                raise
            kept.built = True
        elif kept.stale:
            await self._look_again(organization, kept)
        if kept.index.lacks:
            await self._ask_again(organization, kept.index)
        self._weigh(kept)
        if kept.index.mostly_gone:
            self._take_off(key, kept)

    async def _fill(
        self,
        organization: OrganizationId,
        index: PartitionIndex,
        where: Filter,
        known_at: Position | None = None,
    ) -> None:
        async for memories in pages(self._store, whole(organization), where, known_at):
            await self._put(organization, index, memories)
        await self.work(index.settle)

    async def _put(
        self,
        organization: OrganizationId,
        index: PartitionIndex,
        memories: Sequence[Memory],
        gone: Sequence[RecordId] = (),
    ) -> None:
        """Take memories in, with what is derived from them, and those out that are gone."""
        derived = await self._derived(
            organization, index, [VersionRef(memory.id, memory.version) for memory in memories]
        )

        def put() -> None:
            for id_ in gone:
                index.drop(id_)
            index.put(*memories)
            _give(index, derived)

        await self.work(put)

    async def _derived(
        self, organization: OrganizationId, index: PartitionIndex, refs: Sequence[VersionRef]
    ) -> Derived:
        kept = (
            self._generations
            if index.tokens is not None
            else Generations(self._generations.vectors)
        )
        return await reading.derived(self._store, whole(organization), kept, refs)

    async def _look_again(self, organization: OrganizationId, kept: _Kept) -> None:
        stale = dict(kept.stale)
        kept.stale.clear()  # before the read: what changes during it must be looked at again
        try:
            found = await self._store.get(whole(organization), Memory, stale)
            gone = [id_ for id_ in stale if id_ not in found]
            await self._put(organization, kept.index, list(found.values()), gone)
        except BaseException:
            kept.stale |= stale
            raise

    async def _ask_again(self, organization: OrganizationId, index: PartitionIndex) -> None:
        """Look whether the newest memories that lacked bytes have them by now, and on while most have."""
        missing = await self.work(lambda: index.lacking(_BYTES_OF_AT_ONCE))
        while missing:
            derived = await self._derived(organization, index, index.refs(missing))
            if not derived:
                return
            await self.work(partial(_give, index, derived))
            asked, missing = missing, await self.work(lambda: index.lacking(_BYTES_OF_AT_ONCE))
            if 2 * len({*asked} & {*missing}) > len(asked):
                return

    def _bound(self) -> None:
        """Take the longest unused indexes off until the rest fits; the last one used always stays."""
        while self._weight.nbytes > self._most_bytes and len(self._kept) > 1:
            self._take_off(*next(iter(self._kept.items())))

    def _clear(self, organization: OrganizationId) -> None:
        for key in [key for key in self._kept if key[0] == organization]:
            self._take_off(key, self._kept[key])

    def _take_off(self, key: Key, kept: _Kept) -> None:
        if not kept.off:
            kept.off = True
            self._weight.nbytes -= kept.nbytes
            del self._kept[key]

    def _weigh(self, kept: _Kept) -> None:
        if not kept.off:
            before, kept.nbytes = kept.nbytes, _EMPTY_BYTES + kept.index.nbytes
            self._weight.nbytes += kept.nbytes - before


def _give(index: PartitionIndex, derived: Derived) -> None:
    index.give_vectors(derived.vectors)
    index.give_tokens(derived.tokens)


def _of(part: Part) -> Filter:
    return () if part is None else of_partition(part)
