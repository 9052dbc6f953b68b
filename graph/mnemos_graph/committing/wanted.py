"""A change set with all that can be made of it before its transaction begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mnemos_graph.committing.forms import digests, encoded, searchable_words
from mnemos_graph.model import Access, Partition, Record, RecordId, Reference
from mnemos_graph.store import ChangeSet, Put


class Prepared(NamedTuple):
    """A record to put."""

    record: Record
    partition: Partition
    body: bytes
    keys: list[bytes]
    references: tuple[Reference, ...]
    words: str

    @classmethod
    def of(cls, record: Record) -> Prepared:
        return cls(
            record,
            record.partition,
            encoded(record),
            digests(record),
            record.references(),
            searchable_words(record),
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who wants which change set, and its records as they will be kept."""

    access: Access
    change_set: ChangeSet
    puts: dict[RecordId, Prepared]

    @classmethod
    def of(cls, access: Access, change_set: ChangeSet) -> Wanted:
        """Prepare ``change_set``.

        Raises:
            UnicodeEncodeError: a text cannot be stored.
        """
        puts = {
            operation.record.id: Prepared.of(operation.record)
            for operation in change_set.operations
            if isinstance(operation, Put)
        }
        return cls(access, change_set, puts)
