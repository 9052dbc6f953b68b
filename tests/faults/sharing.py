"""One process of several over the same Neo4j, Chroma and Redis, which writes until it is killed.

Started as ``python -m tests.faults.sharing NEO4J CHROMA REDIS``; it says each position that was
acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from mnemos_graph.memory.indexing.indexing import IndexingJournal
from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.neo4j import open_neo4j
from mnemos_graph.redis import open_redis
from mnemos_graph.redis.leases import RedisLeases
from mnemos_graph.store import ChangeSet, Put
from mnemos_graph.vectors.chroma_server import open_chroma_server
from tests.conformance.samples import ACME, memory
from tests.embedders import WordEmbedder

LIMIT = 10
LEASE_SECONDS = 2.0
"""So that somebody has the leases again before the next one is killed."""


@asynccontextmanager
async def sharing(
    neo4j: str, chroma: str, redis: str
) -> AsyncIterator[tuple[Services, IndexingJournal]]:
    async with open_neo4j(neo4j) as store, open_redis(redis) as shared:
        assert isinstance(shared.leases, RedisLeases)
        parts = Parts(
            store=store,
            bus=shared.bus,
            embedder=WordEmbedder(),
            open_vectors=partial(open_chroma_server, chroma),
            exact_scan=LIMIT,
            leases=RedisLeases(shared.leases._connection, LEASE_SECONDS),
            others=True,
            runs_jobs=False,
        )
        async with open_services(parts) as services:
            assert services.indexer is not None
            assert services.collecting is not None
            services.collecting.follow(ACME.organization)
            yield services, IndexingJournal(store, shared.bus, services.indexer)


async def main(neo4j: str, chroma: str, redis: str) -> None:
    async with sharing(neo4j, chroma, redis) as (_, journal):
        for n in range(1_000_000):
            put = Put(memory(f"note {os.getpid()} {n}"))
            committed = await journal.commit(ACME, ChangeSet((put,)))
            os.write(1, f"{committed.last}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
