"""The Python client that others wrote, over both of its transports."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gql import Client, GraphQLRequest, gql
from gql.transport.async_transport import AsyncTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.clients.conftest import Served

Transport = Callable[[Served], AsyncTransport]

KEEP = (
    "mutation ($text: String!) {"
    ' createMemory(input: {text: $text, scope: {userId: "ann"}}) { position } }'
)
FOLLOW = (
    "subscription ($after: Cursor) { changes(after: $after) {"
    " position changes { subject { ... on Memory { text } } } } }"
)


def over_http(served: Served) -> HTTPXAsyncTransport:
    return HTTPXAsyncTransport(f"{served.url}/graphql", headers=served.authorization)


def over_websocket(served: Served) -> WebsocketsTransport:
    return WebsocketsTransport(
        f"ws://{served.address}/graphql",
        init_payload=served.authorization,
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )


@pytest.mark.parametrize("transport", [over_http, over_websocket])
async def test_it_reads_our_schema_and_asks(served: Served, transport: Transport) -> None:
    async with Client(transport=transport(served), fetch_schema_from_transport=True) as session:
        answer = await session.execute(gql("{ viewer { role } }"))
    assert answer == {"viewer": {"role": "admin"}}


async def test_it_tells_an_error_with_its_code(served: Served) -> None:
    async with Client(transport=over_http(served)) as session:
        with pytest.raises(TransportQueryError) as told:
            await session.execute(gql('{ changes(after: "x") { position } }'))
    assert told.value.errors is not None
    assert told.value.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_it_goes_on_behind_a_position_and_misses_nothing(served: Served) -> None:
    heard: list[str] = []
    async with Client(transport=over_websocket(served)) as session:
        kept = await session.execute(GraphQLRequest(KEEP, variable_values={"text": "first"}))
        after = kept["createMemory"]["position"]
        await session.execute(GraphQLRequest(KEEP, variable_values={"text": "second"}))
        async for page in session.subscribe(
            GraphQLRequest(FOLLOW, variable_values={"after": after})
        ):
            heard += [change["subject"]["text"] for change in page["changes"]["changes"]]
            if len(heard) == 1:
                await session.execute(GraphQLRequest(KEEP, variable_values={"text": "third"}))
            if len(heard) == 2:
                break
    assert heard == ["second", "third"]
