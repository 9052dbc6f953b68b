"""Small records for the suite: complete, valid, and different where a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mnemos_graph.model import (
    Access,
    Block,
    Entity,
    Episode,
    Fact,
    Memory,
    OrganizationId,
    RecordId,
    Scope,
    new_id,
)

ACME = Access(OrganizationId("acme"), "tester")
GLOBEX = Access(OrganizationId("globex"), "stranger")
ANN = Scope(user_id="ann")
BOB = Scope(user_id="bob")
EVERYONE = Scope()
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return EPOCH + timedelta(days=number)


def memory(text: str = "Ann likes tea", **given: Any) -> Memory:
    return Memory(**(_base() | {"text": text} | given))


def episode(text: str = "I like tea.", **given: Any) -> Episode:
    return Episode(**(_base() | {"text": text, "occurred_at": EPOCH} | given))


def entity(name: str = "Ann", kind: str = "PERSON", **given: Any) -> Entity:
    return Entity(**(_base() | {"name": name, "kind": kind} | given))


def fact(subject: Entity, predicate: str, target: Entity | str, **given: Any) -> Fact:
    ends: dict[str, Any] = {"subject_id": subject.id, "predicate": predicate}
    if isinstance(target, Entity):
        ends |= {"object_id": target.id, "statement": f"{subject.name} {predicate} {target.name}"}
    else:
        ends |= {"value": target, "statement": f"{subject.name} {predicate} {target}"}
    return Fact(**(_base() | {"scope": subject.scope} | ends | given))


def block(label: str = "persona", value: str = "Kind.", **given: Any) -> Block:
    return Block(**(_base() | {"label": label, "value": value} | given))


def _base() -> dict[str, Any]:
    return {"id": RecordId(new_id()), "scope": ANN, "created_at": EPOCH, "updated_at": EPOCH}
