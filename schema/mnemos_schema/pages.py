"""Page cursors: where in an order a page ends, for the question that gave it alone.

A cursor is (hash of the question, value of the field that orders, id) in base64url: opaque, but no
secret. With another organization, filter or order it means nothing, and is refused.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Self, TypeVar

import msgspec
import strawberry

from mnemos_graph.errors import BadInput
from mnemos_graph.model import FieldType, OrganizationId, Record, RecordId
from mnemos_graph.store import Mark, Order, Page, Scalar

MOST_COUNTED = 10_000
"""Where counting stops, and ``totalCount`` is null."""

R = TypeVar("R", bound=Record)
R_co = TypeVar("R_co", bound=Record, covariant=True)

_TAG_BYTES = 12
_BODIES: Mapping[FieldType, msgspec.json.Decoder[Any]] = {
    FieldType.TEXT: msgspec.json.Decoder(tuple[str | None, str]),
    FieldType.NUMBER: msgspec.json.Decoder(tuple[float | None, str]),
    FieldType.INSTANT: msgspec.json.Decoder(tuple[datetime | None, str]),
}


@strawberry.type(description="Where a page stands among the others.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before it.")
    start_cursor: str | None = strawberry.field(description="Of the first item; null: no items.")
    end_cursor: str | None = strawberry.field(
        description="Of the last item, to be given as after; null: no items."
    )

    @classmethod
    def of(cls, page: Page[R], cursors: PageCursors[R], after: Mark | None) -> Self:
        ends = [cursors.of(each) for each in (*page.records[:1], *page.records[-1:])]
        return cls(
            has_next_page=page.has_more,
            has_previous_page=after is not None,
            start_cursor=ends[0] if ends else None,
            end_cursor=ends[-1] if ends else None,
        )


@dataclass(frozen=True, slots=True)
class PageCursors(Generic[R_co]):
    """The cursors of one question: everything that a page depends on but its place and size."""

    kind: type[R_co]
    order: Order
    question: bytes
    """Its hash."""

    @classmethod
    def to(
        cls, organization: OrganizationId, kind: type[R_co], order: Order, *question: object
    ) -> Self:
        """Return the cursors of a question about ``kind``; its parts tell by their repr."""
        whole = repr((organization, kind.KIND, order, question))
        digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).digest()
        return cls(kind, order, digest[:_TAG_BYTES])

    def of(self, record: Record) -> str:
        value = record.field(self.order.field)
        body = msgspec.json.encode([value, record.id])
        return urlsafe_b64encode(self._tag(body) + body).decode().rstrip("=")

    def mark(self, after: str | None) -> Mark | None:
        """Return the place that a client's cursor stands for; None without one.

        Raises:
            BadInput: it was not given out for this question.
        """
        if after is None:
            return None
        try:
            raw = b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True)
            tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
            value, record_id = self._body.decode(body)
        except (ValueError, msgspec.MsgspecError) as wrong:
            raise _not_ours() from wrong
        if tag != self._tag(body):
            raise _not_ours()
        return Mark(value, RecordId(record_id))

    @property
    def _body(self) -> msgspec.json.Decoder[tuple[Scalar, str]]:
        """What reads a value of the field that orders, and an id."""
        return _BODIES[self.kind.INDEXED[self.order.field]]

    def _tag(self, body: bytes) -> bytes:
        return hashlib.sha256(self.question + body).digest()[:_TAG_BYTES]


def _not_ours() -> BadInput:
    return BadInput(
        "after is not a cursor of this list. Pass the endCursor that the same question (with the "
        "same scope, filter and order) gave, or none."
    )
