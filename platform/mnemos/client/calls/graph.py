"""Entities, facts and the episodes behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Unpack

from mnemos.client import fragments
from mnemos.client.call import Call, page
from mnemos.client.inputs import EntityRef, ReadWhere, Where, given, scope, sent
from mnemos.client.results import (
    Deleted,
    Entity,
    Episode,
    Fact,
    FactWritten,
    Merged,
    Page,
    Subgraph,
)

_FACT_WRITTEN = f"{{ fact {{ {fragments.FACT} }} closed {{ {fragments.FACT} }} position }}"
_MERGED = f"{{ mergeId entity {{ {fragments.ENTITY} }} merged {{ {fragments.ENTITY} }} position }}"

_ENTITY = f"query Entity($id: ID!) {{ entity(id: $id) {{ {fragments.ENTITY} }} }}"

_ENTITIES = f"""query Entities(
  $scope: ScopeInput, $text: String, $kinds: [String!], $asOf: DateTime, $knownAt: DateTime,
  $first: Int! = 20, $after: String
) {{
  entities(
    scope: $scope, text: $text, kinds: $kinds, asOf: $asOf, knownAt: $knownAt, first: $first,
    after: $after
  ) {{
    edges {{ node {{ {fragments.ENTITY} }} }} {fragments.PAGE_INFO}
  }}
}}"""

_FACT = f"query Fact($id: ID!) {{ fact(id: $id) {{ {fragments.FACT} }} }}"

_FACTS = f"""query Facts(
  $scope: ScopeInput, $subjectId: ID, $predicate: String, $asOf: DateTime, $knownAt: DateTime,
  $includeInvalid: Boolean! = false, $first: Int! = 50, $after: String
) {{
  facts(
    scope: $scope, subjectId: $subjectId, predicate: $predicate, asOf: $asOf, knownAt: $knownAt,
    includeInvalid: $includeInvalid, first: $first, after: $after
  ) {{
    edges {{ node {{ {fragments.FACT} }} }} {fragments.PAGE_INFO}
  }}
}}"""

_SUBGRAPH = f"""query Subgraph(
  $around: [ID!]!, $hops: Int! = 1, $asOf: DateTime, $knownAt: DateTime, $limit: Int! = 200
) {{
  subgraph(around: $around, hops: $hops, asOf: $asOf, knownAt: $knownAt, limit: $limit) {{
    entities {{ {fragments.ENTITY} }} facts {{ {fragments.FACT} }} truncated
  }}
}}"""

_EPISODE = f"query Episode($id: ID!) {{ episode(id: $id) {{ {fragments.EPISODE} }} }}"

_RETRACT = "mutation Retract($id: ID!) { retractEpisode(id: $id) { deletedCount position } }"

_ASSERT = f"""mutation Assert($input: AssertFactInput!, $key: String) {{
  assertFact(input: $input, idempotencyKey: $key) {_FACT_WRITTEN}
}}"""

_END = f"mutation End($id: ID!, $at: DateTime) {{ endFact(id: $id, at: $at) {_FACT_WRITTEN} }}"

_INVALIDATE = f"mutation Invalidate($id: ID!) {{ invalidateFact(id: $id) {_FACT_WRITTEN} }}"

_MERGE = f"""mutation Merge($into: ID!, $from: [ID!]!) {{
  mergeEntities(into: $into, from: $from) {_MERGED}
}}"""

_UNMERGE = f"mutation Unmerge($id: ID!) {{ unmergeEntities(mergeId: $id) {_MERGED} }}"


def entity(id: str) -> Call[Entity | None]:
    """Return the entity with this id; None: there is none."""
    return Call(document=_ENTITY, answer="entity", kind=Entity | None, variables={"id": id})


def entities(
    *,
    text: str | None = None,
    kinds: Sequence[str] | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    first: int | None = None,
    after: str | None = None,
    **where: Unpack[ReadWhere],
) -> Call[Page[Entity]]:
    """Return a page of entities, those whose names have a word of ``text`` where it is given."""
    asked = given(text=text, kinds=kinds, as_of=as_of, known_at=known_at, first=first, after=after)
    return Call(
        document=_ENTITIES,
        answer="entities",
        kind=Page[Entity],
        variables=asked | {"scope": scope(where)},
        reshape=page,
    )


def fact(id: str) -> Call[Fact | None]:
    """Return the fact with this id; None: there is none."""
    return Call(document=_FACT, answer="fact", kind=Fact | None, variables={"id": id})


def facts(
    *,
    subject_id: str | None = None,
    predicate: str | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    include_invalid: bool = False,
    first: int | None = None,
    after: str | None = None,
    **where: Unpack[ReadWhere],
) -> Call[Page[Fact]]:
    """Return a page of the facts that hold at ``as_of``, as far as was known at ``known_at``."""
    asked = given(
        subject_id=subject_id,
        predicate=predicate,
        as_of=as_of,
        known_at=known_at,
        include_invalid=include_invalid,
        first=first,
        after=after,
    )
    return Call(
        document=_FACTS,
        answer="facts",
        kind=Page[Fact],
        variables=asked | {"scope": scope(where)},
        reshape=page,
    )


def subgraph(
    around: Sequence[str],
    *,
    hops: int | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    limit: int | None = None,
) -> Call[Subgraph]:
    """Return what facts that hold lead to, up to ``hops`` steps from some entities."""
    return Call(
        document=_SUBGRAPH,
        answer="subgraph",
        kind=Subgraph,
        variables=given(around=around, hops=hops, as_of=as_of, known_at=known_at, limit=limit),
    )


def episode(id: str) -> Call[Episode | None]:
    """Return the episode with this id; None: there is none."""
    return Call(document=_EPISODE, answer="episode", kind=Episode | None, variables={"id": id})


def retract_episode(id: str) -> Call[Deleted]:
    """Take back a source: what only it supported becomes invalid, what it ended holds again."""
    return Call(document=_RETRACT, answer="retractEpisode", kind=Deleted, variables={"id": id})


def assert_fact(
    subject: EntityRef | str,
    predicate: str,
    object: EntityRef | None = None,
    *,
    value: str | None = None,
    statement: str | None = None,
    valid_from: datetime | None = None,
    confidence: float | None = None,
    idempotency_key: str | None = None,
    **where: Unpack[Where],
) -> Call[FactWritten]:
    """State a fact about ``subject``, an entity or the name of one.

    Exactly one of ``object`` and ``value`` is given.
    """
    stated = given(
        subject=_entity(subject),
        predicate=predicate,
        object=object,
        value=value,
        statement=statement,
        valid_from=valid_from,
        confidence=confidence,
    )
    return Call(
        document=_ASSERT,
        answer="assertFact",
        kind=FactWritten,
        variables={"input": stated | {"scope": scope(where)}, "key": idempotency_key},
    )


def end_fact(id: str, *, at: datetime | None = None) -> Call[FactWritten]:
    """Say that a fact stopped holding in the world; by default now."""
    return Call(document=_END, answer="endFact", kind=FactWritten, variables=given(id=id, at=at))


def invalidate_fact(id: str) -> Call[FactWritten]:
    """Say that a fact never was so."""
    return Call(
        document=_INVALIDATE, answer="invalidateFact", kind=FactWritten, variables={"id": id}
    )


def merge_entities(into: str, from_: Sequence[str]) -> Call[Merged]:
    """Say that some entities are in truth ``into``; it can be undone."""
    return Call(
        document=_MERGE,
        answer="mergeEntities",
        kind=Merged,
        variables={"into": into, "from": list(from_)},
    )


def unmerge_entities(merge_id: str) -> Call[Merged]:
    """Undo a merge."""
    return Call(
        document=_UNMERGE, answer="unmergeEntities", kind=Merged, variables={"id": merge_id}
    )


def _entity(given_as: EntityRef | str) -> Any:
    return sent(EntityRef(name=given_as) if isinstance(given_as, str) else given_as)
