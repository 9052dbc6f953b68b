"""The tables of `mnemos.db`, as numbered steps from an empty file to what this program knows.

A step is never changed once it is released; a new one is added behind it. Columns have no type, so
that a number never equals a text. Instants are whole microseconds since 1970, flags 0 and 1,
several texts and objects JSON, and absent where empty.
"""

from __future__ import annotations

import sqlite3

from mnemos_graph.errors import BadInput

_COMMON = """
CREATE TABLE organization (
  org INTEGER PRIMARY KEY, id NOT NULL UNIQUE,
  epoch NOT NULL DEFAULT 1, began NOT NULL DEFAULT 0
);
-- The last version of every record, of any kind: what a write is checked against.
CREATE TABLE record (
  org, id, kind NOT NULL, partition NOT NULL, version NOT NULL, live NOT NULL, row NOT NULL,
  PRIMARY KEY (org, id)
) WITHOUT ROWID;
-- Keys as digests: they would repeat what people wrote.
CREATE TABLE natural_key (org, digest, id NOT NULL, PRIMARY KEY (org, digest)) WITHOUT ROWID;
-- The single texts of fields of several, for records as they are now.
CREATE TABLE link (org, field, value, row, PRIMARY KEY (org, field, value, row)) WITHOUT ROWID;
CREATE TABLE change_log (
  org, position, commit_end NOT NULL, change NOT NULL, kind NOT NULL, id NOT NULL,
  version NOT NULL, user_id, agent_id, session_id, actor NOT NULL, at NOT NULL,
  PRIMARY KEY (org, position)
) WITHOUT ROWID;
CREATE TABLE committed (
  org, commit_id, first NOT NULL, last NOT NULL, PRIMARY KEY (org, commit_id)
) WITHOUT ROWID;
CREATE TABLE fence (org, partition, position NOT NULL, PRIMARY KEY (org, partition)) WITHOUT ROWID;
CREATE TABLE derived (
  org, id, version, generation, data NOT NULL, PRIMARY KEY (org, id, version, generation)
);
CREATE VIRTUAL TABLE full_text USING fts5(scope, words, tokenize = 'ascii');
CREATE TABLE directory_organization (
  id PRIMARY KEY, name NOT NULL UNIQUE, created_at NOT NULL
) WITHOUT ROWID;
CREATE TABLE api_key (
  id PRIMARY KEY, organization NOT NULL, name NOT NULL, role NOT NULL, digest NOT NULL UNIQUE,
  created_at NOT NULL, revoked_at
) WITHOUT ROWID;
CREATE INDEX api_key_organization ON api_key (organization);
"""

_KIND = """
CREATE TABLE {kind} (
  org NOT NULL, id NOT NULL, version NOT NULL, born NOT NULL, died, change NOT NULL,
  reason NOT NULL, actor NOT NULL, at NOT NULL,
  user_id, agent_id, session_id, created_at NOT NULL, updated_at NOT NULL, {columns}, body NOT NULL,
  UNIQUE (org, id, version)
);
CREATE INDEX {kind}_owner ON {kind} (org, user_id, id);
"""

_KINDS = {
    "memory": "type, level, importance, tags, metadata, valid_from, valid_to, expires_at, "
    "fingerprint, sources, entity_ids, fact_ids, superseded_by",
    "episode": "occurred_at, source, speaker",
    "entity": "kind, folded_name, folded_names, merged_into, merge_id",
    "fact": "subject_id, predicate, object_id, valid_from, valid_to, invalidated_at, closed_by, "
    "ended_by, sources",
    "block": "label",
    "job": "kind, state",
    "receipt": "operation",
    "job_input": "job_id",
    "latch": "subject_id",
}

_INDEXES = """
CREATE INDEX memory_created ON memory (org, created_at, id) WHERE died IS NULL;
CREATE INDEX memory_fingerprint ON memory (org, fingerprint) WHERE died IS NULL;
CREATE INDEX memory_superseded ON memory (org, superseded_by)
  WHERE died IS NULL AND superseded_by IS NOT NULL;
CREATE INDEX memory_expires ON memory (org, expires_at)
  WHERE died IS NULL AND expires_at IS NOT NULL;
CREATE INDEX entity_name ON entity (org, folded_name) WHERE died IS NULL;
CREATE INDEX entity_merge ON entity (org, merge_id) WHERE died IS NULL AND merge_id IS NOT NULL;
CREATE INDEX entity_root ON entity (org, id, died, born, user_id, merged_into);
CREATE INDEX entity_merged ON entity (org, merged_into, died, born, user_id, id)
  WHERE merged_into IS NOT NULL;
CREATE INDEX fact_subject ON fact (
  org, subject_id, died, born, user_id, id, object_id, valid_from, valid_to, invalidated_at,
  predicate
);
CREATE INDEX fact_object ON fact (
  org, object_id, died, born, user_id, id, subject_id, valid_from, valid_to, invalidated_at
) WHERE object_id IS NOT NULL;
CREATE INDEX fact_closed ON fact (org, closed_by) WHERE died IS NULL AND closed_by IS NOT NULL;
CREATE INDEX fact_ended ON fact (org, ended_by) WHERE died IS NULL AND ended_by IS NOT NULL;
CREATE INDEX job_state ON job (org, state) WHERE died IS NULL;
CREATE INDEX job_input_job ON job_input (org, job_id);
CREATE INDEX latch_subject ON latch (org, subject_id);
"""

MIGRATIONS: tuple[str, ...] = (
    _COMMON
    + "".join(_KIND.format(kind=kind, columns=columns) for kind, columns in _KINDS.items())
    + _INDEXES,
    _KIND.format(kind="support", columns="supports, episode_id, told_at")
    + """
CREATE INDEX support_supports ON support (org, supports);
CREATE INDEX support_episode ON support (org, episode_id);
""",
    # Why an organization is not written to; see `store.copying.Seal`.
    "ALTER TABLE organization ADD COLUMN seal;",
    _KIND.format(kind="template", columns="name"),
    _KIND.format(kind="ontology", columns="closed") + _KIND.format(kind="reading", columns="model"),
)


def migrate(database: sqlite3.Connection) -> None:
    """Bring the file to the newest version, step by step, each whole or not at all.

    Raises:
        BadInput: the file was written by a newer program.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise BadInput(
            f"mnemos.db has version {version}, and this program knows up to {len(MIGRATIONS)}. "
            "Start a newer Mnemos on it."
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        try:
            database.executescript(
                f"BEGIN IMMEDIATE;{script}PRAGMA user_version = {number};COMMIT;"
            )
        finally:
            if database.in_transaction:
                database.rollback()
