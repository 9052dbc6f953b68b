"""Idempotency keys: the same key again gets the first answer, and nothing is done twice.

A receipt is committed with the work that it stands for, so there is never one without the other.
An operation of one commit puts an answered receipt into its change set. One of several puts a
pending receipt into the first, with what it needs to resume, and answers it in the last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self, TypeVar

import msgspec

from mnemos_graph.errors import BadInput, Conflict, NotFound, TooMuch
from mnemos_graph.memory import checks
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.model import (
    Access,
    Position,
    Receipt,
    Record,
    RecordId,
    Scope,
    Version,
    receipt_id,
)
from mnemos_graph.store import MOST_CHANGES, ChangeSet, Erase, Find, GraphStore, Put, Range
from mnemos_graph.store import VersionRef as Ref

R = TypeVar("R", bound=Record)

KEPT = timedelta(days=7)
_SWEPT_AFTER = KEPT + timedelta(days=1)
"""A day is left to those who are just answering under a key, or began before it was stale."""
LONGEST_KEY = 256
"""Characters of an idempotency key."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """One request as its key names it."""

    operation: str
    id: RecordId
    digest: str

    @classmethod
    def of(cls, operation: str, key: str | None, given: Any) -> Self | None:
        """Return the request for ``key``, or None where there is no key.

        ``given`` is everything that the answer depends on: dataclasses, mappings and scalars.

        Raises:
            BadInput: the key is empty or has characters that cannot be printed.
            TooMuch: it has more than 256 characters.
        """
        if key is None:
            return None
        if not key or not key.isprintable():
            raise BadInput(
                f"idempotencyKey must have 1 to {LONGEST_KEY} characters that can be printed."
            )
        if len(key) > LONGEST_KEY:
            raise TooMuch(
                f"idempotencyKey has {len(key)} characters; at most {LONGEST_KEY} are allowed."
            )
        checks.storable("idempotencyKey", key)
        whole = msgspec.json.encode(msgspec.to_builtins(given, str_keys=True), order="sorted")
        return cls(operation, receipt_id(operation, key), hashlib.sha256(whole).hexdigest())


class Receipts:
    def __init__(self, store: GraphStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def look(self, access: Access, request: Keyed | None) -> Receipt | None:
        """Return what was begun or answered under this key; one older than 7 days is stale.

        Ask ``is_stale`` before using it as an answer; give it to ``put`` in any case.

        Raises:
            Conflict: the key came with another input within 7 days.
        """
        if request is None:
            return None
        receipt = (await self._store.get(access, Receipt, [request.id])).get(request.id)
        if receipt and receipt.digest != request.digest and not self.is_stale(receipt):
            raise Conflict(
                "This idempotencyKey was used with another input less than 7 days ago. "
                "Repeat that input, or take a new key."
            )
        return receipt

    def is_stale(self, receipt: Receipt) -> bool:
        return self._clock() - receipt.created_at >= KEPT

    def put(
        self,
        request: Keyed | None,
        scope: Scope,
        before: Receipt | None,
        *,
        answer: Mapping[str, Any] | None = None,
        progress: Mapping[str, Any] | None = None,
    ) -> tuple[Put, ...]:
        """Return the operation that keeps the receipt, answered or pending; none without a key.

        ``before`` is what ``look`` returned to this decision, so that of two requests with one key
        only one is carried out; the other's commit is a ``Conflict`` and finds the answer.
        """
        if request is None:
            return ()
        now = self._clock()
        began = before.created_at if before and not self.is_stale(before) else now
        receipt = Receipt(
            id=request.id,
            scope=before.scope if before else scope,
            created_at=began,
            updated_at=now,
            version=before.version + 1 if before else 1,
            operation=request.operation,
            digest=request.digest,
            answer=answer,
            progress=progress,
        )
        return (Put(receipt),)

    async def first_answer(
        self, access: Access, kind: type[R], before: Receipt | None
    ) -> tuple[tuple[R, ...], Position] | None:
        """Return what the request was answered with when it first came; None if it never was.

        ``before`` is what ``look`` returned. Of an answer of several records the first is named
        first; the position is where their commit ended.

        Raises:
            NotFound: one of the records is forgotten.
        """
        if before is None or not before.answer or self.is_stale(before):
            return None
        refs = [Ref(RecordId(id_), version) for id_, version in before.answer["refs"]]
        versions = await self._store.versions(access, kind, refs)
        found: list[Version[R]] = []
        for ref in refs:
            if ref not in versions:
                raise NotFound(kind.KIND.value, ref.id)
            found.append(versions[ref])
        behind = Position(found[0].born - 1)
        changes = await self._store.changes(access, after=behind, limit=1)
        return tuple(each.record for each in found), changes[0].commit_end

    async def sweep(self, access: Access) -> int:
        """Erase the receipts that no request can ask for any more; return how many."""
        swept = 0
        stale = Range("created_at", at_most=self._clock() - _SWEPT_AFTER)
        while True:
            (page,) = await self._store.find(access, [Find(Receipt, (stale,), first=MOST_CHANGES)])
            if not page.records:
                return swept
            erased = tuple(Erase(each.KIND, each.id) for each in page.records)
            await self._store.commit(access, ChangeSet(erased))
            swept += len(erased)


def named(*records: Record) -> Mapping[str, Any]:
    """Return an answer that names these versions of records, all of one commit."""
    return {"refs": [[each.id, each.version] for each in records]}
