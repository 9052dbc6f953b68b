"""`mnemos keys`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, get_args

import click

from mnemos.cli.options import as_json
from mnemos.cli.output import say_json
from mnemos.cli.reach import asking, inside, server
from mnemos.client.inputs import Role
from mnemos.client.results import ApiKey, NewApiKey
from mnemos.schemes import chosen
from mnemos.settings import Settings
from mnemos_graph.directory import ApiKey as KeptKey
from mnemos_graph.directory import Directory
from mnemos_graph.directory import Role as KeyRole
from mnemos_graph.errors import BadInput, NotFound
from mnemos_graph.identity import Keys
from mnemos_graph.model import OrganizationId

T = TypeVar("T")

ROLES = click.Choice([role.lower() for role in get_args(Role)], case_sensitive=False)
of_organization = click.option(
    "--org", metavar="NAME", help="The organization; without it, the one of the server or `local`."
)


@click.group("keys")
def command() -> None:
    """Make, list and revoke API keys."""


@command.command("create")
@click.option("--name", default="key", show_default=True, help="What it is for.")
@click.option("--role", type=ROLES, default="member", show_default=True, help="What it allows.")
@of_organization
@as_json
def create(*, name: str, role: str, org: str | None, json: bool) -> None:
    """Make a key and show it, once. --org makes the organization where there is none."""
    if org is None:
        kind: Any = role.upper()
        new = asking(lambda client: client.create_api_key(name, role=kind))
    else:

        async def make(_: Directory, keys: Keys) -> NewApiKey:
            organization = await keys.organization(org)
            made = await keys.create(organization.id, name, KeyRole(role))
            return NewApiKey(key=_told(made.key), secret=made.secret)

        new = _alone(make)
    if json:
        say_json(new)
    else:
        click.echo(new.secret)
        click.echo(f"Key {new.key.id}, {new.key.role.lower()}. It is shown only now.", err=True)


@command.command("list")
@of_organization
@as_json
def list_(*, org: str | None, json: bool) -> None:
    """List the keys of an organization, revoked ones too."""
    if org is None:
        found = asking(lambda client: client.api_keys())
    else:

        async def look(known: Directory, keys: Keys) -> tuple[ApiKey, ...]:
            return tuple(_told(each) for each in await keys.of(await _id(known, org)))

        found = _alone(look)
    if json:
        say_json(found)
        return
    for key in found:
        ended = f"  revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else ""
        click.echo(f"{key.id}  {key.role.lower():<6}  {key.created_at:%Y-%m-%d}  {key.name}{ended}")


@command.command("revoke")
@click.argument("id")
@of_organization
def revoke(*, id: str, org: str | None) -> None:
    """End the key with this ID."""
    if org is None:
        asking(lambda client: client.revoke_api_key(id))
    else:

        async def end(known: Directory, keys: Keys) -> None:
            await keys.revoke(await _id(known, org), id)

        _alone(end)
    click.echo(f"{id} is revoked.")


def _alone(work: Callable[[Directory, Keys], Awaitable[T]]) -> T:
    """Carry ``work`` out with the keys of every organization, which is for no server's client."""

    async def carried_out() -> T:
        settings = Settings.load({})
        if not chosen(settings, "store").remote and (at := await server(settings)):
            raise BadInput(
                f"--org reaches into the data folder, which {at} holds. Stop that server first, or "
                "leave --org out and give a key of that organization in MNEMOS_API_KEY."
            )
        async with inside().directory(settings) as (known, keys):
            return await work(known, keys)

    return asyncio.run(carried_out())


async def _id(known: Directory, name: str) -> OrganizationId:
    found = await known.organization_named(name)
    if found is None:
        raise NotFound("organization", name)
    return found.id


def _told(key: KeptKey) -> ApiKey:
    return ApiKey(
        id=key.id,
        name=key.name,
        role=key.role.name,
        created_at=key.created_at,
        revoked_at=key.revoked_at,
    )
