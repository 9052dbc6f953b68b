"""A block's text made shorter by rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.errors import BadInput, Conflict, Forbidden, NotFound, TooMuch
from mnemos_graph.memory.kinds.condensing import PINNED, condense
from mnemos_graph.memory.records.blocks import Blocks, NewBlock
from mnemos_graph.model import Block, RecordId
from tests.conformance.samples import ACME, ANN, GLOBEX
from tests.graph.stores import EVERY_STORE

LINES = "\n".join(f"Day {number}: sailed" for number in range(10))


async def put(blocks: Blocks, value: str, **given_: Any) -> Block:
    new = NewBlock(label="notes", value=value, scope=ANN, **given_)
    return (await blocks.put(ACME, new)).record


def test_the_newest_lines_stay_where_they_stood() -> None:
    assert condense(LINES, 30) == "Day 8: sailed\nDay 9: sailed"


def test_what_is_pinned_stays_however_old_it_is() -> None:
    value = f"- {PINNED} Never nuts\n{LINES}"
    assert condense(value, 40) == f"- {PINNED} Never nuts\nDay 9: sailed"
    assert condense(value, 5) == f"- {PINNED} Never nuts"


def test_what_is_said_twice_is_said_where_it_was_said_last() -> None:
    assert condense("Tea\nCoffee\n\nTea", 100) == "Coffee\n\nTea"


def test_blank_lines_go_before_anything_that_is_said() -> None:
    assert condense("Tea\n\n\n\nCoffee", 10) == "Tea\nCoffee"


def test_headings_stay_with_what_is_under_them_and_go_without() -> None:
    value = "# Old\nLong ago something happened\n# New\n## Today\nSails\n## Empty"
    assert condense(value, 22) == "# New\n## Today\nSails"


def test_of_a_long_line_the_newest_sentences_stay() -> None:
    value = " ".join(f"Sentence {number}." for number in range(10))
    assert condense(value, 26) == "Sentence 8. Sentence 9."
    assert condense("x" * 50, 10) == "…" + "x" * 9


lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30)


@given(
    st.lists(lines | lines.map(lambda line: f"{PINNED} {line}"), max_size=20), st.integers(1, 300)
)
def test_whatever_a_block_says_it_fits_keeps_what_is_pinned_and_is_stable(
    said: list[str], room: int
) -> None:
    result = condense("\n".join(said), room)
    pinned = {line.rstrip() for line in said if line.startswith(PINNED)}
    assert pinned <= {line.rstrip() for line in result.split("\n")} | {""}
    assert len(result) <= max(room, sum(len(line) + 1 for line in pinned))
    assert condense(result, room) == result


@EVERY_STORE
async def test_a_block_is_condensed_when_it_is_asked_for_and_can_be_restored(
    blocks: Blocks,
) -> None:
    full = await put(blocks, LINES, limit=150)
    after = (await blocks.condense(ACME, full.id)).record
    assert after.value == "\n".join(LINES.split("\n")[2:])
    assert (await blocks.condense(ACME, full.id)).record == after
    newest, _ = await blocks.history(ACME, full.id)
    assert newest.reason == f"condensed: {len(LINES)} characters to {len(after.value)}"
    assert (await blocks.restore(ACME, full.id, 1)).record.value == LINES


@EVERY_STORE
async def test_what_is_too_long_is_condensed_only_where_that_is_asked_for(blocks: Blocks) -> None:
    with pytest.raises(TooMuch, match="condense it"):
        await put(blocks, LINES, limit=100)
    made = await put(blocks, LINES, limit=100, condense=True)
    assert made.value == "\n".join(LINES.split("\n")[5:])
    with pytest.raises(TooMuch):
        await put(blocks, f"{PINNED} {'x' * 100}", limit=100, condense=True)


async def test_what_is_read_only_or_elsewhere_or_changed_is_not_condensed(blocks: Blocks) -> None:
    held = await put(blocks, LINES, limit=150, read_only=True)
    with pytest.raises(Forbidden):
        await blocks.condense(ACME, held.id)
    with pytest.raises(Forbidden):
        await blocks.restore(ACME, held.id, 1)
    with pytest.raises(Conflict, match="version 1, not 3"):
        await blocks.condense(ACME, held.id, 3)
    for access, id_ in [(ACME, RecordId("unknown")), (GLOBEX, held.id)]:
        for attempt in (blocks.condense(access, id_), blocks.restore(access, id_)):
            with pytest.raises(NotFound):
                await attempt


@EVERY_STORE
async def test_a_deleted_block_comes_back_unless_its_label_is_taken(blocks: Blocks) -> None:
    held = await put(blocks, "Tea")
    with pytest.raises(BadInput, match="not deleted"):
        await blocks.restore(ACME, held.id)
    await blocks.delete(ACME, held.id)
    back = (await blocks.restore(ACME, held.id)).record
    assert (back.value, back.version) == ("Tea", 3)
    await blocks.delete(ACME, held.id)
    await put(blocks, "Coffee")
    with pytest.raises(Conflict, match="another block's"):
        await blocks.restore(ACME, held.id)
    with pytest.raises(NotFound):
        await blocks.restore(ACME, held.id, 9)
