"""Any history, told to a backend and to the reference, leaves both with the same answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from mnemos_graph.errors import MnemosError
from mnemos_graph.model import Change, Head, Version
from mnemos_graph.store import ChangeSet, Delete, Erase, Fence, GraphStore, Mark, Operation, Put
from tests.conformance.generated import (
    BEGINNING,
    Commit,
    Ending,
    Fencing,
    Question,
    Writing,
    histories,
)
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import EPOCH

OpenStore = Callable[[], AbstractAsyncContextManager[GraphStore]]
History = list[tuple[list[Commit], list[Question]]]


class SameAnswers:
    """Inherit, and give an ``open_store`` fixture that opens empty stores."""

    @pytest.mark.timeout(300)
    @pytest.mark.filterwarnings("ignore:Generating overly large repr")
    @settings(
        deadline=None,
        max_examples=30,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.differing_executors,
            HealthCheck.function_scoped_fixture,  # it opens a new store each time
        ],
    )
    @given(history=histories)
    def test_any_history_leaves_the_same_answers(
        self, open_store: OpenStore, history: History
    ) -> None:
        asyncio.run(compare(open_store, history))


async def compare(open_store: OpenStore, history: History) -> None:
    """Tell ``history`` to a new store and to the reference; fail where an answer differs."""
    reference = MemoryStore()
    async with open_store() as store:
        await _tell(reference, store, [BEGINNING])
        for told, asked in history:
            await _tell(reference, store, told)
            for question in asked:
                await _ask(reference, store, question)


async def _tell(reference: MemoryStore, store: GraphStore, told: Sequence[Commit]) -> None:
    """Commit to both; to the store all at once, so that they meet in one group."""
    sets, expected = [], []
    for commit in told:
        try:
            change_set = ChangeSet(
                tuple(_operation(reference, commit, step) for step in commit.steps),
                began=commit.began,
            )
        except MnemosError:
            continue
        sets.append((commit.access, change_set))
        expected.append(await _outcome(reference.commit(commit.access, change_set)))
    found = await asyncio.gather(*(_outcome(store.commit(*each)) for each in sets))
    for handed, wanted, got in zip(sets, expected, found, strict=True):
        assert got == wanted, handed


def _operation(
    reference: MemoryStore, commit: Commit, step: Writing | Ending | Fencing
) -> Operation:
    if isinstance(step, Fencing):
        return Fence(step.partition)
    id_ = step.record.id if isinstance(step, Writing) else step.id
    last = reference.last_version(commit.access.organization, id_)
    if isinstance(step, Writing):
        return Put(replace(step.record, version=last + 1 + step.skew), step.reason)
    if step.erase:
        return Erase(step.kind, id_)
    return Delete(step.kind, id_, last + step.skew)


async def _ask(reference: MemoryStore, store: GraphStore, question: Question) -> None:
    pages = await reference.find(question.access, [question.find])
    find = question.find
    if pages[0].records:
        last = pages[0].records[-1]
        find = replace(find, after=Mark(last.field(find.order.field), last.id))
    for name, ask in _reads(question, find).items():
        wanted, got = await _outcome(ask(reference)), await _outcome(ask(store))
        assert got == wanted, (name, question)


def _reads(
    question: Question, next_page: Any
) -> Mapping[str, Callable[[GraphStore], Awaitable[Any]]]:
    access, known_at = question.access, question.view.known_at
    return {
        "find": lambda store: store.find(access, [question.find, next_page]),
        "get": lambda store: store.get(access, question.kind, question.ids, known_at=known_at),
        "versions": lambda store: store.versions(access, question.kind, question.refs),
        "changes": lambda store: store.changes(access, after=question.after, limit=question.limit),
        "heads": lambda store: store.heads([access]),
        "neighbours": lambda store: store.neighbours(
            access, question.ids, view=question.view, hops=question.hops, limit=question.limit
        ),
        "search": lambda store: _found(store, question),
    }


async def _found(store: GraphStore, question: Question) -> set[str]:
    find = question.find
    hits = await store.search(question.access, find.kind, "tea 茶", where=find.where)
    return {record.id for record, _ in hits}


async def _outcome(answer: Awaitable[Any]) -> Any:
    """The answer without what a store says by itself (instants, epochs), or the kind of error."""
    try:
        return _timeless(await answer)
    except MnemosError as error:
        return type(error)


def _timeless(value: Any) -> Any:
    if isinstance(value, Version | Change):
        return replace(value, at=EPOCH)
    if isinstance(value, Head):
        return value.position
    if isinstance(value, Mapping):
        return {key: _timeless(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_timeless(each) for each in value]
    return value
