"""Full-text search: Lucene ranks, the words that ``model.words`` made decide what matches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from mnemos_graph.committing.forms import body_of
from mnemos_graph.model import Access, Record
from mnemos_graph.model.words import words
from mnemos_graph.neo4j.conditions import WORDS, Where, owners
from mnemos_graph.neo4j.entering import AWAIT, any_word
from mnemos_graph.neo4j.finding import Statement
from mnemos_graph.store import Filter, Find

R = TypeVar("R", bound=Record)


def statement(
    access: Access, kind: type[R], text: str, where: Filter, first: int
) -> Statement | None:
    """Return what answers with rows of (body, score), best first; None: nothing can match."""
    wanted = list(dict.fromkeys(words(text)))
    if not wanted or first <= 0 or owners(access, where) == []:
        return None
    sifted = Where()
    sifted.add("v.org = $org")
    found = any_word(Find(kind, where), access, sifted, wanted)
    sifted.add(f"any(each IN {sifted.value(wanted)} WHERE each IN {WORDS})")
    sifted.readable(access)
    sifted.all(where)
    cypher = (
        f"{AWAIT}\nWITH $asked AS q {found.match} WHERE {sifted.cypher}\n"
        "WITH v, score ORDER BY score DESC, v.id LIMIT $first RETURN v.body, score"
    )
    parameters = {"org": access.organization, "asked": sifted.values, "first": first}
    return Statement(cypher, parameters)


def hits(kind: type[R], rows: Sequence[Sequence[Any]]) -> list[tuple[R, float]]:
    """Return the records and their scores from the rows of the statement."""
    records = body_of(kind).decoded(body.encode() for body, _ in rows)
    return [(record, max(0.0, score)) for record, (_, score) in zip(records, rows, strict=True)]
