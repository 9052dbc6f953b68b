"""What a person should know of a Redis before or while it is used. Nothing in it is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemos_graph.looking import Looked, ahead, now_seconds
from mnemos_graph.redis.address import parse
from mnemos_graph.redis.connection import connect
from mnemos_graph.redis.opening import Found, look, told


async def look_at_redis(url: str) -> Looked:
    """Return what is there.

    Raises:
        BadInput: the URL cannot be read, or names a Redis that cannot be used like this.
        Unavailable: no Redis answers there.
    """
    async with connect(parse(url)) as connection:
        found = await look(connection)
        info = await told(connection, "INFO")
        asked = now_seconds()
        time = await told(connection, "TIME")
        clock = ahead(time[0] + time[1] / 1_000_000, asked, now_seconds()) if time else 0.0
    return Looked(
        version=f"Redis {info.get('redis_version', '(it does not tell which)')}",
        ahead_seconds=clock,
        odd=_odd(found, info),
    )


def _odd(found: Found, info: Mapping[str, Any]) -> tuple[str, ...]:
    odd = []
    if found.persistent is False:
        odd.append("It keeps nothing on disk: start it with `--appendonly yes`.")
    if found.persistent is None:
        odd.append("It does not tell whether it keeps anything on disk: make sure that it does.")
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if info.get("maxmemory") and policy != "noeviction":
        odd.append(
            f"It throws keys away when it is full ({policy}): set maxmemory-policy to noeviction."
        )
    return tuple(odd)
