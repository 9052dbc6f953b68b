"""The versions of one record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from mnemos_graph.errors import NotFound
from mnemos_graph.memory import checks
from mnemos_graph.model import Access, Record, RecordId, Version
from mnemos_graph.store import LATEST, GraphStore, VersionRef

R = TypeVar("R", bound=Record)


async def last_version(
    store: GraphStore, access: Access, kind: type[R], id: RecordId
) -> Version[R]:
    """Return the last version of a record, which may be its deletion.

    Raises:
        NotFound: there never was one, or it is forgotten.
    """
    latest = VersionRef(id, LATEST)
    found = (await store.versions(access, kind, [latest])).get(latest)
    if found is None:
        raise NotFound(kind.KIND.value, id)
    return found


async def history(
    store: GraphStore, access: Access, kind: type[R], id: RecordId, first: int = 20
) -> Sequence[Version[R]]:
    """Return up to ``first`` versions of a record that are kept, newest first.

    Raises:
        BadInput: ``first`` is not from 1 to 100.
        NotFound: there never was such a record, or it is forgotten.
    """
    checks.page_size(first)
    last = (await last_version(store, access, kind, id)).record.version
    refs = [VersionRef(id, number) for number in range(last, max(0, last - first), -1)]
    kept = await store.versions(access, kind, refs)
    return [kept[ref] for ref in refs if ref in kept]
