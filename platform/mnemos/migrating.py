"""Moving to another store: who may use it, and every organization with all that it has."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from mnemos.folder import held
from mnemos.part_url import PartUrl
from mnemos.schemes import chosen
from mnemos.settings import Settings, SettingsError
from mnemos.wiring import open_store
from mnemos_graph.errors import NotFound
from mnemos_graph.identity import LOCAL
from mnemos_graph.memory.transfer.moving import Moved, copy_directory, move
from mnemos_graph.model import OrganizationId
from mnemos_graph.store.copying import Seal, Section

Watch = Callable[[OrganizationId, Section, int], None]
"""Told of every page: how many rows of the section were copied by now."""


def store_at(url: str) -> Settings:
    """Return settings that choose the store at ``url``; `sqlite:FOLDER` names its data folder.

    Raises:
        SettingsError: no store has such a URL.
    """
    given: dict[str, Any] = {"store": PartUrl(url)}
    scheme, _, folder = url.partition(":")
    if scheme == "sqlite" and folder:
        given = {"store": PartUrl("sqlite:"), "data": Path(folder)}
    settings = Settings.load(given)
    chosen(settings, "store")
    return settings


async def migrate(
    source: Settings, target: Settings, name: str | None, watch: Watch
) -> Sequence[Moved]:
    """Move the organization of that name, or all of them, with their keys.

    Raises:
        SettingsError: source and target are one store.
        FolderHeld: a server holds one of the folders: stop it first.
        NotFound: there is no such organization.
        Conflict: the target has one of them, and it is in use.
        Unavailable: a store is away, or a copy was not the same. Nothing is lost; ask again.
    """
    if (source.store, source.data) == (target.store, target.data):
        raise SettingsError("--from and --to are one store. Name two.")
    async with _held(source) as here, _held(target) as there:
        only = await _named(here, name)
        await copy_directory(here.directory, there.directory, only)
        stored = await here.copying.stored()
        organizations = [
            each for each, seal in stored.items() if only in (None, each) and seal is not Seal.MOVED
        ]
        if only is not None and only not in organizations:
            organizations = [only]  # to be told why it cannot be moved

        def watching(organization: OrganizationId) -> Callable[[Section, int], None]:
            return lambda section, rows: watch(organization, section, rows)

        return [
            await move(each, here.copying, there.copying, watching(each)) for each in organizations
        ]


async def give_up(source: Settings) -> Sequence[OrganizationId]:
    """Open again what a migration that did not end has left sealed; return which those are."""
    async with _held(source) as here:
        stored = await here.copying.stored()
        left = [each for each, seal in stored.items() if seal is Seal.MOVING]
        for each in left:
            await here.copying.seal(each, None)
        return left


@asynccontextmanager
async def _held(settings: Settings) -> AsyncGenerator[Any, None]:
    """Open a store, with its folder held where it lies in one."""
    async with AsyncExitStack() as stack:
        if not chosen(settings, "store").remote:
            stack.enter_context(held(settings.data))
        yield await stack.enter_async_context(open_store(settings))


async def _named(store: Any, name: str | None) -> OrganizationId | None:
    if name is None:
        return None
    if name == LOCAL.name:
        return LOCAL.id
    organization = await store.directory.organization_named(name)
    if organization is None:
        raise NotFound("organization", name)
    found: OrganizationId = organization.id
    return found
