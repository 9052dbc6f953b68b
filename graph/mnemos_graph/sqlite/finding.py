"""Pages of records that fulfil conditions, and full-text search."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, TypeVar

from mnemos_graph.model import Access, Partition, Record
from mnemos_graph.model.words import words
from mnemos_graph.sqlite.columns import stored, table_of
from mnemos_graph.sqlite.conditions import Where, matching
from mnemos_graph.sqlite.reading import number
from mnemos_graph.store import Equal, Filter, Find, Mark, Page

R = TypeVar("R", bound=Record)

_PAGE = """
SELECT page.row, v.body FROM (
  SELECT v.rowid AS row FROM {table} AS v WHERE {where} ORDER BY {order} LIMIT ?
) AS page CROSS JOIN {table} AS v ON v.rowid = page.row ORDER BY {order}
"""

_HITS = """
SELECT v.body, hits.score FROM (
  SELECT v.rowid AS row, v.id AS id, -bm25(full_text, 0.0, 1.0) AS score
  FROM full_text CROSS JOIN {table} AS v ON v.rowid = full_text.rowid
  WHERE full_text MATCH ? AND {where} ORDER BY score DESC, v.id LIMIT ?
) AS hits CROSS JOIN {table} AS v ON v.rowid = hits.row ORDER BY hits.score DESC, hits.id
"""


def find(database: sqlite3.Connection, access: Access, question: Find[R]) -> Page[R]:
    """Answer a question that ``checked`` has passed."""
    org = number(database, access.organization)
    if org is None:
        return Page((), has_more=False, total=0 if question.count_to > 0 else None)
    table = table_of(question.kind)
    where = Where(org, question.kind.KIND, access, question.known_at)
    where.visible()
    where.all(question.where)
    total = _count(database, table.name, where, question.count_to)
    if question.after is not None:
        _behind(where, question.order.field, question.after, descending=question.order.descending)
    order = _order(question.order.field, descending=question.order.descending)
    asked = _PAGE.format(table=table.name, where=where.sql, order=order)
    bodies = [body for _, body in database.execute(asked, (*where.bound, question.first + 1))]
    records = tuple(table.decode(body) for body in bodies[: question.first])
    return Page(records, len(bodies) > question.first, total)


def _count(database: sqlite3.Connection, table: str, where: Where, most: int) -> int | None:
    if most <= 0:
        return None
    asked = f"SELECT count(*) FROM (SELECT 1 FROM {table} AS v WHERE {where.sql} LIMIT ?)"
    (count,) = database.execute(asked, (*where.bound, most + 1)).fetchone()
    return int(count) if count <= most else None


def _order(name: str, *, descending: bool) -> str:
    way = "DESC" if descending else "ASC"
    return f"v.id {way}" if name == "id" else f'v."{name}" {way} NULLS LAST, v.id {way}'


def _behind(where: Where, name: str, mark: Mark, *, descending: bool) -> None:
    """Keep to what comes after the mark, whether or not its record is still there."""
    sign, column, value = "<" if descending else ">", f'v."{name}"', stored(mark.value)
    if name == "id":
        where.add(f"v.id {sign} ?", mark.id)
    elif value is None:
        where.add(f"{column} IS NULL AND v.id {sign} ?", mark.id)
    else:
        where.add(
            f"({column} {sign} ? OR ({column} = ? AND v.id {sign} ?) OR {column} IS NULL)",
            value,
            value,
            mark.id,
        )


def search(
    database: sqlite3.Connection,
    access: Access,
    kind: type[R],
    text: str,
    *,
    where: Filter,
    first: int,
) -> Sequence[tuple[R, float]]:
    """Return the best of those that have any word of ``text``, by BM25."""
    org, wanted = number(database, access.organization), words(text)
    if org is None or not wanted or first <= 0:
        return []
    table = table_of(kind)
    sifted = Where(org, kind.KIND, access)
    sifted.visible()
    sifted.all(where)
    match = matching(org, kind.KIND, _narrowed(access, where), wanted, "OR")
    asked = _HITS.format(table=table.name, where=sifted.sql)
    found: list[tuple[bytes, float]] = database.execute(
        asked, (match, *sifted.bound, first)
    ).fetchall()
    return [(table.decode(body), max(0.0, score)) for body, score in found]


def _narrowed(access: Access, conditions: Filter) -> Access:
    """Return the access with only the partition that the conditions name, for full text's scope."""
    owners: set[Any] = {
        each.value for each in conditions if isinstance(each, Equal) and each.field == "user_id"
    }
    if len(owners) != 1:
        return access
    reads = frozenset({Partition(owners.pop() or "")})
    return Access(access.organization, access.actor, reads, access.writes)
