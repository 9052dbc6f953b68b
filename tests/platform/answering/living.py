"""Lives of a memory, lived at programs that keep answers beside one that keeps none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.conformance.memory_store import MemoryStore
from tests.platform.answering.desk import FORGETFUL, Calendar, Desk, desk

Step = tuple[Any, ...]
Question = tuple[int, str, str | None, int]
"""At which worker, which of ``QUESTIONS``, about whose memory, and about which record."""

USERS = (None, "ann", "bob")
_users = st.sampled_from(USERS)
_workers = st.integers(0, 1)
_some = st.integers(0, 3)
_ahead = st.sampled_from([None, -60, 5, 30, 3_600])
_words = st.sampled_from(["tea", "cocoa", "rye bread", "a red bicycle"])

QUESTIONS = {
    "memories": """query ($scope: ScopeInput) { memories(scope: $scope, first: 2) {
        totalCount pageInfo { hasNextPage } edges { node { id text version validTo expiresAt
        entities { name } facts { statement } history { version text } } } } }""",
    "all": """{ memories(filter: {includeSuperseded: true}, first: 3, orderBy: MOST_IMPORTANT) {
        totalCount edges { node { text importance supersededBy { text } } } } }""",
    "found": """query ($scope: ScopeInput) {
        memories(scope: $scope, filter: {text: "tea"}) { edges { node { text } } } }""",
    "facts": """query ($scope: ScopeInput) { facts(scope: $scope) { totalCount edges { node {
        statement validFrom validTo subject { name facts { statement } } memories { text } } } } }""",
    "then": """query ($scope: ScopeInput, $then: DateTime) {
        facts(scope: $scope, asOf: $then) { edges { node { statement } } } }""",
    "known": """query ($scope: ScopeInput, $then: DateTime) {
        facts(scope: $scope, knownAt: $then) { edges { node { statement } } } }""",
    "entities": """query ($scope: ScopeInput) { entities(scope: $scope) { edges { node {
        name aliases facts { statement } memories { text } } } } }""",
    "blocks": "query ($scope: ScopeInput) { blocks(scope: $scope) { label value version } }",
    "memory": """query ($memory: ID!) { memory(id: $memory) {
        text history { version text } facts { statement validTo } } node(id: $memory) { id } }""",
    "walk": """query ($entity: ID!) { subgraph(around: [$entity], hops: 2) {
        entities { name } facts { statement } } entity(id: $entity) { name } }""",
    "position": "{ position viewer { actor } }",
}
_NEEDS_SCOPE = frozenset({"memories", "found", "facts", "then", "known", "entities", "blocks"})

steps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("create"), _workers, _users, _words, _ahead, _ahead),
    st.tuples(st.just("update"), _workers, _some, _words),
    st.tuples(st.just("delete"), _workers, _some),
    st.tuples(st.just("restore"), _workers, _some),
    st.tuples(st.just("assert"), _workers, _users, _some, _words, _ahead),
    st.tuples(st.just("block"), _workers, _users, _words),
    st.tuples(st.just("merge"), _workers, _some, _some),
    st.tuples(st.just("move"), st.sampled_from([1, 10, 40, 4_000])),
)
questions = st.tuples(_workers, st.sampled_from(sorted(QUESTIONS)), _users, _some)
lives = st.tuples(
    st.lists(questions, min_size=3, max_size=3), st.lists(steps, min_size=3, max_size=10)
)

_WRITES = {
    "create": """mutation ($input: CreateMemoryInput!) {
        createMemory(input: $input) { memory { id } position } }""",
    "update": """mutation ($id: ID!, $input: UpdateMemoryInput!) {
        updateMemory(id: $id, input: $input) { position } }""",
    "delete": "mutation ($id: ID!) { deleteMemory(id: $id) { position } }",
    "restore": "mutation ($id: ID!) { restoreMemory(id: $id) { position } }",
    "assert": """mutation ($input: AssertFactInput!) {
        assertFact(input: $input) { fact { subject { id } } position } }""",
    "block": "mutation ($input: BlockInput!) { putBlock(input: $input) { position } }",
    "merge": """mutation ($into: ID!, $from: [ID!]!) {
        mergeEntities(into: $into, from: $from) { position } }""",
}


def _scope(user: str | None) -> Mapping[str, str]:
    return {"userId": user} if user else {}


@dataclass
class Life:
    """What was written, and where it was told last."""

    clock: Calendar
    workers: list[Desk]
    plain: Desk
    memories: list[str] = field(default_factory=list)
    entities: list[str] = field(default_factory=list)
    told: str = ""

    async def live(self, step: Step) -> None:
        kind, *rest = step
        if kind == "move":
            self.clock.move(rest[0])
        else:
            worker, *given = rest
            variables = getattr(self, f"_{kind}")(*given)
            await self._write(self.workers[worker], kind, variables)

    async def read(self, worker: int, name: str, user: str | None, number: int) -> None:
        """Ask twice at a worker, and once where nothing is kept: it is the same each time."""
        variables = self._asked(name, user, number)
        after = {"mnemos_after": self.told} if self.told else {}
        expected = (await self.plain.post(QUESTIONS[name], variables)).json()
        for _ in range(2):
            answer = await self.workers[worker].post(QUESTIONS[name], variables, **after)
            assert answer.json() == expected, (name, variables)

    def _asked(self, name: str, user: str | None, number: int) -> dict[str, Any]:
        variables: dict[str, Any] = {"scope": _scope(user)} if name in _NEEDS_SCOPE else {}
        if name in {"then", "known"}:
            variables["then"] = self.clock.ahead(-5.0)
        if name == "memory":
            variables["memory"] = _one(self.memories, number)
        if name == "walk":
            variables["entity"] = _one(self.entities, number)
        return variables

    async def _write(self, worker: Desk, kind: str, variables: Mapping[str, Any]) -> None:
        answer = (await worker.post(_WRITES[kind], variables)).json()
        if "errors" in answer:
            return  # of what is not there, nothing can be changed
        (payload,) = answer["data"].values()
        self.told = payload["position"]
        if kind == "create":
            self.memories.append(payload["memory"]["id"])
        if kind == "assert":
            self.entities.append(payload["fact"]["subject"]["id"])

    def _create(
        self, user: str | None, text: str, begins: float | None, ends: float | None
    ) -> Mapping[str, Any]:
        given = {"validFrom": begins, "expiresAt": ends}
        instants = {name: self.clock.ahead(at) for name, at in given.items() if at is not None}
        return {"input": {"text": text, "scope": _scope(user), **instants}}

    def _update(self, number: int, text: str) -> Mapping[str, Any]:
        return {"id": _one(self.memories, number), "input": {"text": text}}

    def _delete(self, number: int) -> Mapping[str, Any]:
        return {"id": _one(self.memories, number)}

    _restore = _delete

    def _assert(
        self, user: str | None, who: int, value: str, begins: float | None
    ) -> Mapping[str, Any]:
        subject = {"name": f"Person {who}", "kind": "PERSON"}
        fact = {"subject": subject, "predicate": "lives_in", "value": value, "scope": _scope(user)}
        return {"input": fact | ({} if begins is None else {"validFrom": self.clock.ahead(begins)})}

    def _block(self, user: str | None, value: str) -> Mapping[str, Any]:
        return {"input": {"label": "persona", "value": value, "scope": _scope(user)}}

    def _merge(self, into: int, other: int) -> Mapping[str, Any]:
        return {"into": _one(self.entities, into), "from": [_one(self.entities, other)]}


def _one(ids: list[str], number: int) -> str:
    return ids[number % len(ids)] if ids else "none"


async def live_through(
    questions: Sequence[Question], life: Sequence[Step], *, cache_bytes: int = 0
) -> int:
    """Live it at two processes that do not hear each other, and ask the same after every step.

    ``cache_bytes``: of the records that they keep beside their answers. Return how often an answer
    was given again.
    """
    store, clock = MemoryStore(), Calendar()
    async with AsyncExitStack() as stack:
        workers = [
            await stack.enter_async_context(desk(store, clock=clock, cache_bytes=cache_bytes))
            for _ in range(2)
        ]
        plain = await stack.enter_async_context(desk(store, clock=clock, settings=FORGETFUL))
        lived = Life(clock, workers, plain)
        for step in life:
            await lived.live(step)
            for question in questions:
                await lived.read(*question)
        return sum(each.counts.hits for each in workers)
