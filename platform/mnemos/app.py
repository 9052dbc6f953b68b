"""The ASGI application: GraphQL over the services that it is given."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypedDict

from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute

from mnemos.graphql_app import GraphQL
from mnemos.pages import Browsable, pages
from mnemos_graph.memory.services import Services
from mnemos_schema.context import Caller, Context
from mnemos_schema.schema import schema

Authenticate = Callable[[HTTPConnection], Awaitable[Caller]]
"""Says who sent a request; raises ``Unauthenticated`` or ``Forbidden`` for nobody we know."""

OpenServices = Callable[[], AbstractAsyncContextManager[Services]]
"""Opens the memory within the event loop that serves it, and closes it."""


class State(TypedDict):
    services: Services


def create_app(open_services: OpenServices, authenticate: Authenticate) -> Starlette:
    """Return the application; its services are open from its startup to its shutdown."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[State, None]:
        async with open_services() as services:
            yield {"services": services}

    async def make_context(connection: HTTPConnection) -> Context:
        caller = await authenticate(connection)
        return Context(caller, connection.state.services)

    graphql = Browsable(GraphQL(schema, make_context))
    return Starlette(
        lifespan=lifespan,
        routes=[Route("/graphql", graphql), WebSocketRoute("/graphql", graphql), *pages()],
    )
