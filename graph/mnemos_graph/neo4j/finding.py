"""Pages of records that fulfil conditions: all questions of one call in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from mnemos_graph.committing.forms import body_of
from mnemos_graph.model import Access, Record
from mnemos_graph.neo4j.conditions import Where, owners
from mnemos_graph.neo4j.entering import AWAIT, Entry, entry, version_entry
from mnemos_graph.neo4j.names import stored
from mnemos_graph.store import Find, Mark, Order, Page

R = TypeVar("R", bound=Record)

ALWAYS = frozenset({"id", "created_at", "updated_at"})
"""Fields that no record is without."""


class Statement(NamedTuple):
    cypher: str
    parameters: dict[str, Any]


class _Form(NamedTuple):
    """What questions share that are asked in one text, and one limit."""

    cypher: str
    first: int
    count_to: int


def statement(access: Access, questions: Sequence[Find[R]]) -> Statement | None:
    """Return what answers all questions with rows of (number, bodies, total); None: nothing can.

    Questions of the same form become one, over a list of their values.
    """
    grouped = defaultdict[_Form, list[dict[str, Any]]](list)
    for number, question in enumerate(questions):
        if owners(access, question.where) != []:
            asked, values = _asked(access, question)
            form = _Form(asked, question.first, question.count_to)
            grouped[form].append({"n": number, **values})
    if not grouped:
        return None
    parts, parameters = [], dict[str, Any](org=access.organization)
    for place, form in enumerate(sorted(grouped)):
        awaiting = f"{AWAIT}\n" if "db.index.fulltext" in form.cypher else ""
        body = form.cypher.replace("$most", f"$most{place}").replace("$count", f"$count{place}")
        parts.append(f"{awaiting}UNWIND $asked{place} AS q {body}")
        parameters |= {
            f"asked{place}": grouped[form],
            f"most{place}": max(form.first, 0) + 1,
            f"count{place}": max(form.count_to, 0) + 1,
        }
    return Statement("\nUNION ALL\n".join(parts), parameters)


def pages(questions: Sequence[Find[R]], rows: Sequence[Sequence[Any]]) -> list[Page[R]]:
    """Return each question's page from the rows of its statement."""
    found = {number: (bodies, total) for number, bodies, total in rows}
    return [_page(each, *found.get(n, ((), 0))) for n, each in enumerate(questions)]


def _page(question: Find[R], bodies: Sequence[str], total: int | None) -> Page[R]:
    first = max(question.first, 0)
    kept = [body.encode() for body in bodies[:first]]
    counted = total if total is not None and 0 < question.count_to >= total else None
    return Page(tuple(body_of(question.kind).decoded(kept)), len(bodies) > first, counted)


def _asked(access: Access, question: Find[R]) -> tuple[str, dict[str, Any]]:
    """Return one question as Cypher over ``q``, and the members of ``q``."""
    values = dict[str, Any]()
    found, order = source(access, question, values, behind=question.after)
    cypher = (
        f"CALL (q) {{ {found} WITH v ORDER BY {order} LIMIT $most "
        "WITH collect(v.body) AS bodies RETURN bodies }"
    )
    total = "null"
    if question.count_to > 0:
        counted, _ = source(access, question, values)
        cypher += f"\nCALL (q) {{ {counted} WITH v LIMIT $count RETURN count(v) AS total }}"
        total = "total"
    return f"{cypher}\nRETURN q.n AS n, bodies, {total} AS total", values


def source(
    access: Access, question: Find[R], values: dict[str, Any], *, behind: Mark | None = None
) -> tuple[str, str]:
    """Return the clauses that bring each match as ``v``, and in which order to take them."""
    current, found = _source(access, question, values, behind, past=False)
    way = "DESC" if question.order.descending else "ASC"
    if question.known_at is None or not question.kind.LOGGED:
        return current, _order(found, question.order.field, way)
    past, _ = _source(access, question, values, behind, past=True)
    both = f"CALL (q) {{ {current} RETURN v UNION ALL {past} RETURN v }}"
    return both, _order(Entry(""), question.order.field, way)


def _source(
    access: Access, question: Find[R], values: dict[str, Any], behind: Mark | None, *, past: bool
) -> tuple[str, Entry]:
    where = Where(values=values)
    where.add("v.org = $org")
    found = (version_entry if past else entry)(question, access, where)
    if question.known_at is not None:
        known = where.value(question.known_at)
        where.add(f"v.born <= {known}")
        if past:
            where.add(f"v.died > {known} AND v.change <> 'deleted'")
    where.readable(access)
    where.all(question.where)
    if behind is not None:
        _behind(where, question.order, behind)
    once = " WITH DISTINCT v" if found.repeats else ""
    return f"{found.match} WHERE {where.cypher}{once}", found


def _order(found: Entry, field: str, way: str) -> str:
    if found.in_order_of:
        return ", ".join(f"v.{each} {way}" for each in found.in_order_of)
    if field == "id":
        return f"v.id {way}"
    last = "" if field in ALWAYS else f"v.{field} IS NULL, "
    return f"{last}v.{field} {way}, v.id {way}"


def _behind(where: Where, order: Order, mark: Mark) -> None:
    """Keep to what comes after the mark, whether or not its record is still there."""
    sign, held, value = "<" if order.descending else ">", f"v.{order.field}", stored(mark.value)
    id_ = where.value(mark.id)
    if order.field == "id":
        where.add(f"v.id {sign} {id_}")
    elif value is None:
        where.add(f"{held} IS NULL AND v.id {sign} {id_}")
    else:
        here = where.value(value)
        further = f"({held} {sign} {here} OR ({held} = {here} AND v.id {sign} {id_})"
        if order.field in ALWAYS:
            where.add(f"{held} {sign}= {here} AND {further})")
        else:
            where.add(f"{further} OR {held} IS NULL)")
