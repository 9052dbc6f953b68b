"""What a question shows has been used."""

from __future__ import annotations

import pytest

from mnemos.door import Reach
from mnemos.program import program_over
from mnemos.settings import Settings
from mnemos.wiring import Opened
from mnemos_graph.identity import LOCAL_CALLER
from mnemos_graph.memory.kinds.levels import Levels
from mnemos_graph.memory.kinds.uses import FIRST_HITS, read
from mnemos_graph.memory.services import Parts
from mnemos_graph.model import RecordId
from mnemos_graph.store import GraphStore
from tests.conformance.memory_directory import MemoryDirectory
from tests.schema.asking import create
from tests.serving import client_of

RECALL = '{ recall(input: { query: "boats" }) { hits { memory { id } } } }'
CONTEXT = '{ context(input: { query: "boats" }) { hits { memory { id } } } }'


@pytest.mark.parametrize("levels", [Levels(), None])
async def test_the_first_hits_and_what_a_context_tells_are_counted(
    store: GraphStore, levels: Levels | None
) -> None:
    opened = Opened(parts=Parts(store=store, levels=levels), directory=MemoryDirectory())
    async with (
        program_over(opened, Settings(), Reach.MACHINE) as program,
        client_of(program) as client,
    ):
        for number in range(5):
            await create(client, f"Boats, part {number}")
        hits = (await client.ask(RECALL))["recall"]["hits"]
        told = (await client.ask(CONTEXT))["context"]["hits"]
        await client.ask("{ memories { edges { node { id } } } }")
    ids = [RecordId(each["memory"]["id"]) for each in (*hits[:FIRST_HITS], *told)]
    found = await read(
        store, LOCAL_CALLER.access, [RecordId(each["memory"]["id"]) for each in hits]
    )
    counted = {id_: ids.count(id_) for id_ in ids} if levels else {}
    assert {id_: round(use.strength, 3) for id_, use in found.items()} == counted
    assert len(ids) > FIRST_HITS
