"""Records by id, as they are or as they were at a position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar, cast

from mnemos_graph.committing.forms import BODIES
from mnemos_graph.model import Access, Position, Record, RecordId, RecordKind
from mnemos_graph.neo4j.conditions import readable
from mnemos_graph.neo4j.finding import Statement
from mnemos_graph.neo4j.names import KINDS, PLANNED_ONCE, label, version_label

R = TypeVar("R", bound=Record)

_NOW = """{once}
MATCH (v:Record) USING INDEX SEEK v:Record(org, id)
WHERE v.org = $org AND v.id IN $of.ids AND v:{now}{also}
RETURN labels(v), v.id, v.body
"""
_THEN = """
UNION ALL
MATCH (v:Version) USING INDEX SEEK v:Version(org, id, version)
WHERE v.org = $org AND v.id IN $of.ids AND v.version IS NOT NULL AND v:{then}
  AND v.born <= $known_at AND v.died > $known_at AND v.change <> 'deleted'{readable}
RETURN labels(v), v.id, v.body
"""


def statement(
    access: Access, kind: type[Record], ids: Collection[RecordId], known_at: Position | None
) -> Statement | None:
    """Return what answers with rows of (labels, id, body); None: nothing can be found."""
    if not ids:
        return None
    of: dict[str, object] = {"ids": list(ids)}
    bound: dict[str, Any] = {"org": access.organization, "of": of, "known_at": known_at}

    def value(given: object) -> str:
        of["partitions"] = given
        return "$of.partitions"

    term = readable(access, "v", value)
    seen = f" AND {term}" if term else ""
    one = None if kind is Record else kind.KIND
    now, then = (label(one), version_label(one)) if one else ("!Deleted", "Version")
    if known_at is None:
        return Statement(_NOW.format(once=PLANNED_ONCE, now=now, also=seen), bound)
    also = f" AND v.born <= $known_at{seen}"
    text = _NOW.format(once=PLANNED_ONCE, now=now, also=also)
    return Statement(text + _THEN.format(then=then, readable=seen), bound)


def records(
    kind: type[R], ids: Collection[RecordId], rows: Sequence[Sequence[Any]]
) -> Mapping[RecordId, R]:
    """Return what the statement's rows hold, in the order of ``ids``."""
    of_kind = defaultdict[RecordKind, list[tuple[RecordId, bytes]]](list)
    for labels, id_, body in rows:
        for each in labels:
            if each in KINDS:
                of_kind[KINDS[each]].append((id_, body.encode()))
    found = dict[RecordId, Record]()
    for held, own in of_kind.items():
        decoded = BODIES[held].decoded(body for _, body in own)
        found |= dict(zip((id_ for id_, _ in own), decoded, strict=True))
    return cast("Mapping[RecordId, R]", {id_: found[id_] for id_ in ids if id_ in found})
