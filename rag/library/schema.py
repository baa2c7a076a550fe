"""The tables, and how a library of an older schema becomes one of this."""

from collections.abc import Callable, Mapping
from uuid import uuid4

from rag.library.database import Connection

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


def begin(db: Connection, made_with: Mapping[str, str]) -> None:
    """Make the tables of a new library."""
    for statement in _TABLES.split(";"):
        db.execute(statement)
    meta = {"schema": SCHEMA, "id": uuid4().hex, "chunks": "0", **made_with}
    db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())


def migrate(db: Connection, schema: str) -> None:
    """Bring the tables from `schema`, one of MIGRATIONS, to SCHEMA, step by step."""
    while schema != SCHEMA:
        schema, step = MIGRATIONS[schema]
        step(db)
        db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (schema,))


def _stamps_and_chunks(db: Connection) -> None:
    """Files are known by their stamp, and chunks are counted as they come and go."""
    db.execute("ALTER TABLE articles ADD COLUMN stamp TEXT")
    db.execute("INSERT INTO meta SELECT 'chunks', count(vector) FROM chunks")


MIGRATIONS: dict[str, tuple[str, Callable[[Connection], None]]] = {"1": ("2", _stamps_and_chunks)}
"""For each older schema the one it becomes, and the step that does it."""
