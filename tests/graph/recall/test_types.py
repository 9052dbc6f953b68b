"""What recall shows of memories by their type."""

from __future__ import annotations

from mnemos_graph.memory.recall.asking import Strategy
from mnemos_graph.memory.scopes import ReadScope, WeightedScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.model import MemoryType, Scope
from mnemos_graph.store import Put
from tests.conformance.samples import memory
from tests.graph.recall.conftest import Bench

LASTING = "Ann draws boats"
OF_ANN = ReadScope(user_id="ann")


async def drafts(bench: Bench) -> None:
    """Keep what two sessions have at hand, and what holds beside them."""
    for session in ("s1", "s2"):
        at_hand = memory(
            f"Ann draws boat {session}",
            scope=Scope("ann", None, session),
            type=MemoryType.WORKING,
        )
        await bench.keep(at_hand)
    await bench.keep(memory(LASTING))


async def test_what_a_session_has_at_hand_is_not_mixed_into_what_others_ask(bench: Bench) -> None:
    await drafts(bench)
    for everybody in (ReadScope(), OF_ANN):
        assert await bench.texts("What does Ann draw?", scope=everybody) == [LASTING]
    own = ReadScope(user_id="ann", session_id="s1")
    assert await bench.texts("What does Ann draw?", scope=own) == ["Ann draws boat s1"]


async def test_of_several_scopes_each_has_what_is_at_hand_in_its_own_session(bench: Bench) -> None:
    await drafts(bench)
    scopes = [WeightedScope(OF_ANN), WeightedScope(ReadScope(user_id="ann", session_id="s2"))]
    found = await bench.texts("What does Ann draw?", scopes=scopes)
    assert sorted(found) == ["Ann draws boat s2", LASTING]


async def test_who_asks_for_what_is_at_hand_gets_it(bench: Bench) -> None:
    await drafts(bench)
    working = MemoryQuery(types=[MemoryType.WORKING])
    found = await bench.texts("What does Ann draw?", scope=OF_ANN, query=working)
    assert sorted(found) == ["Ann draws boat s1", "Ann draws boat s2"]


async def test_a_secret_is_recalled_by_its_name_and_never_by_its_value(bench: Bench) -> None:
    secret = memory(
        "Xyzzy4711",
        type=MemoryType.KNOWLEDGE_VAULT,
        metadata={"name": "Door code of the boathouse"},
    )
    await bench.commit(*(Put(each) for each in (secret, memory(LASTING))))
    (hit, *_) = (await bench.ask("What is the door code?", scope=OF_ANN)).hits
    assert hit.memory.id == secret.id
    assert await bench.texts("Xyzzy4711", scope=OF_ANN, strategy=Strategy.TEXT) == []
