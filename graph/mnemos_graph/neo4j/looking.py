"""What a person should know of a Neo4j before or while it is used. Nothing in it is changed."""

from __future__ import annotations

from mnemos_graph.looking import Looked, ahead, now_seconds
from mnemos_graph.neo4j.address import Address
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.migrations import MIGRATIONS, check_server

_VERSION = "CALL dbms.components() YIELD versions, edition RETURN versions[0], edition LIMIT 1"
_NOW = "RETURN datetime.realtime().epochMillis"
_SCHEMA = "MATCH (s:Schema {id: 1}) RETURN s.version"
_INDEXES = (
    "SHOW INDEXES YIELD name, state, populationPercent WHERE state <> 'ONLINE' "
    "RETURN name, state, populationPercent ORDER BY name"
)


async def look_at_neo4j(url: str) -> Looked:
    """Return what is there.

    Raises:
        BadInput: the address, the user or the password is wrong, or Neo4j is too old.
        Unavailable: Neo4j does not answer.
    """
    bolt = Bolt(Address.of(url))
    try:
        await check_server(bolt)
        ((version, edition),) = await bolt.read(_VERSION, {})
        asked = now_seconds()
        ((millis,),) = await bolt.read(_NOW, {})
        clock = ahead(millis / 1_000, asked, now_seconds())
        odd, bad = await _state(bolt)
    finally:
        await bolt.close()
    return Looked(version=f"Neo4j {version} {edition}", ahead_seconds=clock, odd=odd, bad=bad)


async def _state(bolt: Bolt) -> tuple[tuple[str, ...], tuple[str, ...]]:
    odd, bad = [], []
    written = await bolt.read(_SCHEMA, {})
    version, known = (written[0][0] if written else 0), len(MIGRATIONS)
    if version > known:
        bad.append(f"Its database has version {version}, this program knows {known}: update it.")
    elif version < known:
        odd.append(f"Its database has version {version}; the next start brings it to {known}.")
    for name, state, percent in await bolt.read(_INDEXES, {}):
        if state == "FAILED":
            bad.append(f"Its index {name} could not be built: drop it and start again.")
        else:
            odd.append(f"Its index {name} is being built ({percent:.0f} %): a start waits for it.")
    return tuple(odd), tuple(bad)
