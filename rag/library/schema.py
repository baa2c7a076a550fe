"""The tables, what a library was made with, and how one of an older schema becomes one of this."""

import logging
from collections.abc import Callable, Mapping
from uuid import uuid4

from rag.errors import LibraryError
from rag.library.database import Connection, Database

log = logging.getLogger(__name__)

REBUILD = "ingest your articles into a new folder: `CITEWELL_DATA=… citewell ingest FOLDER`"
"""The way out where a library cannot be used with what there is now."""

SCHEMA = "2"

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    root TEXT,
    title TEXT NOT NULL,
    date TEXT,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    stamp TEXT
) STRICT;
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    line INTEGER NOT NULL,
    sentences TEXT NOT NULL,
    context TEXT NOT NULL,
    vector BLOB,
    tokens BLOB,
    token_ids BLOB,
    token_counts BLOB
) STRICT;
CREATE INDEX chunks_of_article ON chunks (article_id, start);
CREATE VIRTUAL TABLE words USING fts5 (
    context, body, tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TABLE token_frequency (token INTEGER PRIMARY KEY, chunks INTEGER NOT NULL) STRICT;
CREATE TABLE index_changes (chunk_id INTEGER PRIMARY KEY, change TEXT NOT NULL) STRICT;
"""
# `meta` holds the schema, the library's id, what it was made with, its vectors' `dimension`, the
# number of `chunks` that can be found, and the `index_state`. An article's `stamp` is what its file
# looked like from outside when it was read (`rag.ingestion`).


def bring_up(database: Database, made_with: Mapping[str, str]) -> None:
    """Make the tables of a new library, bring those of an older one up to date.

    Raises LibraryError where the library was made with something else.
    """
    if not meta(database):
        with database.transaction() as db:
            if not meta(database):
                _begin(db, made_with)
    known = meta(database)
    for key, value in made_with.items():
        if known.get(key) != value:
            raise LibraryError(
                f"The library in {database.folder} was made with {key} {known.get(key)!r}, not "
                f"{value!r}: go back to that, or {REBUILD}"
            )
    migrate(database)


def migrate(database: Database) -> None:
    """Bring an older library's tables up to date, step by step in one transaction.

    Raises LibraryError where there is no way from its schema to SCHEMA.
    """
    found = meta(database).get("schema", "")
    if found == SCHEMA:
        return
    if found not in MIGRATIONS:
        raise LibraryError(
            f"The library in {database.folder} has schema {found!r}, this Citewell knows "
            f"{SCHEMA!r}: use the Citewell that made it, or {REBUILD}"
        )
    with database.transaction() as db:
        schema = meta(database)["schema"]  # another process may have been first
        while schema != SCHEMA:
            schema, step = MIGRATIONS[schema]
            step(db)
            db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (schema,))
    log.info("The library in %s is brought to schema %s", database.folder, SCHEMA)


def meta(database: Database) -> dict[str, str]:
    """What a library says of itself; empty where there are no tables yet."""
    if not database.rows("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
        return {}
    return dict(database.rows("SELECT key, value FROM meta"))


def _begin(db: Connection, made_with: Mapping[str, str]) -> None:
    for statement in _TABLES.split(";"):
        db.execute(statement)
    meta = {"schema": SCHEMA, "id": uuid4().hex, "chunks": "0", **made_with}
    db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())


def _stamps_and_chunks(db: Connection) -> None:
    """Files are known by their stamp, and chunks are counted as they come and go."""
    db.execute("ALTER TABLE articles ADD COLUMN stamp TEXT")
    db.execute("INSERT INTO meta SELECT 'chunks', count(vector) FROM chunks")


MIGRATIONS: dict[str, tuple[str, Callable[[Connection], None]]] = {"1": ("2", _stamps_and_chunks)}
"""For each older schema the one it becomes, and the step that does it."""
