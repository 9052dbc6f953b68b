"""The ASGI application over a program that is open."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.routing import Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from mnemos.answering.layer import Answering
from mnemos.answers import answer, refused
from mnemos.graphql_app import GraphQL
from mnemos.guard import Incidents, OwnSiteOnly, SafeHeaders
from mnemos.health import Health
from mnemos.pages import Browsable, pages
from mnemos.program import Program
from mnemos.settings import OnOff
from mnemos.transfer import Transfer
from mnemos_schema.schema import schema


def create_app(program: Program) -> ASGIApp:
    """Return the application. Whoever opened the program closes it, after the last request."""
    graphql = Browsable(GraphQL(schema, program), shown=program.settings.explore is OnOff.ON)
    health = Health(program)
    router = Router(
        [
            Route("/graphql", graphql),
            WebSocketRoute("/graphql", graphql),
            *health.routes,
            *Transfer(program).routes,
            *pages(),
        ],
        redirect_slashes=False,
        default=_nothing_here,
    )
    guarded = SafeHeaders(Incidents(OwnSiteOnly(Routed(router), program.door)))
    answering = Answering(guarded, program)
    health.answers = answering.told
    return answering


class Routed:
    """The routes, whose refusals are JSON."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._router(scope, receive, send)
            return
        try:
            # A route raises, instead of answering in text, where it finds an app in the scope.
            await self._router({**scope, "app": self}, receive, send)
        except HTTPException as wrong:
            response = refused(wrong.status_code, wrong.detail, wrong.headers)
            await answer(response, scope, receive, send)


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    response = refused(404, "There is nothing here. GraphQL is at /graphql.")
    await answer(response, scope, receive, send)
