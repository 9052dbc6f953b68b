"""One partition's live memories as arrays, ready to be searched.

Everything here belongs to the index's own thread. Memories are numbered in the order in which they
came; one that changes is taken out and comes in again under a new number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.codes import Codes
from mnemos_graph.index.directions import Directions, Vectors
from mnemos_graph.index.growing import Growing
from mnemos_graph.index.identifiers import held
from mnemos_graph.index.postings import Postings, Term
from mnemos_graph.index.question import Names, plain_words
from mnemos_graph.index.rows import Rows
from mnemos_graph.index.sessions import Place, Sessions
from mnemos_graph.index.sought import Sought, told
from mnemos_graph.index.tokens import Tokens
from mnemos_graph.model import Memory, RecordId
from mnemos_graph.model.instants import micros
from mnemos_graph.model.words import fold, words
from mnemos_graph.store import VersionRef

ABSENT_INSTANT = np.iinfo(np.int64).min
_EACH = 220
"""Bytes that a memory takes besides its arrays: its id, and its number by it."""
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def kept_as(at: datetime | None) -> int:
    """Return an instant in whole microseconds since 1970; ``ABSENT_INSTANT`` for none."""
    return int(ABSENT_INSTANT) if at is None else micros(at)


def moment(memory: Memory) -> datetime:
    """Return when it was said; where nobody said it, when it was written."""
    return memory.occurred_at or memory.created_at


def as_said(memory: Memory) -> str:
    """Return the text that words are taken from: with its date and speaker.

    The month is there by name as well, for that is how people ask.
    """
    at = moment(memory)
    return f"[{at:%Y-%m-%d} {_MONTHS[at.month - 1]}] {_spoken(memory)}"


def _spoken(memory: Memory) -> str:
    return f"{memory.speaker}: {memory.told}" if memory.speaker else memory.told


class PartitionIndex:
    """Memories by number.

    Args:
        dimensions: how long vectors are.
        words: whether words and sessions are kept too; without them it finds by all the rest.
        token_dimensions: how long vectors of tokens are; 0: there are none.
    """

    def __init__(self, dimensions: int, *, words: bool = True, token_dimensions: int = 0) -> None:
        self._keeps_words = words
        self.tokens = Tokens(token_dimensions) if token_dimensions else None
        self.ids: list[RecordId] = []
        self.numbers: dict[RecordId, int] = {}
        """The number of each live memory."""
        self.postings = Postings()
        self.exact = Postings()
        """Which memory holds which identifier, in every form in which it may be asked for."""
        self.sessions = Sessions()
        self.carriers = Postings()
        """Which memory carries which entity or fact."""
        self._without_vector: dict[int, None] = {}
        self._without_tokens: dict[int, None] = {}
        self.instants = {name: Growing(np.int64) for name in _INSTANTS}
        self.moments = Growing(np.int64)
        self.importance = Growing(np.float64)
        self.asks = Growing(np.bool_)
        """Whether a memory ends with a question."""
        self.tells = {kind: Growing(np.bool_) for kind in Sought}
        """Whether a memory tells a thing of this kind."""
        self.texts = {name: Codes() for name in _TEXTS}
        self.speakers = Codes()
        self.names = Names()
        """The speakers' names."""
        self.leads = Codes()
        """The first word of what nobody said: the one that it is about, where it names one."""
        self._alive = Growing(np.bool_)
        self._versions = Growing(np.int32)
        self._lengths = Growing(np.int32)
        self._directions = Directions(dimensions)

    def __len__(self) -> int:
        """How many numbers were given out, also to what is gone."""
        return len(self.ids)

    @property
    def alive(self) -> NDArray[np.bool_]:
        return self._alive.held

    @property
    def lengths(self) -> NDArray[np.int32]:
        """Words in each memory; none in what is gone."""
        return self._lengths.held

    @property
    def nbytes(self) -> int:
        return sum(each.nbytes for each in self._parts) + _EACH * len(self)

    @property
    def _parts(self) -> Sequence[_Part]:
        tokens = () if self.tokens is None else (self.tokens,)
        arrays = (self.moments, self.importance, self.asks, self._alive, self._versions)
        texts = (*self.texts.values(), self.speakers, self.leads)
        words = (self.postings, self.exact, self.carriers, self.sessions, self._lengths)
        kinds = self.tells.values()
        return (*self.instants.values(), *arrays, *kinds, *texts, *words, self._directions, *tokens)

    @property
    def mostly_gone(self) -> bool:
        """Whether it is time to build it anew."""
        return len(self) > _FEW and len(self.numbers) < len(self) // 2

    @property
    def lacks(self) -> bool:
        """Whether bytes of a live memory were not there yet."""
        return bool(self._without_vector or self._without_tokens)

    def lacking(self, most: int) -> list[int]:
        """Return the live memories whose bytes were not all there yet, the newest at most."""
        newest = set(list(self._without_vector)[-most:] + list(self._without_tokens)[-most:])
        return sorted(newest)[-most:]

    def version(self, number: int) -> int:
        return int(self._versions.held[number])

    def refs(self, numbers: Collection[int]) -> list[VersionRef]:
        return [VersionRef(self.ids[number], self.version(number)) for number in numbers]

    def put(self, *memories: Memory) -> None:
        """Take memories in, each in place of its earlier version if there is one."""
        newest = {each.id: each for each in sorted(memories, key=lambda each: each.version)}
        fresh = [newest[id_] for id_ in dict.fromkeys(each.id for each in memories)]
        fresh = [each for each in fresh if self._is_newer(each)]
        for memory in fresh:
            self.drop(memory.id)
        first = len(self)
        self.ids += [memory.id for memory in fresh]
        numbers = range(first, len(self))
        self.numbers.update(zip(self.ids[first:], numbers, strict=True))
        self._without_vector.update(dict.fromkeys(numbers))
        if self.tokens is not None:
            self.tokens.extend(len(fresh))
            self._without_tokens.update(dict.fromkeys(numbers))
        self._alive.extend([True] * len(fresh))
        self._versions.extend([memory.version for memory in fresh])
        self._keep_words(first, fresh)
        self._keep_fields(fresh)
        self.sessions.extend([self._place(memory) for memory in fresh])
        self.carriers.extend(first, [_carried(memory) for memory in fresh])

    def _is_newer(self, memory: Memory) -> bool:
        known = self.numbers.get(memory.id)
        return known is None or self.version(known) < memory.version

    def _keep_words(self, first: int, memories: Sequence[Memory]) -> None:
        said = map(as_said, memories) if self._keeps_words else repeat("", len(memories))
        counts = [Counter(map(hash, words(text))) for text in said]
        self._lengths.extend([each.total() for each in counts])
        self.postings.extend(first, counts)
        exact = (map(hash, held(_spoken(memory))) for memory in memories)
        self.exact.extend(first, [dict.fromkeys(each, 1) for each in exact])

    def _keep_fields(self, memories: Sequence[Memory]) -> None:
        for name, instants in self.instants.items():
            instants.extend([kept_as(memory.field(name)) for memory in memories])
        for name, codes in self.texts.items():
            codes.extend([memory.field(name) for memory in memories])
        self.moments.extend([micros(moment(memory)) for memory in memories])
        self.importance.extend([memory.importance for memory in memories])
        self.asks.extend([each.text.rstrip().endswith(_QUESTION_MARKS) for each in memories])
        kinds = [told(each.told) for each in memories]
        for kind, tells in self.tells.items():
            tells.extend([kind in each for each in kinds])
        speakers = [fold(each.speaker) if each.speaker else None for each in memories]
        self.speakers.extend(speakers)
        for speaker in dict.fromkeys(speakers):
            if speaker:
                self.names.add(speaker)
        self.leads.extend([_lead(memory) for memory in memories])

    def _place(self, memory: Memory) -> tuple[Hashable | None, Place]:
        """Return the session in which it was said, and its place there."""
        said = memory.occurred_at and memory.scope.session_id and self._keeps_words
        session = (memory.scope.user_id, memory.scope.session_id)
        source = memory.sources[0] if memory.sources else memory.id
        return (session, (kept_as(memory.occurred_at), source)) if said else (None, (0, ""))

    def drop(self, id_: RecordId) -> None:
        """Take a memory out, if it is there."""
        number = self.numbers.pop(id_, None)
        if number is None:
            return
        self._without_vector.pop(number, None)
        self._without_tokens.pop(number, None)
        if self.tokens is not None:
            self.tokens.remove(number)
        self.alive[number] = False
        self.lengths[number] = 0
        self.sessions.remove(number)
        self._directions.remove(number)

    def give_vectors(self, given: Rows[np.float32]) -> None:
        """Keep memories' vectors, but for those that changed meanwhile.

        Args:
            given: of each version one row of unit length for each window of its text.
        """
        wanted = self._wanted(given, self._without_vector)
        owners = np.repeat(wanted, given.counts)
        self._directions.extend(owners[owners >= 0], given.rows[owners >= 0])

    def give_tokens(self, given: Rows[np.int8]) -> None:
        """Keep the vectors of memories' tokens, but for those that changed meanwhile."""
        if self.tokens is not None:
            wanted = self._wanted(given, self._without_tokens)
            of_wanted = np.repeat(wanted, given.counts) >= 0
            kept = wanted >= 0
            self.tokens.give(wanted[kept], given.counts[kept], given.rows[of_wanted])

    def _wanted(self, given: Rows[Any], without: dict[int, None]) -> NDArray[np.int64]:
        """Return the numbers of what is given where it lacked until now, and -1 elsewhere."""
        found = np.full(len(given.refs), -1)
        for place, ref in enumerate(given.refs):
            number = self.numbers.get(ref.id, -1)
            if number in without and self.version(number) == ref.version:
                del without[number]
                found[place] = number
        return found

    def likeness(self, vectors: Vectors) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the cosine of each memory's closest window with ``vectors``, and which have any."""
        found, has = self._directions.closest(vectors, len(self))
        return found, has & self.alive

    def settle(self) -> None:
        """Give back the room for more, once many memories were taken in."""
        for each in self._parts:
            each.settle()


def _lead(memory: Memory) -> str | None:
    return None if memory.speaker else next(iter(plain_words(memory.told)), None)


def _carried(memory: Memory) -> dict[Term, int]:
    return dict.fromkeys(map(hash, (*memory.entity_ids, *memory.fact_ids)), 1)


class _Part(Protocol):
    @property
    def nbytes(self) -> int: ...

    def settle(self) -> None: ...


_INSTANTS = ("created_at", "updated_at", "valid_from", "valid_to", "expires_at")
_QUESTION_MARKS = ("?", "？", "؟")
_TEXTS = ("user_id", "agent_id", "session_id", "type", "level")
_FEW = 1_000
