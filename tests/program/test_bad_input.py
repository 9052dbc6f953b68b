"""Bad input, in every place of every operation: a typed error that says what to do, nothing written.

Somebody else listens all the time, and hears of every write and of nothing besides.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from mnemos_graph.feed import cursor
from mnemos_graph.memory.consolidating.backlog import ACTOR as CONSOLIDATION
from mnemos_graph.model import OrganizationId, Position, new_id
from tests.isolation import examples
from tests.isolation.asker import Answer, Asker
from tests.isolation.held import Held, fill
from tests.isolation.house import LOG, POSITION, House, laptop
from tests.isolation.operations import Operation, Slot, operations

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]

TYPED = {"BAD_USER_INPUT", "LIMIT_EXCEEDED", "NOT_FOUND", "CONFLICT", "GRAPHQL_VALIDATION_FAILED"}
SAYS_SO = ("needs", "give", "read", "pass", "leave", "use", "ask", "take", "look", "remove", "split", "shorten",
           "merge", "provided", "expected", "cannot represent", "repeat", "name", "send", "must",
           "at most", "invalid")  # fmt: skip
"""Words of which a message that says what to do has one."""
HUGE = "x" * 32_769
DEEP: list[Any] = []
for _ in range(400):
    DEEP = [DEEP]
BAD: Mapping[str, Iterable[Any]] = {
    "String": ("", " ", "\0", "a\0b", HUGE, "x" * 50_000, 7, ["x"] * 2_001),
    "ID": ("", "\0", new_id(), "not an id", HUGE, 7, -1),
    "Cursor": ("", "\0", "forged", "A" * 28, HUGE, 7),
    "JSON": (7, "text", [], DEEP, {"deep": DEEP}, {"large": "x" * 20_000}, {"\0": 1}, {"a": "\0"}),
}


@dataclass(frozen=True, slots=True)
class Trying:
    """Somebody who tries things out, and somebody who listens meanwhile."""

    asker: Asker
    own: Held
    listening: Asker

    async def refused(self, operation: Operation, variables: Mapping[str, Any]) -> list[str]:
        """Ask, and return what is wrong with the answer where it is an error."""
        before = (await self.asker.ask(POSITION, {}))["data"]["position"]
        answer = await self.asker.ask(operation, variables)
        errors = answer.get("errors") or []
        found = [flaw for each in errors for flaw in flaws(each)]
        if errors and await self.written_since(before):
            found.append("wrote something all the same")
        return found

    async def written_since(self, position: str) -> bool:
        """Return whether anything was written that is not the work of a job begun earlier."""
        log = await self.asker.has(LOG, {"after": position, "first": 5})
        actors = {each["actor"] for each in log["changes"]} - {CONSOLIDATION}
        return any(not each.startswith("job:") for each in actors)


def flaws(error: Mapping[str, Any]) -> list[str]:
    code, message = error["extensions"]["code"], error["message"]
    found = [] if code in TYPED else [f"has the code {code}: {message[:200]}"]
    if not any(word in message.lower() for word in SAYS_SO):
        found.append(f"does not say what to do: {message[:200]}")
    if len(message) > 2_000:
        found.append("repeats what was sent at length")
    return found


def codes(answer: Answer) -> list[str]:
    return [each["extensions"]["code"] for each in answer.get("errors", [])]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with laptop(tmp_path_factory.mktemp("program")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trying(home: House) -> AsyncIterator[Trying]:
    async with home.organization("trying") as asker, home.organization("trying") as listening:
        yield Trying(asker, await fill(asker, "own-user", "marlin", "ordinary"), listening)


@pytest_asyncio.fixture(loop_scope="module")
async def healthy(trying: Trying) -> AsyncIterator[None]:
    """Another client, who hears all that was written meanwhile, or the test fails."""
    socket = trying.listening.socket
    document = "subscription { changes { position changes { subjectId } } }"
    await socket.subscribe(document, id=(number := new_id()))
    start = await socket.hear()
    assert start["id"] == number
    yield
    last = (await trying.asker.ask(POSITION, {}))["data"]["position"]
    at = start["payload"]["data"]["changes"]["position"]
    while at != last:
        message = await socket.hear()
        assert message["type"] == "next", message
        if message["id"] == number:
            at = message["payload"]["data"]["changes"]["position"]
    await socket.say({"id": number, "type": "complete"})


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize("operation", operations(), ids=str)
async def test_bad_words_in_any_place_are_a_typed_error(
    trying: Trying, operation: Operation
) -> None:
    example = examples.of(operation, trying.own)[0]
    found: list[str] = []
    for slot in operation.slots:
        if operation.name == "forgetUser":
            continue
        for bad in BAD[slot.scalar]:
            wrong = await trying.refused(operation, operation.filled(example, slot, bad))
            found += [f"{slot} = {json.dumps(bad)[:40]}: {each}" for each in wrong]
    assert found == []


SLOTS = [
    (operation, slot)
    for operation in operations()
    for slot in operation.places(("Int", "Float", "DateTime", "Boolean"))
]
WRONG: Mapping[str, Iterable[Any]] = {
    "Int": (-1, 1 << 31, 1.5, "1", True),
    "Float": (-1.0, 1e308, "0.5", "NaN", True),
    "DateTime": ("yesterday", "2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "", 7),
    "Boolean": ("true", 1),
}
VERSIONS = {"version", "expectedVersion"}
"""No record has the version -1: to expect it is a conflict."""


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(("operation", "slot"), SLOTS, ids=str)
async def test_a_number_or_date_that_is_none_is_a_typed_error(
    trying: Trying, operation: Operation, slot: Slot
) -> None:
    example = examples.of(operation, trying.own)[0]
    for bad in WRONG[slot.scalar]:
        asked = operation.filled(example, slot, bad)
        answer = await trying.asker.ask(operation, asked)
        assert codes(answer), bad
        if slot.name not in VERSIONS:
            assert set(codes(answer)) & {"BAD_USER_INPUT", "LIMIT_EXCEEDED"}, (bad, answer)
        assert await trying.refused(operation, asked) == []


FEW = {"query": {"first": 5}, "subscription": {}}
NOTHING = [
    {},
    {"scope": None, "filter": None},
    {"scope": {}, "filter": {}},
    {"scope": {"userId": None, "includeShared": False}},
    {"filter": {"types": [], "levels": [], "tags": [], "metadata": {}, "text": None}},
    {"filter": {"minImportance": 0, "includeSuperseded": True}},
    {"filter": {"createdAfter": None, "asOf": None}, "dryRun": True},
]


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize("asked", NOTHING, ids=range(len(NOTHING)))
async def test_deleting_what_nothing_describes_is_refused(
    trying: Trying, asked: Mapping[str, Any]
) -> None:
    delete = Operation("mutation", "deleteMemories")
    assert codes(await trying.asker.ask(delete, asked)) == ["BAD_USER_INPUT"]
    assert await trying.refused(delete, asked) == []


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": "one", "messages": [{"text": "two"}]}, "BAD_USER_INPUT"),
        ({}, "BAD_USER_INPUT"),
        ({"text": None, "messages": None}, "BAD_USER_INPUT"),
        ({"messages": []}, "BAD_USER_INPUT"),
        ({"text": ""}, "BAD_USER_INPUT"),
        ({"text": "a\0b"}, "BAD_USER_INPUT"),
        ({"text": HUGE}, "LIMIT_EXCEEDED"),
        ({"messages": [{"text": "fine"}, {"text": HUGE}]}, "LIMIT_EXCEEDED"),
        ({"messages": [{"text": "x"}] * 2_001}, "LIMIT_EXCEEDED"),
        ({"text": "x", "tags": [f"{n}" for n in range(33)]}, "LIMIT_EXCEEDED"),
        ({"text": "x", "metadata": {"x": "y" * 17_000}}, "LIMIT_EXCEEDED"),
    ],
    ids=range(11),
)
async def test_what_cannot_be_remembered_is_refused_whole(
    trying: Trying, given: Mapping[str, Any], code: str
) -> None:
    remember, asked = Operation("mutation", "remember"), {"input": {"scope": {}, **given}}
    assert codes(await trying.asker.ask(remember, asked)) == [code]
    assert await trying.refused(remember, asked) == []


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize("where", ["query", "subscription"])
async def test_a_cursor_of_elsewhere_is_refused(trying: Trying, where: str) -> None:
    changes = Operation(where, "changes")
    viewer = await trying.asker.has(Operation("query", "viewer"), {})
    here, elsewhere = OrganizationId(viewer["organizationId"]), OrganizationId("elsewhere")
    wrong = {
        "forged": "A" * 28,
        "damaged": trying.own.cursors[0][:-1] + "_",
        "of the future": cursor.encode(here, 1, Position(1 << 40)),
        "of a later epoch": cursor.encode(here, 1 << 20, Position(1)),
        "foreign": cursor.encode(elsewhere, 1, Position(1)),
    }
    for name, given in wrong.items():
        answer = await trying.asker.ask(changes, {"after": given} | FEW[where])
        assert codes(answer) == ["BAD_USER_INPUT"], name
        assert flaws(answer["errors"][0]) == [], name


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    "operation",
    [each for each in operations() if each.kind == "mutation" and each.ids()],
    ids=str,
)
async def test_an_unknown_id_is_not_found(trying: Trying, operation: Operation) -> None:
    example = examples.of(operation, trying.own)[0]
    for slot in operation.ids():
        asked = operation.filled(example, slot, new_id())
        assert set(codes(await trying.asker.ask(operation, asked))) <= {
            "NOT_FOUND",
            "BAD_USER_INPUT",
        }
        assert codes(await trying.asker.ask(operation, asked))
        assert await trying.refused(operation, asked) == []


WRITE = "createMemory(input: {text: %s, scope: {}, importance: %s, metadata: %s}) { position }"
NESTED = "[" * 100_000 + "]" * 100_000


def raw(
    text: str = '"x"',
    importance: str = "1",
    metadata: str = "{}",
    *,
    declared: str = "",
    given: str = "{}",
) -> bytes:
    """Return the body of a write: its arguments as GraphQL, its variables as they stand in JSON."""
    query = json.dumps(f"mutation {declared} {{ {WRITE % (text, importance, metadata)} }}")
    return f'{{"query": {query}, "variables": {given}}}'.encode()


RAW = [
    raw(text=r'"\ud800"'),
    raw(text="$x", declared="($x: String!)", given=r'{"x": "\ud800"}'),
    raw(importance="$x", declared="($x: Float)", given='{"x": NaN}'),
    raw(importance="$x", declared="($x: Float)", given='{"x": 1e999}'),
    raw(importance="1e999"),
    raw(importance="NaN"),
    raw(metadata="$x", declared="($x: JSON)", given=f'{{"x": {NESTED}}}'),
    raw(metadata=NESTED),
    raw(metadata="[" * 2_000 + "]" * 2_000),
]


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize("body", RAW, ids=range(len(RAW)))
async def test_a_write_that_is_no_sound_json_or_document_writes_nothing(
    trying: Trying, body: bytes
) -> None:
    before = await trying.asker.ask(POSITION, {})
    headers = {"content-type": "application/json"}
    response = await trying.asker.http.post("/graphql", content=body, headers=headers)
    (error, *_) = response.json()["errors"]
    assert error["extensions"]["code"] in TYPED | {"GRAPHQL_PARSE_FAILED"}
    assert await trying.asker.ask(POSITION, {}) == before
