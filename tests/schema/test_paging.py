from __future__ import annotations

from typing import Any

import pytest

from tests.schema.asking import create, refusal
from tests.serving import Client

LIST = """
query ($scope: ScopeInput, $filter: MemoryFilter, $orderBy: MemoryOrder! = OLDEST,
       $first: Int! = 2, $after: String) {
  memories(scope: $scope, filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { text } }
  }
}
"""
ALICE = {"userId": "alice"}


async def page(client: Client, **variables: Any) -> Any:
    return (await client.ask(LIST, **variables))["memories"]


def texts(found: Any) -> list[str]:
    return [edge["node"]["text"] for edge in found["edges"]]


async def five(client: Client) -> None:
    for n in range(5):
        await create(client, f"{n}", importance=n / 10, scope=ALICE, tags=["odd"] if n % 2 else [])


@pytest.mark.parametrize("order", ["OLDEST", "NEWEST", "MOST_IMPORTANT", "RECENTLY_UPDATED"])
async def test_pages_join_without_a_seam(client: Client, order: str) -> None:
    await five(client)
    read, after = [], None
    for more in (True, True, False):
        found = await page(client, orderBy=order, after=after)
        assert found["totalCount"] == 5
        assert found["pageInfo"]["hasNextPage"] is more
        assert found["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert found["pageInfo"]["startCursor"] == found["edges"][0]["cursor"]
        after = found["pageInfo"]["endCursor"]
        read.append(texts(found))
    expected = ["0", "1", "2", "3", "4"] if order == "OLDEST" else ["4", "3", "2", "1", "0"]
    assert read == [expected[:2], expected[2:4], expected[4:]]


async def test_a_page_goes_on_behind_what_was_deleted(client: Client) -> None:
    written = [await create(client, f"{n}") for n in range(3)]
    first = await page(client, first=1)
    await client.ask(
        "mutation ($id: ID!) { deleteMemory(id: $id) { position } }", id=written[0]["id"]
    )
    assert texts(await page(client, after=first["pageInfo"]["endCursor"])) == ["1", "2"]


@pytest.mark.parametrize(
    "other",
    [
        {"orderBy": "NEWEST"},
        {"scope": ALICE},
        {"filter": {"tags": ["odd"]}},
        {"filter": {"metadata": {"a": 1}}},
    ],
)
async def test_a_cursor_is_good_for_its_own_question_alone(
    client: Client, other: dict[str, Any]
) -> None:
    await five(client)
    cursor = (await page(client))["pageInfo"]["endCursor"]
    code, message = await refusal(client, LIST, after=cursor, **other)
    assert code == "BAD_USER_INPUT"
    assert "after is not a cursor of this list" in message


@pytest.mark.parametrize("forged", ["", "x", "☃", "AAAA" * 20, "W10", "e30=", "a" * 100_000])
async def test_a_forged_cursor_is_refused(client: Client, forged: str) -> None:
    assert (await refusal(client, LIST, after=forged))[0] == "BAD_USER_INPUT"


async def test_a_cursor_that_was_changed_is_refused(client: Client) -> None:
    await five(client)
    cursor = (await page(client))["pageInfo"]["endCursor"]
    for place in range(0, len(cursor), 7):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        assert (await refusal(client, LIST, after=changed))[0] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"filter": {"tags": ["odd"]}}, ["1", "3"]),
        ({"filter": {"minImportance": 0.3}}, ["3", "4"]),
        ({"filter": {"types": [], "tags": None}, "first": 1}, ["0"]),
        ({"filter": {"levels": ["STRATEGIC"]}}, []),
        ({"filter": {"text": "4"}}, ["4"]),
        ({"filter": {"createdAfter": "2100-01-01T00:00:00Z"}}, []),
        ({"scope": {"userId": "bob"}}, []),
    ],
)
async def test_a_list_is_filtered(
    client: Client, asked: dict[str, Any], expected: list[str]
) -> None:
    await five(client)
    assert texts(await page(client, **asked)) == expected


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"first": 0}, "BAD_USER_INPUT"),
        ({"first": -1}, "BAD_USER_INPUT"),
        ({"first": 101}, "LIMIT_EXCEEDED"),
        ({"filter": {"minImportance": 7}}, "BAD_USER_INPUT"),
        ({"filter": {"metadata": [1]}}, "BAD_USER_INPUT"),
        ({"filter": {"metadata": {"a": "b" * 20_000}}}, "LIMIT_EXCEEDED"),
        ({"filter": {"asOf": "2024-01-01T00:00:00"}}, "BAD_USER_INPUT"),
        ({"scope": {"userId": ""}}, "BAD_USER_INPUT"),
        ({"scope": {"userId": "x" * 257}}, "LIMIT_EXCEEDED"),
    ],
)
async def test_a_list_beyond_its_limits_is_refused(
    client: Client, wrong: dict[str, Any], code: str
) -> None:
    assert (await refusal(client, LIST, **wrong))[0] == code
