"""The way into the graph for one question: an index, said in the text, so that no plan is a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from mnemos_graph.model import Access, OrganizationId, Partition, Record, RecordKind
from mnemos_graph.model.words import words
from mnemos_graph.neo4j.conditions import Where, owners
from mnemos_graph.neo4j.indexes import (
    BY_ID,
    BY_OWNER,
    IN_ORDER,
    LOOKED_UP,
    LOOKED_UP_THEN,
    SELDOM_LISTED,
    TEXTS,
    VERSION_BY_END,
    VERSION_BY_ID,
    VERSION_BY_OWNER,
    Properties,
)
from mnemos_graph.neo4j.names import (
    FULL_TEXT,
    TEXT,
    label,
    relationship,
    scope_token,
    stored,
    version_label,
)
from mnemos_graph.store import Condition, Equal, Find, HasAll, HasWords, In, Order, Range

R = TypeVar("R", bound=Record)

AWAIT = "CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()"
"""Full text follows commits a little later; what asks it first waits until it has."""

_MOST_TOKENS = 64
"""Partitions named one by one in a full-text question; of more, all are searched and then sifted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The beginning of a question, before its ``WHERE``."""

    match: str
    in_order_of: Properties = ()
    """The properties in whose order it finds; empty: in none."""
    repeats: bool = False
    """It may lead to one node by several ways."""


def entry(question: Find[R], access: Access, where: Where) -> Entry:
    """Return the narrowest way in, and add to ``where`` what it needs.

    By id, by a field that is looked up, by a text or reference among several, by words, by a
    bound, and else by the owner, in the order asked for where there is an index in that order.
    """
    kind, conditions = question.kind.KIND, question.where
    name = label(kind)
    if any(_names(each, "id") for each in conditions):
        where.add(f"v:{name}")
        return Entry(_using("Record", BY_ID))
    fields = LOOKED_UP.get(kind, ())
    for field in fields:
        if any(_names(each, field) for each in conditions):
            return Entry(_using(name, ("org", field)))
    for condition in conditions:
        match condition:
            case HasAll(field, values) if values:
                return _holding(question, where, field, values[0])
            case HasWords(text) if words(text):
                return _with_words(question, access, where, words(text), "AND")
            case Range(field) if field in fields and not condition.or_absent:
                return Entry(_using(name, ("org", field)))
    return _owned(kind, owners(access, conditions), where, question.order)


def version_entry(question: Find[R], access: Access, where: Where) -> Entry:
    """Return the way in to what records were before, and add to ``where`` what it needs."""
    kind, conditions = question.kind.KIND, question.where
    name = version_label(kind)
    if any(_names(each, "id") for each in conditions):
        where.add(f"v.version IS NOT NULL AND v:{name}")
        return Entry(_using("Version", VERSION_BY_ID))
    for field in LOOKED_UP_THEN.get(kind, ()):
        if any(_names(each, field) for each in conditions):
            return Entry(_using(name, ("org", field)))
    partitions = owners(access, conditions)
    if partitions is None:
        return Entry(_using(name, VERSION_BY_END))
    where.add(f"v.partition IN {where.value(partitions)}")
    return Entry(_using(name, VERSION_BY_OWNER))


def any_word(question: Find[R], access: Access, where: Where, wanted: Sequence[str]) -> Entry:
    """Return the way in to records that have any of the words, with their ``score``."""
    found = _with_words(question, access, where, wanted, "OR")
    return Entry(f"{found.match}, score")


def _names(condition: Condition, field: str) -> bool:
    """Whether the condition gives the field's value, and never an absent one."""
    match condition:
        case Equal(name, value):
            return name == field and value is not None
        case In(name, values):
            return name == field and None not in values
    return False


def _using(label_: str, properties: Properties) -> str:
    return f"MATCH (v:{label_}) USING INDEX SEEK v:{label_}({', '.join(properties)})"


def _holding(question: Find[R], where: Where, field: str, value: str) -> Entry:
    """Enter by one of the texts in a field of several."""
    kind = question.kind
    if field in kind.REFERS:
        to, at, using = relationship(field), "Record", BY_ID
        where.add(f"at.id = {where.value(stored(value))}")
    else:
        to, at, using = TEXT, "Text", TEXTS
        where.add(f"at.field = '{kind.KIND.value}.{field}'")
        where.add(f"at.value = {where.value(stored(value))}")
    where.add("at.org = $org")
    path = f"MATCH (at:{at})<-[:{to}]-(v:{label(kind.KIND)})"
    return Entry(f"{path} USING INDEX SEEK at:{at}({', '.join(using)})", repeats=True)


def _with_words(
    question: Find[R], access: Access, where: Where, wanted: Sequence[str], operator: str
) -> Entry:
    kind = question.kind.KIND
    among = owners(access, question.where)
    text = matching(access.organization, kind, among, wanted, operator)
    where.add(f"v:{label(kind)}")
    call = f"CALL db.index.fulltext.queryNodes('{FULL_TEXT}', {where.value(text)})"
    return Entry(f"{call} YIELD node AS v")


def matching(
    organization: OrganizationId,
    kind: RecordKind,
    partitions: Sequence[Partition] | None,
    wanted: Sequence[str],
    operator: str,
) -> str:
    """Return the full-text question for records with all (AND) or any (OR) of the words."""
    tokens = [scope_token(organization, kind)]
    if partitions is not None and 0 < len(partitions) <= _MOST_TOKENS:
        tokens = [scope_token(organization, kind, each) for each in partitions]
    scope = " OR ".join(f'"{token}"' for token in tokens)
    text = f" {operator} ".join(f'"{word}"' for word in dict.fromkeys(wanted))
    return f"tokens:({scope})^0 AND words:({text})"


def _owned(
    kind: RecordKind, partitions: Sequence[Partition] | None, where: Where, order: Order
) -> Entry:
    where.add("v.id IS NOT NULL")
    in_order = IN_ORDER.get(kind, ())
    ordered = (order.field, "id") if order.field in in_order else ("id",)
    if partitions is None and kind in SELDOM_LISTED:
        where.add("v.partition IS NOT NULL")
        return Entry(_using(label(kind), BY_OWNER))
    if partitions is None:
        found: Properties = ("org", *ordered)
    elif len(partitions) == 1:
        where.add(f"v.partition = {where.value(partitions[0])}")
        found = ("org", "partition", *ordered)
    else:
        where.add(f"v.partition IN {where.value(partitions)}")
        return Entry(_using(label(kind), BY_OWNER))
    if order.field in in_order:
        where.add(f"v.{order.field} IS NOT NULL")
    return Entry(_using(label(kind), found), found if order.field in {*in_order, "id"} else ())
