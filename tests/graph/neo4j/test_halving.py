"""A group that Neo4j refuses as a whole fails only where the guilty set is."""

from __future__ import annotations

import pytest
from neo4j import AsyncTransaction

from mnemos_graph.committing import Needed, Wanted
from mnemos_graph.errors import Conflict
from mnemos_graph.model import Memory, OrganizationId, RecordId
from mnemos_graph.neo4j import group, open_neo4j
from mnemos_graph.neo4j.address import Address
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.loading import Loaded, load
from mnemos_graph.store import ChangeSet, Committed, Put
from tests.conformance.commits import written
from tests.conformance.samples import ACME, memory
from tests.servers.neo4j import Neo4jServer, emptied

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.mark.parametrize("guilty", [0, 4, 8])
async def test_one_that_breaks_a_constraint_fails_alone(
    shared_neo4j: Neo4jServer, monkeypatch: pytest.MonkeyPatch, guilty: int
) -> None:
    known = memory()

    async def blind(
        transaction: AsyncTransaction, organization: OrganizationId, needed: Needed
    ) -> Loaded:
        loaded = await load(transaction, organization, needed)
        loaded.ledger.records.pop(known.id, None)
        return loaded

    async with open_neo4j(await emptied(shared_neo4j)) as store:
        await written(store, known)
        monkeypatch.setattr(group, "load", blind)
        records = [memory() for _ in range(8)]
        records.insert(guilty, known)
        sets = [Wanted.of(ACME, ChangeSet((Put(each),))) for each in records]
        bolt = Bolt(Address.of(shared_neo4j.url))
        answers = await group.commit(bolt, ACME.organization, sets)
        await bolt.close()
        failed = [number for number, each in enumerate(answers) if isinstance(each, Conflict)]
        assert failed == [guilty]
        ends = [each.last for each in answers if isinstance(each, Committed)]
        assert ends == list(range(2, 10))
        log = await store.changes(ACME)
        assert [each.position for each in log] == list(range(1, 10))
        ids: list[RecordId] = [each.id for each in records]
        assert len(await store.get(ACME, Memory, ids)) == 9
