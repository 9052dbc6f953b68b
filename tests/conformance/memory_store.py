"""The reference: a graph store in a few dictionaries, as plain as the promise allows.

It is what every backend is compared with, so it is written to be read and believed, not to be fast.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from mnemos_graph.errors import Conflict, Forbidden, NotFound
from mnemos_graph.model import (
    SHARED,
    START,
    Access,
    Change,
    ChangeKind,
    CommitId,
    Head,
    OrganizationId,
    Partition,
    Position,
    Record,
    RecordId,
    RecordKind,
    Version,
)
from mnemos_graph.model.words import words
from mnemos_graph.store import (
    LATEST,
    ChangeSet,
    Committed,
    Delete,
    DerivedRef,
    Erase,
    Fence,
    Filter,
    Find,
    Page,
    Put,
    Subgraph,
    VersionRef,
    View,
    checked,
)
from tests.conformance.matching import matches, page
from tests.conformance.walking import walk

R = TypeVar("R", bound=Record)
Key = tuple[Partition, RecordKind, str]


@dataclass
class Organization:
    versions: dict[RecordId, list[Version[Record]]] = field(default_factory=dict)
    keys: dict[Key, RecordId] = field(default_factory=dict)
    log: list[Change] = field(default_factory=list)
    commits: dict[CommitId, Committed] = field(default_factory=dict)
    fences: dict[Partition, Position] = field(default_factory=dict)
    derived: dict[DerivedRef, bytes] = field(default_factory=dict)

    def last(self, id_: RecordId) -> Version[Record] | None:
        found = self.versions.get(id_)
        return found[-1] if found else None

    def live(self, id_: RecordId, known_at: Position | None = None) -> Record | None:
        known = [
            each for each in self.versions.get(id_, ()) if known_at is None or each.born <= known_at
        ]
        if not known or known[-1].kind is ChangeKind.DELETED:
            return None
        return known[-1].record


class MemoryStore:
    """A ``GraphStore`` that forgets with its process."""

    def __init__(self) -> None:
        self._organizations: dict[OrganizationId, Organization] = defaultdict(Organization)

    def last_version(self, organization: OrganizationId, id_: RecordId) -> int:
        """Return the number of the last version, a deletion included; 0 where there is none."""
        last = self._organizations[organization].last(id_)
        return last.record.version if last else 0

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        org = self._organizations[access.organization]
        if done := org.commits.get(change_set.commit_id):
            return done
        _check(org, access, change_set)
        first = Position(len(org.log) + 1)
        logged = [each for each in change_set.operations if _logged(org, access, each)]
        committed = Committed(first, Position(first + len(logged) - 1))
        at = max(datetime.now(UTC), org.log[-1].at if org.log else datetime.min.replace(tzinfo=UTC))
        for operation in change_set.operations:
            _apply(org, access, operation, committed.last, at)
        org.commits[change_set.commit_id] = committed
        return committed

    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        found = {id_: self._seen(access, kind, id_, known_at) for id_ in ids}
        return {id_: record for id_, record in found.items() if record is not None}

    async def find(self, access: Access, questions: Sequence[Find[R]]) -> Sequence[Page[R]]:
        return [
            page(question, self._live(access, question.kind, question.known_at))
            for question in map(checked, questions)
        ]

    async def search(
        self, access: Access, kind: type[R], text: str, *, where: Filter = (), first: int = 100
    ) -> Sequence[tuple[R, float]]:
        checked(Find(kind, where))
        asked = set(words(text))
        scored = [
            (record, float(len(asked & set(words(record.searchable())))))
            for record in self._live(access, kind, None)
            if matches(record, where)
        ]
        hits = [(record, score) for record, score in scored if score]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0].id))[:first]

    async def neighbours(
        self, access: Access, around: Collection[RecordId], *, view: View, hops: int, limit: int
    ) -> Subgraph:
        known = self._live(access, Record, view.known_at)
        return walk(known, around, view=view, hops=hops, limit=limit)

    async def versions(
        self, access: Access, kind: type[R], refs: Collection[VersionRef]
    ) -> Mapping[VersionRef, Version[R]]:
        org = self._organizations[access.organization]
        found: dict[VersionRef, Version[R]] = {}
        for ref in refs:
            for version in org.versions.get(ref.id, ()):
                wanted = ref.version in (version.record.version, LATEST)
                if wanted and _visible(access, kind, version.record):
                    found[ref] = cast("Version[R]", version)
        return found

    async def changes(
        self, access: Access, *, after: Position = START, limit: int = 100
    ) -> Sequence[Change]:
        found: list[Change] = []
        for change in self._organizations[access.organization].log[after:]:
            if len(found) >= limit and change.position > found[-1].commit_end:
                break
            found.append(change)
        return [each for each in found if not each.scope or access.may_read(each.scope.partition)]

    async def heads(
        self, accesses: Collection[Access], *, at: datetime | None = None
    ) -> Sequence[Head]:
        logs = [self._organizations[access.organization].log for access in accesses]
        return [
            Head(1, Position(sum(1 for change in log if at is None or change.at <= at)))
            for log in logs
        ]

    async def derive(
        self,
        access: Access,
        derived: Mapping[DerivedRef, bytes],
        *,
        drop: Collection[DerivedRef] = (),
    ) -> None:
        org = self._organizations[access.organization]
        kept = {ref: data for ref, data in derived.items() if _has_owner(org, ref)}
        org.derived.update(kept)
        for ref in drop:
            org.derived.pop(ref, None)

    async def derived(
        self, access: Access, refs: Collection[DerivedRef]
    ) -> Mapping[DerivedRef, bytes]:
        org = self._organizations[access.organization]
        return {ref: org.derived[ref] for ref in refs if ref in org.derived}

    def _seen(
        self, access: Access, kind: type[R], id_: RecordId, known_at: Position | None
    ) -> R | None:
        record = self._organizations[access.organization].live(id_, known_at)
        return record if record and _visible(access, kind, record) else None  # type: ignore[return-value]

    def _live(self, access: Access, kind: type[R], known_at: Position | None) -> list[R]:
        ids = self._organizations[access.organization].versions
        found = (self._seen(access, kind, id_, known_at) for id_ in ids)
        return [record for record in found if record is not None]


def _visible(access: Access, kind: type[Record], record: Record) -> bool:
    return isinstance(record, kind) and access.may_read(record.partition)


def _has_owner(org: Organization, ref: DerivedRef) -> bool:
    return ref.id.startswith("mark:") or org.live(ref.id) is not None


def _ended(org: Organization, access: Access, operation: Delete | Erase) -> Version[Record] | None:
    """Return what the operation means, if the access may know of it."""
    last = org.last(operation.id)
    if last is None or last.record.KIND is not operation.kind:
        return None
    return last if access.may_read(last.record.partition) else None


def _logged(org: Organization, access: Access, operation: Put | Delete | Erase | Fence) -> bool:
    if isinstance(operation, Put):
        return operation.record.LOGGED
    if isinstance(operation, Fence):
        return False
    ended = _ended(org, access, operation)
    return ended is not None and ended.record.LOGGED


def _check(org: Organization, access: Access, change_set: ChangeSet) -> None:
    found = [_partition(org, access, operation) for operation in change_set.operations]
    partitions = [partition for partition in found if partition is not None]
    for partition in partitions:
        if not access.may_write(partition):
            raise Forbidden(f"You may not write to {partition or 'the shared partition'!r}.")
    for partition in partitions:
        if change_set.began is not None and change_set.began < org.fences.get(partition, START):
            raise Conflict("What this write was based on was forgotten meanwhile. Ask again.")
    for operation in change_set.operations:
        _check_version(org, access, operation)
    _check_keys(org, access, change_set)
    _check_references(org, access, change_set)


def _partition(
    org: Organization, access: Access, operation: Put | Delete | Erase | Fence
) -> Partition | None:
    if isinstance(operation, Put):
        return operation.record.partition
    if isinstance(operation, Fence):
        return operation.partition
    ended = _ended(org, access, operation)
    return ended.record.partition if ended else None


def _check_version(
    org: Organization, access: Access, operation: Put | Delete | Erase | Fence
) -> None:
    if isinstance(operation, Put):
        record, last = operation.record, org.last(operation.record.id)
        held = last.record.version if last else 0
        if record.version != held + 1:
            raise Conflict(f"{record.id} is at version {held}, not {record.version - 1}.")
        if last and (last.record.KIND, last.record.partition) != (record.KIND, record.partition):
            raise Conflict(f"{record.id} cannot change its kind or its partition.")
    elif isinstance(operation, Delete):
        live = org.live(operation.id)
        if live is None or live.KIND is not operation.kind or not access.may_read(live.partition):
            raise NotFound(operation.kind.value, operation.id)
        if live.version != operation.version:
            raise Conflict(f"{live.id} is at version {live.version}, not {operation.version}.")


def _check_keys(org: Organization, access: Access, change_set: ChangeSet) -> None:
    touched = {each.record.id for each in change_set.operations if isinstance(each, Put)}
    touched |= _gone(org, access, change_set)
    taken = {key for key, holder in org.keys.items() if holder not in touched}
    for operation in change_set.operations:
        if isinstance(operation, Put):
            for key in _keys(operation.record):
                if key in taken:
                    raise Conflict(f"Another {key[1].value} of this partition has the key already.")
                taken.add(key)


def _gone(org: Organization, access: Access, change_set: ChangeSet) -> set[RecordId]:
    return {
        each.id
        for each in change_set.operations
        if isinstance(each, (Delete, Erase)) and _ended(org, access, each)
    }


def _check_references(org: Organization, access: Access, change_set: ChangeSet) -> None:
    puts = {each.record.id: each.record for each in change_set.operations if isinstance(each, Put)}
    gone = _gone(org, access, change_set)
    for record in puts.values():
        last = org.last(record.id)
        known = set(last.record.references()) if last else set()
        for reference in record.references():
            if reference in known:
                continue
            target = puts.get(reference.id) or org.live(reference.id)
            if (
                target is None
                or reference.id in gone
                or target.KIND is not reference.kind
                or target.partition not in (record.partition, SHARED)
            ):
                raise NotFound(reference.kind.value, reference.id)


def _keys(record: Record) -> list[Key]:
    return [(record.partition, record.KIND, key) for key in record.natural_keys()]


def _apply(
    org: Organization,
    access: Access,
    operation: Put | Delete | Erase | Fence,
    end: Position,
    at: datetime,
) -> None:
    if isinstance(operation, Fence):
        org.fences[operation.partition] = Position(len(org.log))
        return
    if isinstance(operation, Erase):
        if _ended(org, access, operation):
            _erase(org, operation, end, at)
        return
    if isinstance(operation, Put):
        record, reason = operation.record, operation.reason
        live = org.live(record.id)
        kind = ChangeKind.UPDATED if live else ChangeKind.CREATED
    else:
        live = cast("Record", org.live(operation.id))
        record, reason = replace(live, version=live.version + 1), operation.reason
        kind = ChangeKind.DELETED
    for key in _keys(live) if live else ():
        if org.keys.get(key) == record.id:
            del org.keys[key]
    if kind is not ChangeKind.DELETED:
        org.keys.update(dict.fromkeys(_keys(record), record.id))
    born = Position(len(org.log) + 1) if record.LOGGED else Position(len(org.log))
    version = Version(record, kind, reason, access.actor, at, born)
    if not record.LOGGED:
        org.versions[record.id] = [version]
        return
    org.versions.setdefault(record.id, []).append(version)
    org.log.append(
        Change(
            position=born,
            commit_end=end,
            kind=kind,
            subject_type=record.KIND,
            subject_id=record.id,
            version=record.version,
            scope=record.scope,
            actor=access.actor,
            at=at,
        )
    )


def _erase(org: Organization, operation: Erase, end: Position, at: datetime) -> None:
    versions = org.versions.pop(operation.id)
    org.keys = {key: id_ for key, id_ in org.keys.items() if id_ != operation.id}
    org.derived = {ref: data for ref, data in org.derived.items() if ref.id != operation.id}
    blank: dict[str, Any] = {"subject_id": RecordId(""), "scope": None, "actor": "", "version": 0}
    org.log = [
        replace(change, **blank) if change.subject_id == operation.id else change
        for change in org.log
    ]
    if versions[-1].record.LOGGED:
        org.log.append(
            Change(
                position=Position(len(org.log) + 1),
                commit_end=end,
                kind=ChangeKind.ERASED,
                subject_type=operation.kind,
                subject_id=RecordId(""),
                version=0,
                scope=None,
                actor="",
                at=at,
            )
        )
