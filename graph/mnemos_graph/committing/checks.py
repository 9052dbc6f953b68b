"""What a change set must fulfil before it gets its numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mnemos_graph.committing.ledger import Held, Ledger
from mnemos_graph.committing.wanted import Prepared, Wanted
from mnemos_graph.errors import Conflict, Forbidden, NotFound
from mnemos_graph.model import (
    SHARED,
    START,
    Access,
    Partition,
    Record,
    RecordId,
    RecordKind,
    Reference,
)
from mnemos_graph.store import Delete, Erase, Fence, Operation, Put

Target = tuple[RecordKind, Partition]


def check(ledger: Ledger, wanted: Wanted) -> None:
    """Raise what forbids a change set, in the promised order; change nothing.

    Raises:
        Forbidden: a partition that the access may not write.
        Conflict: a fence, a version or a natural key was lost to somebody else.
        NotFound: a reference, or a record to delete, is not there for this partition.
    """
    _check_partitions(ledger, wanted)
    for operation in wanted.change_set.operations:
        if isinstance(operation, Put):
            _check_version(ledger, operation.record)
        elif isinstance(operation, Delete):
            _check_deletion(ledger, wanted.access, operation)
    _check_keys(ledger, wanted)
    _check_references(ledger, wanted)


def ended(ledger: Ledger, access: Access, operation: Delete | Erase) -> Held | None:
    """Return what ``operation`` means; None: for this access there is no such record."""
    held = ledger.records.get(operation.id)
    if held is None or held.kind is not operation.kind or not access.may_read(held.partition):
        return None
    return held


def _check_partitions(ledger: Ledger, wanted: Wanted) -> None:
    touched = {_partition(ledger, wanted, each) for each in wanted.change_set.operations}
    partitions = [each for each in touched if each is not None]
    for partition in partitions:
        if not wanted.access.may_write(partition):
            raise Forbidden(f"You may not write to {partition or 'the shared partition'!r}.")
    began = wanted.change_set.began
    if began is not None and any(began < ledger.fences.get(each, START) for each in partitions):
        raise Conflict("What this write was based on was forgotten meanwhile. Ask again.")


def _partition(ledger: Ledger, wanted: Wanted, operation: Operation) -> Partition | None:
    if isinstance(operation, Put):
        return wanted.puts[operation.record.id].partition
    if isinstance(operation, Fence):
        return operation.partition
    held = ended(ledger, wanted.access, operation)
    return held.partition if held else None


def _check_version(ledger: Ledger, record: Record) -> None:
    held = ledger.records.get(record.id)
    version = held.version if held else 0
    if record.version != version + 1:
        raise Conflict(
            f"{record.id} is at version {version}, not {record.version - 1}. Read it again."
        )
    if held and (held.kind, held.partition) != (record.KIND, record.partition):
        raise Conflict(f"{record.id} cannot change its kind or its partition. Take a new id.")


def _check_deletion(ledger: Ledger, access: Access, operation: Delete) -> None:
    held = ended(ledger, access, operation)
    if held is None or not held.live:
        raise NotFound(operation.kind.value, operation.id)
    if held.version != operation.version:
        raise Conflict(
            f"{operation.id} is at version {held.version}, not {operation.version}. Read it again."
        )


def _check_keys(ledger: Ledger, wanted: Wanted) -> None:
    claimed = set[bytes]()
    released = set[RecordId]()
    for id_, put in wanted.puts.items():
        for key in put.keys:
            holder = ledger.keys.get(key)
            if holder is not None and not released:
                released = _released(ledger, wanted)
            if key in claimed or (holder is not None and holder not in released):
                raise Conflict(
                    f"What {id_} says is already said by another record of its partition. "
                    "Read that one."
                )
        claimed.update(put.keys)


def _released(ledger: Ledger, wanted: Wanted) -> set[RecordId]:
    """Return the records whose keys are free, because the set writes or ends them."""
    return wanted.puts.keys() | _gone(ledger, wanted)


def _gone(ledger: Ledger, wanted: Wanted) -> set[RecordId]:
    return {
        operation.id
        for operation in wanted.change_set.operations
        if not isinstance(operation, Put | Fence) and ended(ledger, wanted.access, operation)
    }


def _check_references(ledger: Ledger, wanted: Wanted) -> None:
    gone = _gone(ledger, wanted)
    for put in wanted.puts.values():
        held = ledger.records.get(put.record.id)
        known = held.record.references() if held and held.record else ()
        _check_record(ledger, put, known, wanted.puts, gone)


def _check_record(
    ledger: Ledger,
    put: Prepared,
    known: Collection[Reference],
    puts: Mapping[RecordId, Prepared],
    gone: Collection[RecordId],
) -> None:
    for reference in put.references:
        if reference in known:
            continue
        target = _target(ledger, reference.id, puts)
        if (
            target is None
            or reference.id in gone
            or target[0] is not reference.kind
            or target[1] not in (put.partition, SHARED)
        ):
            raise NotFound(reference.kind.value, reference.id)


def _target(ledger: Ledger, id_: RecordId, puts: Mapping[RecordId, Prepared]) -> Target | None:
    here = puts.get(id_)
    if here is not None:
        return here.record.KIND, here.partition
    held = ledger.records.get(id_)
    return (held.kind, held.partition) if held and held.live else None
