"""Documents as memories: their chunks, and what becomes of them when they change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.feed import Journal
from mnemos_graph.language.estimate import EstimatedTokens
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.jobs.runner import Runner
from mnemos_graph.memory.kinds.documents import (
    LARGEST_CHUNK,
    MOST_CHUNKS,
    Document,
    Passage,
    document_of,
    is_chunk,
)
from mnemos_graph.memory.records.memories import Memories, MemoryChange, MemoryOrder, NewMemory
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.transfer.importing import IMPORT, Found, Importing
from mnemos_graph.model import Job, JobState, Memory, MemoryType, Scope
from tests.conformance.samples import ACME, ANN, BOB
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.working import ended, runner
from tests.graph.stores import EVERY_STORE

SAILS, OIL = "Reef the mainsail above 20 knots.", "Change the oil every 100 hours."
count = EstimatedTokens().count


def passages(*texts: str, heading: str = "") -> list[Passage]:
    """Passages each under a heading of its own, or all under one."""
    found, offset = list[Passage](), 0
    for number, text in enumerate(texts):
        path = (heading or f"Part {number}",)
        found.append(Passage(text=text, headings=path, offset=offset))
        offset += len(text) + 2
    return found


def document(*texts: str, scope: Scope = ANN, name: str = "heron.md") -> Document:
    return document_of(scope, name, "Heron", passages(*texts))


class Shelf:
    """Documents imported, and what is known then."""

    def __init__(self, journal: Journal, importing: Importing, memories: Memories) -> None:
        self._journal = journal
        self._importing = importing
        self.memories = memories

    async def take(self, *documents: Document) -> Job:
        found = Found(documents=documents, digest="d")
        submitted = await self._importing.submit(ACME, found)
        return await ended(self._journal, submitted.record.id)

    async def chunks(self) -> Sequence[Memory]:
        page = await self.memories.list(ACME, order=MemoryOrder.OLDEST, first=100)
        return sorted(page.records, key=lambda each: int(each.metadata["index"]))


@pytest.fixture
async def shelf(
    journal: Journal, jobs: Jobs, rememberer: Rememberer, memories: Memories, clock: Calendar
) -> AsyncIterator[Shelf]:
    importing = Importing(journal, jobs, rememberer, clock)
    working: Runner = runner(journal, jobs, clock, {IMPORT: importing.handle})
    async with working:
        yield Shelf(journal, importing, memories)


@EVERY_STORE
async def test_each_chunk_is_a_memory_with_its_heading_and_place(shelf: Shelf) -> None:
    job = await shelf.take(document(SAILS, OIL))
    assert (job.state, job.done, job.failed) == (JobState.SUCCEEDED, 2, 0)
    first, second = await shelf.chunks()
    assert first.text == f"Heron › Part 0\n{SAILS}"
    assert (first.type, first.scope) == (MemoryType.RESOURCE, ANN)
    told = {
        name: second.metadata[name] for name in ("title", "source", "heading", "index", "offset")
    }
    assert told == {
        "title": "Heron",
        "source": "heron.md",
        "heading": "Part 1",
        "index": 1,
        "offset": len(SAILS) + 2,
    }
    assert first.metadata["document"] == second.metadata["document"]


@EVERY_STORE
async def test_the_same_document_again_changes_nothing(shelf: Shelf) -> None:
    await shelf.take(document(SAILS, OIL))
    before = await shelf.chunks()
    job = await shelf.take(document(SAILS, OIL))
    assert (job.done, await shelf.chunks()) == (2, before)


@EVERY_STORE
async def test_of_a_changed_document_only_what_changed_is_replaced(shelf: Shelf) -> None:
    await shelf.take(document(SAILS, OIL, "Sold in 2031."))
    kept, *_ = await shelf.chunks()
    await shelf.take(document(SAILS, "Change the oil every 50 hours."))
    first, second = await shelf.chunks()
    assert first == kept
    assert second.text.endswith("every 50 hours.")


async def test_what_only_moved_keeps_its_memory_and_says_where_it_is(shelf: Shelf) -> None:
    await shelf.take(document_of(ANN, "h", "Heron", [Passage(text=OIL, offset=0)]))
    (before,) = await shelf.chunks()
    moved = [Passage(text=SAILS, headings=("Sails",), offset=0), Passage(text=OIL, offset=40)]
    await shelf.take(document_of(ANN, "h", "Heron", moved))
    _, after = await shelf.chunks()
    assert (after.id, after.text, after.version) == (before.id, before.text, 2)
    assert (after.metadata["index"], after.metadata["offset"]) == (1, 40)


async def test_what_a_person_changed_in_a_chunk_stays_while_it_says_the_same(
    shelf: Shelf,
) -> None:
    await shelf.take(document(SAILS))
    (chunk,) = await shelf.chunks()
    metadata = {**chunk.metadata, "mine": True}
    change = MemoryChange(tags=["sea"], importance=0.9, metadata=metadata)
    await shelf.memories.update(ACME, chunk.id, change)
    await shelf.take(document(SAILS, OIL))
    first, _ = await shelf.chunks()
    assert (first.tags, first.importance, first.metadata["mine"]) == (("sea",), 0.9, True)


async def test_a_chunk_that_was_deleted_comes_back_with_its_document(shelf: Shelf) -> None:
    await shelf.take(document(SAILS))
    (chunk,) = await shelf.chunks()
    await shelf.memories.delete(ACME, chunk.id)
    await shelf.take(document(SAILS))
    (back,) = await shelf.chunks()
    assert (back.id, back.version) == (chunk.id, 3)


@EVERY_STORE
async def test_documents_of_two_people_and_two_names_are_apart(shelf: Shelf) -> None:
    await shelf.take(document(SAILS), document(SAILS, scope=BOB), document(SAILS, name="b.md"))
    await shelf.take(document(OIL))
    assert sorted(each.text.splitlines()[1] for each in await shelf.chunks()) == [OIL, SAILS, SAILS]


def test_paragraphs_under_one_heading_share_a_chunk_as_long_as_they_fit() -> None:
    texts = [f"Paragraph {number} tells of the sea and of boats." for number in range(40)]
    cut = document_of(ANN, "h", "Heron", passages(*texts, heading="Sea"))
    assert len(cut.chunks) < len(texts)
    for chunk in cut.chunks:
        assert count(chunk.text.partition("\n")[2]) <= LARGEST_CHUNK
    whole = "\n\n".join(chunk.text.partition("\n")[2] for chunk in cut.chunks)
    assert whole == "\n\n".join(texts)


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    text = " ".join(f"Sentence {number} is about the sea." for number in range(100))
    for chunk in document_of(ANN, "h", "Heron", [Passage(text=text, offset=0)]).chunks:
        assert chunk.text.endswith("sea.")
        assert text[chunk.offset :].startswith("Sentence")


@given(st.text(max_size=3_000))
def test_however_a_text_is_written_its_chunks_fit_and_lose_nothing(text: str) -> None:
    told = [Passage(text=text, offset=0)]
    if not text.strip():
        with pytest.raises(BadInput, match="Nothing is written"):
            document_of(ANN, "h", "Heron", told)
        return
    cut = document_of(ANN, "h", "Heron", told)
    bodies = [chunk.text.partition("\n")[2] for chunk in cut.chunks]
    assert all(count(body) <= LARGEST_CHUNK for body in bodies)
    assert "".join("".join(body.split()) for body in bodies) == "".join(text.split())


def test_what_says_the_same_twice_is_two_chunks_of_one_document() -> None:
    cut = document_of(ANN, "h", "Heron", [*passages("Yes.", "No.", "Yes.")])
    assert len({chunk.id for chunk in cut.chunks}) == 3
    twice = document_of(ANN, "h", "T", [Passage(text="x" * 100_000, offset=0)])
    assert len({chunk.id for chunk in twice.chunks}) == len(twice.chunks)


def test_a_document_without_end_is_refused() -> None:
    endless = passages(*(f"{number}" for number in range(MOST_CHUNKS + 1)))
    with pytest.raises(TooMuch, match="more than 10000 chunks"):
        document_of(ANN, "h", "Heron", endless)


async def test_what_a_caller_wrote_beside_a_document_stays_when_it_changes(shelf: Shelf) -> None:
    await shelf.take(document(SAILS))
    (chunk,) = await shelf.chunks()
    note = NewMemory(
        text="Mine", scope=ANN, type=MemoryType.RESOURCE, metadata={**chunk.metadata, "index": 9}
    )
    written = (await shelf.memories.create(ACME, note)).record
    await shelf.take(document(OIL))
    assert [is_chunk(each) for each in await shelf.chunks()] == [True, False]
    assert (await shelf.chunks())[1] == written
