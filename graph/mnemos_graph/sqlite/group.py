"""One group of change sets: each checked, then numbered, then turned into rows.

Nothing of a set that fails its checks reaches the rows, and nothing reaches the file before
``write``; the transaction around it belongs to the writer.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from mnemos_graph.committing import Ledger, Needed, Wanted, admit
from mnemos_graph.model import OrganizationId
from mnemos_graph.sqlite.batch import Batch
from mnemos_graph.sqlite.ledger import load, numbered
from mnemos_graph.sqlite.rows import Rows
from mnemos_graph.store import Committed
from mnemos_graph.store.copying import Seal


class Group:
    """What the sets of one transaction come to."""

    def __init__(self, database: sqlite3.Connection, wanted: Sequence[Wanted]) -> None:
        self._batch = Batch(database)
        self._ledgers: dict[OrganizationId, Ledger] = {}
        self._seals: dict[OrganizationId, Seal | None] = {}
        self._rows: dict[OrganizationId, Rows] = {}
        by_organization = defaultdict[OrganizationId, list[Wanted]](list)
        for each in wanted:
            by_organization[each.access.organization].append(each)
        for organization, sets in by_organization.items():
            org, self._seals[organization] = numbered(database, organization)
            self._ledgers[organization] = load(database, org, Needed.by(sets))
            self._rows[organization] = Rows(org, self._batch)

    def add(self, wanted: Wanted) -> Committed:
        """Take a set in, or raise what forbids it and leave the group as it was."""
        organization = wanted.access.organization
        if seal := self._seals[organization]:
            raise seal.refusal()
        return admit(self._ledgers[organization], self._rows[organization], wanted)

    def write(self) -> None:
        self._batch.write()
