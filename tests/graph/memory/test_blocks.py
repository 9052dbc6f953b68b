"""Core memory under labels."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mnemos_graph.errors import BadInput, Conflict, Forbidden, NotFound, TooMuch
from mnemos_graph.memory.records.blocks import Blocks, NewBlock
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.model import Block, RecordId, Scope
from tests.conformance.samples import ACME, ANN, EVERYONE, GLOBEX


def new(value: str = "Kind.", **given: Any) -> NewBlock:
    base: dict[str, Any] = {"label": "persona", "value": value, "scope": ANN}
    return NewBlock(**(base | given))


async def put(blocks: Blocks, *args: Any, **given: Any) -> Block:
    return (await blocks.put(ACME, new(*args, **given))).record


async def test_a_label_has_one_block_in_its_scope(blocks: Blocks) -> None:
    first = await put(blocks, description="Who I am", limit=50)
    second = await put(blocks, "Curt.")
    assert (second.id, second.version, second.value) == (first.id, 2, "Curt.")
    assert (second.description, second.limit, second.read_only) == ("Who I am", 50, False)
    for scope in [EVERYONE, Scope("ann", "coach"), Scope("ann", None, "s")]:
        assert (await put(blocks, scope=scope)).version == 1
    assert len(await blocks.list(ACME)) == 4


async def test_the_same_again_makes_no_version(blocks: Blocks) -> None:
    assert await put(blocks) == await put(blocks)


async def test_an_expected_version_turns_a_lost_update_into_a_conflict(blocks: Blocks) -> None:
    await blocks.put(ACME, new("First"), expected_version=0)
    await blocks.put(ACME, new("Second"), expected_version=1)
    for wrong in (0, 1):
        with pytest.raises(Conflict, match="at version 2"):
            await blocks.put(ACME, new("Third"), expected_version=wrong)


async def test_a_crowd_at_one_label_leaves_one_block(blocks: Blocks) -> None:
    written = await asyncio.gather(*(put(blocks, f"Value {n}") for n in range(12)))
    assert sorted(each.version for each in written) == list(range(1, 13))
    assert len({each.id for each in written}) == 1


async def test_too_long_a_value_is_refused_with_both_numbers(blocks: Blocks) -> None:
    with pytest.raises(TooMuch, match="2001 characters and its limit is 2000"):
        await put(blocks, "x" * 2_001)
    await put(blocks, "x" * 2_001, limit=3_000)
    with pytest.raises(TooMuch, match="2001 characters and its limit is 10"):
        await put(blocks, "x" * 2_001, limit=10)


async def test_a_read_only_block_changes_only_once_it_is_opened(blocks: Blocks) -> None:
    held = await put(blocks, read_only=True)
    for wrong in [new("Curt."), new(limit=5), new("Curt.", read_only=True)]:
        with pytest.raises(Forbidden, match="readOnly: false"):
            await blocks.put(ACME, wrong)
    with pytest.raises(Forbidden):
        await blocks.delete(ACME, held.id)
    assert await put(blocks) == held
    assert (await put(blocks, "Curt.", read_only=False)).value == "Curt."


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"label": " "}, BadInput),
        ({"label": "x" * 257}, TooMuch),
        ({"value": "a\0b"}, BadInput),
        ({"limit": 0}, BadInput),
        ({"limit": 40_000}, TooMuch),
        ({"description": "\ud800"}, BadInput),
    ],
)
async def test_a_block_that_cannot_be_kept_is_refused(
    blocks: Blocks, wrong: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await put(blocks, **wrong)


async def test_a_deleted_block_frees_its_label_and_keeps_its_history(blocks: Blocks) -> None:
    first = await put(blocks)
    await put(blocks, "Curt.")
    await blocks.delete(ACME, first.id)
    assert (await put(blocks)).id != first.id
    values = [each.record.value for each in await blocks.history(ACME, first.id, 2)]
    assert values == ["Curt.", "Curt."]
    for access, id_ in [(ACME, RecordId("unknown")), (GLOBEX, first.id)]:
        with pytest.raises(NotFound):
            await blocks.delete(access, id_)


async def test_a_users_blocks_come_with_the_shared_ones_by_label(blocks: Blocks) -> None:
    await put(blocks, label="b")
    await put(blocks, label="a", scope=EVERYONE)
    await put(blocks, label="c", scope=Scope("bob"))
    found = await blocks.list(ACME, ReadScope(user_id="ann"))
    assert [each.label for each in found] == ["a", "b"]
