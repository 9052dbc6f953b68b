"""What is looked at before a Redis is used: that it is there, is ours to use, and is new enough."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import RedisCluster
from redis.exceptions import NoPermissionError, ResponseError

from mnemos_graph.errors import BadInput
from mnemos_graph.redis.address import Form
from mnemos_graph.redis.connection import Connection
from mnemos_graph.redis.troubles import Troubles, trouble

OPENS_WITHIN_SECONDS = 10.0
OLDEST = (7, 0)


@dataclass(frozen=True, slots=True)
class Found:
    persistent: bool | None
    """Whether it keeps on disk what it has; None: it does not tell."""


async def look(connection: Connection) -> Found:
    """Return what is there.

    Raises:
        BadInput: it cannot be used as it is, or not with this URL.
        Unavailable: it does not answer.
    """
    try:
        async with asyncio.timeout(OPENS_WITHIN_SECONDS):
            await connection.evaluate("return 1", connection.address.name("opening"))
            await connection.publish(connection.address.name("opening"), b"")
            info = await told(connection, "INFO")
            saves = await told(connection, "CONFIG GET", "save")
    except (*Troubles, TimeoutError) as error:
        raise trouble(connection.address, error) from None
    _check(connection, info)
    if not info:
        return Found(None)
    if info.get("aof_enabled"):
        return Found(persistent=True)
    return Found(persistent=bool(saves["save"]) if "save" in saves else None)


def _check(connection: Connection, info: Mapping[str, Any]) -> None:
    where, form = connection.address.shown, connection.address.form
    version = str(info.get("redis_version", "7.0"))
    if tuple(int(each) for each in version.split(".")[:2]) < OLDEST:
        raise BadInput(f"The Redis at {where} is {version}. Install 7.0 or newer.")
    if info.get("cluster_enabled") and form is not Form.CLUSTER:
        raise BadInput(f"The Redis at {where} is a cluster. Write redis+cluster:// for it.")
    if info.get("role") == "slave":
        raise BadInput(f"The Redis at {where} is a replica. Name the one that takes writes.")


async def told(connection: Connection, command: str, *arguments: str) -> Any:
    """Return what a server says of itself; nothing, where our user may not ask."""
    client, options = connection.client, {}
    if isinstance(client, RedisCluster):
        options["target_nodes"] = client.get_default_node()
    try:
        answer = await client.execute_command(command, *arguments, **options)
    except NoPermissionError:
        return {}
    except ResponseError as error:
        if "unknown command" in str(error).lower():
            return {}
        raise
    return answer
