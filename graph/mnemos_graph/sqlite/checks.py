"""What a change set must fulfil before it gets its numbers."""

from __future__ import annotations

from collections.abc import Collection

from mnemos_graph.errors import Conflict, Forbidden, NotFound
from mnemos_graph.model import SHARED, START, Access, Partition, Record, RecordId, RecordKind
from mnemos_graph.sqlite.columns import digests
from mnemos_graph.sqlite.ledger import Held, Ledger
from mnemos_graph.store import ChangeSet, Delete, Erase, Fence, Operation, Put


def check(
    ledger: Ledger, access: Access, change_set: ChangeSet, keys: dict[RecordId, list[bytes]]
) -> None:
    """Raise what forbids ``change_set``, whose records claim ``keys``; change nothing.

    Raises:
        Forbidden: a partition that the access may not write.
        Conflict: a fence, a version or a natural key was lost to somebody else.
        NotFound: a reference, or a record to delete, is not there for this partition.
    """
    partitions = [
        partition
        for operation in change_set.operations
        if (partition := _partition(ledger, access, operation)) is not None
    ]
    for partition in partitions:
        if not access.may_write(partition):
            raise Forbidden(f"You may not write to {partition or 'the shared partition'!r}.")
    if change_set.began is not None:
        for partition in partitions:
            if change_set.began < ledger.fences.get(partition, START):
                raise Conflict("What this write was based on was forgotten meanwhile. Ask again.")
    for operation in change_set.operations:
        if isinstance(operation, Put):
            _check_version(ledger, operation.record)
        elif isinstance(operation, Delete):
            _check_deletion(ledger, access, operation)
    _check_keys(ledger, change_set, keys)
    _check_references(ledger, access, change_set)


def erased(ledger: Ledger, access: Access, operation: Erase) -> Held | None:
    """Return what ``operation`` removes; None: it is passed over."""
    held = ledger.records.get(operation.id)
    if held is None or held.kind is not operation.kind or not access.may_read(held.partition):
        return None
    return held


def _passed_over(ledger: Ledger, access: Access, operation: Delete | Erase) -> bool:
    return isinstance(operation, Erase) and erased(ledger, access, operation) is None


def _partition(ledger: Ledger, access: Access, operation: Operation) -> Partition | None:
    if isinstance(operation, Put):
        return operation.record.partition
    if isinstance(operation, Fence):
        return operation.partition
    held = ledger.records.get(operation.id)
    return held.partition if held and access.may_read(held.partition) else None


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
    held = ledger.records.get(operation.id)
    if (
        held is None
        or not held.live
        or held.kind is not operation.kind
        or not access.may_read(held.partition)
    ):
        raise NotFound(operation.kind.value, operation.id)
    if held.version != operation.version:
        raise Conflict(
            f"{operation.id} is at version {held.version}, not {operation.version}. Read it again."
        )


def _check_keys(ledger: Ledger, change_set: ChangeSet, keys: dict[RecordId, list[bytes]]) -> None:
    touched = {
        operation.record.id if isinstance(operation, Put) else operation.id
        for operation in change_set.operations
        if not isinstance(operation, Fence)
    }
    claimed = set[bytes]()
    for id_, wanted in keys.items():
        for key in wanted:
            holder = ledger.keys.get(key)
            if key in claimed or (holder is not None and holder not in touched):
                raise Conflict(
                    f"What {id_} says is already said by another record of its partition. "
                    "Read that one."
                )
        claimed.update(wanted)


def _check_references(ledger: Ledger, access: Access, change_set: ChangeSet) -> None:
    here = dict[RecordId, tuple[RecordKind, Partition] | None]()
    for operation in change_set.operations:
        if isinstance(operation, Put):
            here[operation.record.id] = operation.record.KIND, operation.record.partition
        elif not isinstance(operation, Fence) and not _passed_over(ledger, access, operation):
            here[operation.id] = None
    for operation in change_set.operations:
        if isinstance(operation, Put):
            _check_record(ledger, operation.record, here)


def _check_record(
    ledger: Ledger,
    record: Record,
    here: dict[RecordId, tuple[RecordKind, Partition] | None],
) -> None:
    held = ledger.records.get(record.id)
    known: Collection[object] = set(held.record.references()) if held and held.record else ()
    for reference in record.references():
        if reference in known:
            continue
        if reference.id in here:
            target = here[reference.id]
        else:
            found = ledger.records.get(reference.id)
            target = (found.kind, found.partition) if found and found.live else None
        if target is None or target not in _reachable(reference.kind, record.partition):
            raise NotFound(reference.kind.value, reference.id)


def _reachable(kind: RecordKind, partition: Partition) -> tuple[tuple[RecordKind, Partition], ...]:
    return (kind, partition), (kind, SHARED)


def claimed_keys(change_set: ChangeSet) -> dict[RecordId, list[bytes]]:
    """Return the natural keys that each record of the set claims."""
    return {
        operation.record.id: digests(operation.record)
        for operation in change_set.operations
        if isinstance(operation, Put)
    }
