"""One partition's live memories as arrays, ready to be searched.

Everything here belongs to the index's own thread. Memories are numbered in the order in which they
came; one that changes is taken out and comes in again under a new number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.codes import Codes
from mnemos_graph.index.growing import Growing
from mnemos_graph.index.identifiers import held
from mnemos_graph.index.postings import Postings
from mnemos_graph.index.question import Names, plain_words
from mnemos_graph.index.sessions import Sessions
from mnemos_graph.index.tokens import TokenRows, Tokens
from mnemos_graph.model import Memory, RecordId
from mnemos_graph.model.instants import micros
from mnemos_graph.model.words import fold, words
from mnemos_graph.store import VersionRef

ABSENT_INSTANT = np.iinfo(np.int64).min
_EACH = 400
"""Bytes that a memory takes besides its arrays: ids, references, its place."""
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

Vectors = NDArray[np.float32]


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
        self.carriers: dict[RecordId, set[int]] = {}
        """Entity or fact → the memories that carry it."""
        self._without_vector: dict[int, None] = {}
        self._without_tokens: dict[int, None] = {}
        self.instants = {name: Growing(np.int64) for name in _INSTANTS}
        self.moments = Growing(np.int64)
        self.importance = Growing(np.float64)
        self.asks = Growing(np.bool_)
        """Whether a memory ends with a question."""
        self.texts = {name: Codes() for name in _TEXTS}
        self.speakers = Codes()
        self.names = Names()
        """The speakers' names."""
        self.leads = Codes()
        """The first word of what nobody said: the one that it is about, where it names one."""
        self._carried: dict[int, tuple[RecordId, ...]] = {}
        self._alive = Growing(np.bool_)
        self._versions = Growing(np.int32)
        self._lengths = Growing(np.int32)
        self._dimensions = dimensions
        self._rows = Growing(np.float32, dimensions)
        self._row_owners = Growing(np.int32)

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
        arrays: Sequence[Growing[Any]] = (*self.instants.values(), self._rows)
        held = sum(array.nbytes for array in arrays) + self.moments.nbytes + self.importance.nbytes
        texts = sum(codes.nbytes for codes in (*self.texts.values(), self.speakers, self.leads))
        tokens = self.tokens.nbytes if self.tokens is not None else 0
        words = self.postings.nbytes + self.exact.nbytes + self.sessions.nbytes
        return held + texts + words + tokens + _EACH * len(self)

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

    def put(self, memory: Memory) -> None:
        """Take a memory in, in place of its earlier version if there is one."""
        known = self.numbers.get(memory.id)
        if known is not None and self.version(known) >= memory.version:
            return
        self.drop(memory.id)
        number = len(self)
        self.ids.append(memory.id)
        self.numbers[memory.id] = number
        self._without_vector[number] = None
        if self.tokens is not None:
            self.tokens.append()
            self._without_tokens[number] = None
        self._alive.append(True)
        self._versions.append(memory.version)
        counts = Counter(map(hash, words(as_said(memory)))) if self._keeps_words else Counter[int]()
        self._lengths.append(counts.total())
        self.postings.add(number, counts)
        self.exact.add(number, dict.fromkeys(map(hash, held(_spoken(memory))), 1))
        self._keep_fields(memory)
        told = memory.occurred_at and memory.scope.session_id and self._keeps_words
        session = (memory.scope.user_id, memory.scope.session_id)
        place = (kept_as(memory.occurred_at), memory.sources[0] if memory.sources else memory.id)
        self.sessions.add(number, session if told else None, place)
        if carried := (*memory.entity_ids, *memory.fact_ids):
            self._carried[number] = carried
        for each in carried:
            self.carriers.setdefault(each, set()).add(number)

    def _keep_fields(self, memory: Memory) -> None:
        for name, instants in self.instants.items():
            instants.append(kept_as(memory.field(name)))
        for name, codes in self.texts.items():
            codes.append(memory.field(name))
        self.moments.append(micros(moment(memory)))
        self.importance.append(memory.importance)
        self.asks.append(memory.text.rstrip().endswith(_QUESTION_MARKS))
        speaker = fold(memory.speaker) if memory.speaker else None
        self.speakers.append(speaker)
        if speaker:
            self.names.add(speaker)
        lead = None if memory.speaker else next(iter(plain_words(memory.told)), None)
        self.leads.append(lead)

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
        self._row_owners.held[self._row_owners.held == number] = -1
        for carried in self._carried.pop(number, ()):
            self.carriers[carried].discard(number)

    def give_vectors(self, ref: VersionRef, vectors: Vectors) -> None:
        """Keep a memory's vectors, unless it changed meanwhile.

        Args:
            ref: the version that they were made from.
            vectors: one row of unit length for each window of its text.
        """
        number = self.numbers.get(ref.id, -1)
        if number in self._without_vector and self.version(number) == ref.version:
            del self._without_vector[number]
            self._rows.extend(vectors)
            self._row_owners.extend([number] * len(vectors))

    def give_tokens(self, ref: VersionRef, rows: TokenRows) -> None:
        """Keep the vectors of a memory's tokens, unless it changed meanwhile."""
        number = self.numbers.get(ref.id, -1)
        wanted = number in self._without_tokens and self.version(number) == ref.version
        if wanted and self.tokens is not None:
            del self._without_tokens[number]
            self.tokens.give(number, rows)

    def likeness(self, vectors: Vectors) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the cosine of each memory's closest window with ``vectors``, and which have any."""
        count = len(self)
        found = np.full(count + 1, -1.0, np.float32)
        owners = self._row_owners.held
        np.maximum.at(found, owners, (self._rows.held @ vectors.T).max(axis=1, initial=-1.0))
        has = found[:count] > -1.0
        return np.where(has, found[:count], 0).astype(np.float32), has & self.alive


_INSTANTS = ("created_at", "updated_at", "valid_from", "valid_to", "expires_at")
_QUESTION_MARKS = ("?", "？", "؟")
_TEXTS = ("user_id", "agent_id", "session_id", "type", "level")
_FEW = 1_000
