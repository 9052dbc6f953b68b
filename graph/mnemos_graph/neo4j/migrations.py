"""Constraints and indexes, as numbered steps from an empty database to what this program knows.

A step is never changed once it is released; a new one is added behind it, and adds only, so that
workers of the version before may run beside those that know it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mnemos_graph.errors import BadInput, Unavailable
from mnemos_graph.model import RECORD_TYPES, RecordKind
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.indexes import BY_ID, TEXTS, VERSION_BY_ID, of_live, of_versions
from mnemos_graph.neo4j.names import FULL_TEXT, label, version_label

OLDEST = (5, 26)
BUILT_WITHIN_SECONDS = 300

_LOCK = "CREATE CONSTRAINT schema_id IF NOT EXISTS FOR (n:Schema) REQUIRE n.id IS UNIQUE"
_VERSION = (
    "MERGE (s:Schema {id: 1}) ON CREATE SET s.version = 0 SET s.turn = $turn RETURN s.version"
)

_UNIQUE = (
    ("Organization", ("id",)),
    ("Record", BY_ID),
    ("NaturalKey", ("org", "digest")),
    ("Commit", ("org", "id")),
    ("Fence", ("org", "partition")),
    ("Change", ("org", "position")),
    ("Derived", ("org", "id", "version", "generation")),
    ("DirectoryOrganization", ("id",)),
    ("DirectoryOrganization", ("name",)),
    ("ApiKey", ("id",)),
    ("ApiKey", ("digest",)),
)
_FULL_TEXT = f"""
CREATE FULLTEXT INDEX {FULL_TEXT} IF NOT EXISTS FOR (n:Record) ON EACH [n.words, n.tokens]
OPTIONS {{indexConfig: {{
  `fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: true
}}}}
"""


def _unique(label_: str, properties: Sequence[str]) -> str:
    held = ", ".join(f"n.{each}" for each in properties)
    name = f"unique_{label_.lower()}_{'_'.join(properties)}"
    return f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label_}) REQUIRE ({held}) IS UNIQUE"


def _index(label_: str, properties: Sequence[str]) -> str:
    held = ", ".join(f"n.{each}" for each in properties)
    name = f"by_{label_.lower()}_{'_'.join(properties)}"
    return f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label_}) ON ({held})"


_LATER = frozenset({RecordKind.TEMPLATE, RecordKind.ONTOLOGY, RecordKind.READING})
"""Kinds that came with a later step."""


def _of(kind: RecordKind) -> list[str]:
    """Return the indexes over everything of a kind."""
    found = [_index(label(kind), each) for each in of_live(kind)]
    if RECORD_TYPES[kind].LOGGED:
        found += [_index(version_label(kind), each) for each in of_versions(kind)]
    return found


MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        *(_unique(*each) for each in _UNIQUE),
        _index("Version", VERSION_BY_ID),
        _index("Text", TEXTS),
        _index("ApiKey", ("organization",)),
        *(each for kind in RECORD_TYPES if kind not in _LATER for each in _of(kind)),
        _FULL_TEXT,
    ),
    tuple(_of(RecordKind.TEMPLATE)),
    (*_of(RecordKind.ONTOLOGY), *_of(RecordKind.READING)),
)


async def migrate(bolt: Bolt) -> None:
    """Bring the database to the newest version, one program at a time, and wait for its indexes.

    Raises:
        BadInput: Neo4j is too old, or a newer program wrote the database.
        Unavailable: it does not answer, or its indexes are not built in time.
    """
    await check_server(bolt)
    await bolt.write(_LOCK, {})
    async with (
        bolt.session() as session,
        await session.begin_transaction(timeout=BUILT_WITHIN_SECONDS) as turn,
    ):
        ((version,),) = await (await turn.run(_VERSION, turn=True)).values()
        if version > len(MIGRATIONS):
            raise BadInput(
                f"The database in Neo4j has version {version}, and this program knows up to "
                f"{len(MIGRATIONS)}. Start a newer Mnemos on it."
            )
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                await bolt.write(statement, {})
        await turn.run("MATCH (s:Schema {id: 1}) SET s.version = $known", known=len(MIGRATIONS))
        await turn.commit()
    await _built(bolt)


async def check_server(bolt: Bolt) -> None:
    """Look whether Neo4j is new enough.

    Raises:
        BadInput: it is not.
        Unavailable: it does not answer.
    """
    asked = (
        "CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions[0]"
    )
    ((version,),) = await bolt.read(asked, {})
    found = tuple(int(each) for each in version.split(".")[:2])
    if found < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise BadInput(f"This is Neo4j {version}. Mnemos needs {oldest} or newer.")


async def _built(bolt: Bolt) -> None:
    """Wait until every index can be asked."""
    until = asyncio.get_running_loop().time() + BUILT_WITHIN_SECONDS
    asked = (
        "SHOW INDEXES YIELD name, state, populationPercent WHERE state <> 'ONLINE' "
        "RETURN name, state, populationPercent ORDER BY name"
    )
    while waiting := await bolt.read(asked, {}):
        name, state, percent = waiting[0]
        if state == "FAILED":
            raise Unavailable(f"Neo4j could not build the index {name}. Drop it and start again.")
        if asyncio.get_running_loop().time() > until:
            raise Unavailable(
                f"Neo4j still builds the index {name} ({percent:.0f} %). Start again when it has."
            )
        await asyncio.sleep(0.1)
