"""The `mnemos` command."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import click

from mnemos import __version__, local
from mnemos.app import create_app
from mnemos.folder import FolderHeld, default_folder, held
from mnemos.server import Server
from mnemos.services import open_services
from mnemos_graph.errors import MnemosError
from mnemos_graph.sqlite import SqliteStore
from mnemos_schema.context import Services

HOST = "127.0.0.1"
"""Whoever reaches the program is its user, so it serves this machine alone."""


@click.group(context_settings={"auto_envvar_prefix": "MNEMOS"})
@click.version_option(__version__, package_name="mnemos")
def main() -> None:
    """Live memory for AI agents."""


@main.command()
@click.option(
    "--data",
    envvar="MNEMOS_DATA",
    type=click.Path(path_type=Path, file_okay=False),
    default=default_folder,
    show_default="the user's data folder",
    help="The folder that everything is kept in.",
)
@click.option("--port", default=8080, show_default=True, help="Where to listen; 0: any free port.")
def serve(data: Path, port: int) -> None:
    """Serve GraphQL to this machine until interrupted."""
    try:
        with held(data) as note, _listening(port) as listening, suppress(KeyboardInterrupt):

            def announce(address: str) -> None:
                note(address)
                click.echo(f"Mnemos serves {address}/graphql")

            app = create_app(lambda: _services(data), local.authenticate)
            Server(app, announce).run([listening])
    except (FolderHeld, MnemosError) as refused:
        raise click.ClickException(str(refused)) from refused
    except OSError as failure:
        raise click.ClickException(f"{data} cannot be used: {failure.strerror}.") from failure


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as failure:
        raise click.ClickException(
            f"Port {port} cannot be listened on: {failure}. Give another with --port."
        ) from failure


@asynccontextmanager
async def _services(folder: Path) -> AsyncGenerator[Services, None]:
    store = await SqliteStore.open(folder)
    try:
        async with open_services(store) as services:
            yield services
    finally:
        await store.close()
