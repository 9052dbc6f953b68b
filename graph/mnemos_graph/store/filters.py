"""The closed algebra of filters, orders and pages over declared fields.

A condition on a field that its kind of record does not declare, or of a form that the field's type
does not know, is refused with ``BadInput``; never ignored. Conditions of one filter hold together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from mnemos_graph.errors import BadInput
from mnemos_graph.model import FieldType, Position, Record, RecordId

Scalar = str | float | bool | datetime | None
Sign = Literal[">=", ">", "<=", "<"]
R_co = TypeVar("R_co", bound=Record, covariant=True)
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Equal:
    """The field has this value; ``None``: it has none."""

    field: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class In:
    """The field has one of these values, among which may be ``None``. No values: nothing matches."""

    field: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The number or instant lies within every bound that is given.

    A record without the field matches only where ``or_absent`` is set.
    """

    field: str
    at_least: float | datetime | None = None
    above: float | datetime | None = None
    at_most: float | datetime | None = None
    below: float | datetime | None = None
    or_absent: bool = False

    @property
    def bounds(self) -> Sequence[tuple[Sign, float | datetime]]:
        """The bounds that are given, each as what a value is to be compared with, and how."""
        given: tuple[tuple[Sign, float | datetime | None], ...] = (
            (">=", self.at_least),
            (">", self.above),
            ("<=", self.at_most),
            ("<", self.below),
        )
        return [(sign, limit) for sign, limit in given if limit is not None]


@dataclass(frozen=True, slots=True)
class HasAll:
    """The field of several texts has every one of these."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasPairs:
    """The JSON object has each of these top-level keys with an equal value."""

    field: str
    pairs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Present:
    """The field has a value (several: at least one), or, with ``present=False``, has none."""

    field: str
    present: bool = True


@dataclass(frozen=True, slots=True)
class HasWords:
    """The record's searchable text has every word of ``text``, as ``model.words`` makes them."""

    text: str


Condition = Equal | In | Range | HasAll | HasPairs | Present | HasWords
Filter = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """By a field of scalar type, then by id in the same direction; absent values come last."""

    field: str = "id"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """The place of one record in an order: a page begins behind it, also where it is gone."""

    value: Scalar
    id: RecordId


@dataclass(frozen=True, slots=True)
class Find(Generic[R]):
    """One question for live records of one kind."""

    kind: type[R]
    where: Filter = ()
    order: Order = Order()
    first: int = 100
    after: Mark | None = None
    known_at: Position | None = None
    """Answer from the versions that were current at this position; None: from what is now."""
    count_to: int = 0
    """Count the matches up to this number; 0: do not count."""


@dataclass(frozen=True, slots=True)
class Page(Generic[R_co]):
    records: tuple[R_co, ...]
    has_more: bool
    total: int | None = None
    """How many match in all; None where not counted, or where there are more than ``count_to``."""


_FORMS: Mapping[type, frozenset[FieldType]] = {
    Equal: frozenset({FieldType.TEXT, FieldType.NUMBER, FieldType.INSTANT, FieldType.FLAG}),
    In: frozenset({FieldType.TEXT, FieldType.NUMBER, FieldType.INSTANT, FieldType.FLAG}),
    Range: frozenset({FieldType.NUMBER, FieldType.INSTANT}),
    HasAll: frozenset({FieldType.TEXTS}),
    HasPairs: frozenset({FieldType.OBJECT}),
    Present: frozenset(FieldType),
}


def checked(find: Find[R]) -> Find[R]:
    """Return ``find`` if its kind declares all that it names.

    Raises:
        BadInput: an undeclared field, or a form of condition or order that its type does not know.
    """
    for condition in find.where:
        if not isinstance(condition, HasWords):
            _check(find.kind, condition.field, _FORMS[type(condition)], type(condition).__name__)
    _check(find.kind, find.order.field, _FORMS[Equal], "Order")
    return find


def _check(kind: type[Record], field: str, allowed: frozenset[FieldType], form: str) -> None:
    declared = kind.INDEXED.get(field)
    if declared is None:
        known = ", ".join(sorted(kind.INDEXED))
        raise BadInput(f"{kind.KIND.value} has no field {field!r} to ask by. It has: {known}.")
    if declared not in allowed:
        raise BadInput(f"{form} does not apply to {field!r}, which is of type {declared.value}.")
