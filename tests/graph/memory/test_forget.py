"""Forgetting a person, from the fence to the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnemos_graph.errors import BadInput, Conflict
from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.language.embedder import RemembersTexts
from mnemos_graph.language.minilm import MiniLM
from mnemos_graph.memory.facts.facts import Facts, NewFact
from mnemos_graph.memory.facts.naming import EntityRef
from mnemos_graph.memory.forget import FORGET_USER, Forgetting
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob, Unit
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.receipts import Keyed
from mnemos_graph.memory.records.memories import Memories, MemoryChange, NewMemory
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Telling
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.model import (
    RECORD_TYPES,
    ChangeKind,
    Job,
    JobState,
    Memory,
    OrganizationId,
    RecordId,
    Scope,
)
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, DerivedRef, Equal, Find, GraphStore, Put
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, ANN, BOB, EVERYONE, GLOBEX, block, memory
from tests.embedders import WordEmbedder
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.working import ended, runner
from tests.graph.stores import EVERY_STORE

REQUEST = Keyed("test", RecordId("request"), "digest")


def told_verbatim(journal: Journal, clock: Calendar) -> Rememberer:
    return Rememberer(journal, Jobs(journal, clock), clock, extractor=None)


async def tell_all(journal: Journal, clock: Calendar, scope: Scope, word: str) -> None:
    """Leave ``word`` in every kind of record that there is, in old versions and deleted ones."""
    memories = Memories(journal, clock)
    kept = await memories.create(
        ACME, NewMemory(text=f"likes {word}", scope=scope), f"create {word}"
    )
    await memories.update(ACME, kept.record.id, MemoryChange(text=f"loves {word} dearly"))
    await memories.update(ACME, kept.record.id, MemoryChange(text="nothing any more"))
    gone = await memories.create(ACME, NewMemory(text=f"hates {word}", scope=scope))
    await memories.delete(ACME, gone.record.id)
    telling = Telling(
        scope=scope, text=f"I said {word}.", infer=False, tags=[word], metadata={"note": word}
    )
    await told_verbatim(journal, clock).remember(ACME, telling, f"{scope.user_id} {word}")
    new = NewFact(
        subject=EntityRef(name=word.title(), kind="PERSON"),
        predicate="lives_in",
        value=f"{word} street",
        scope=scope,
    )
    await Facts(journal, clock).assert_(ACME, new)
    await journal.commit(ACME, ChangeSet((Put(block("persona", f"is {word}", scope=scope)),)))
    unit = Unit(scope=scope, payload={"text": word})
    await Jobs(journal, clock).submit(ACME, NewJob(kind="waiting", scope=scope, units=[unit]))
    derived = {DerivedRef(kept.record.id, 1, "test"): word.encode()}
    await journal.store.derive(ACME, derived)


async def forget(journal: Journal, clock: Calendar, user: str) -> Job:
    jobs = Jobs(journal, clock)
    forgetting = Forgetting(journal, jobs)
    written = await forgetting.forget_user(ACME, user)
    async with runner(journal, jobs, clock, {FORGET_USER: forgetting.handle}):
        return await ended(journal, written.record.id)


async def owned(store: GraphStore, user: str) -> int:
    where = (Equal("user_id", user),)
    pages = [(await store.find(ACME, [Find(kind, where)]))[0] for kind in RECORD_TYPES.values()]
    return sum(len(page.records) for page in pages)


@EVERY_STORE
async def test_nothing_of_the_partition_is_left_and_nothing_else_is_touched(
    journal: Journal, clock: Calendar
) -> None:
    for scope, word in ((ANN, "saffron"), (BOB, "cumin"), (EVERYONE, "pepper")):
        await tell_all(journal, clock, scope, word)
    others = await owned(journal.store, "bob")
    job = await forget(journal, clock, "ann")
    assert job.state is JobState.SUCCEEDED
    assert job.done == job.total > 8  # type: ignore[operator]
    assert await owned(journal.store, "ann") == 0
    assert await owned(journal.store, "bob") == others > 8


@EVERY_STORE
async def test_the_log_stays_dense_and_names_the_person_nowhere(
    journal: Journal, clock: Calendar
) -> None:
    await tell_all(journal, clock, ANN, "saffron")
    await forget(journal, clock, "ann")
    changes = await journal.store.changes(ACME, limit=1_000)
    assert [each.position for each in changes] == list(range(1, len(changes) + 1))
    assert "ann" not in str([each for each in changes if each.kind is not ChangeKind.ERASED])


async def test_no_file_has_the_persons_words_any_more(tmp_path: Path, clock: Calendar) -> None:
    store = await SqliteStore.open(tmp_path)
    journal = Journal(store, LocalBus())
    await tell_all(journal, clock, ANN, "saffron")
    await tell_all(journal, clock, BOB, "cumin")
    assert found_in(tmp_path, "saffron")
    await forget(journal, clock, "ann")
    try:
        assert not found_in(tmp_path, "saffron")
        assert found_in(tmp_path, "cumin")
    finally:
        await store.close()


def found_in(folder: Path, word: str) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if word in path.read_bytes().decode("latin-1").lower()]


@EVERY_STORE
async def test_what_was_begun_before_is_refused_and_what_comes_after_stays(
    journal: Journal, clock: Calendar, store: GraphStore
) -> None:
    rememberer = told_verbatim(journal, clock)
    await rememberer.remember(ACME, Telling(scope=ANN, text="Old.", infer=False))
    (before,) = await store.heads([ACME])
    jobs = Jobs(journal, clock)
    forgetting = Forgetting(journal, jobs)
    written = await forgetting.forget_user(ACME, "ann")
    clock.move(days=1)
    late = Telling(scope=ANN, text="Begun before.", infer=False)
    with pytest.raises(Conflict):
        await rememberer.take_in(ACME, late, REQUEST, before.position)
    await rememberer.remember(ACME, Telling(scope=ANN, text="New.", infer=False), "k")
    async with runner(journal, jobs, clock, {FORGET_USER: forgetting.handle}):
        await ended(journal, written.record.id)
    (page,) = await store.find(ACME, [Find(Memory)])
    assert [each.text for each in page.records] == ["New."]


@EVERY_STORE
async def test_a_forgetting_that_was_cut_off_is_finished_after_a_restart(
    journal: Journal, clock: Calendar
) -> None:
    await tell_all(journal, clock, ANN, "saffron")
    written = await Forgetting(journal, Jobs(journal, clock)).forget_user(ACME, "ann")
    jobs = Jobs(journal, clock)
    await jobs.take_up([ACME.organization])
    handlers = {FORGET_USER: Forgetting(journal, jobs).handle}
    async with runner(journal, jobs, clock, handlers):
        await ended(journal, written.record.id)
    assert await owned(journal.store, "ann") == 0


async def test_the_same_name_in_another_organization_is_another_person(
    journal: Journal, clock: Calendar
) -> None:
    await journal.commit(GLOBEX, ChangeSet((Put(memory("Ann of Globex")),)))
    await forget(journal, clock, "ann")
    (page,) = await journal.store.find(GLOBEX, [Find(Memory)])
    assert [each.text for each in page.records] == ["Ann of Globex"]


async def test_every_part_that_keeps_copies_is_scrubbed(journal: Journal, clock: Calendar) -> None:
    scrubbed: list[OrganizationId] = []

    async def scrub(organization: OrganizationId) -> None:
        scrubbed.append(organization)

    jobs = Jobs(journal, clock)
    forgetting = Forgetting(journal, jobs, [scrub])
    written = await forgetting.forget_user(ACME, "ann")
    async with runner(journal, jobs, clock, {FORGET_USER: forgetting.handle}):
        await ended(journal, written.record.id)
    assert scrubbed == [ACME.organization]


async def test_a_user_without_a_name_cannot_be_forgotten(journal: Journal, clock: Calendar) -> None:
    with pytest.raises(BadInput):
        await Forgetting(journal, Jobs(journal, clock)).forget_user(ACME, "")


class Remembering(WordEmbedder):
    """An embedder that keeps what it was asked for, until it is told to forget."""

    def forget(self) -> None:
        self.texts.clear()


async def test_forgetting_somebody_clears_what_the_embedder_keeps_for_speed() -> None:
    embedder = Remembering()
    async with open_services(Parts(store=MemoryStore(), embedder=embedder)) as services:
        await services.recall.recall(ACME, Question(text="saffron", scope=ReadScope(user_id="ann")))
        assert embedder.texts == ["saffron"]
        written = await services.forgetting.forget_user(ACME, "ann")
        await ended(Journal(services.store, LocalBus()), written.record.id)
        assert embedder.texts == []


def test_the_model_can_be_told_to_forget_its_texts() -> None:
    assert issubclass(MiniLM, RemembersTexts)
