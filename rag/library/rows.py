"""How chunks and their encodings lie in the tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from rag.encoders import TOKEN_DIMENSION, Floats, TokenVectors
from rag.library.database import Connection
from rag.records import Article, Chunk, Sentence

SCHEMA = "1"

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    root TEXT,
    title TEXT NOT NULL,
    date TEXT,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL
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


@dataclass(frozen=True, slots=True)
class Encoding:
    """A searchable chunk's sentence vector (d,) and tokens; `token_counts` says how many tokens
    stand in the context and then in each sentence."""

    vector: Floats
    tokens: TokenVectors
    token_counts: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A searchable chunk as the library gives it back; `tokens` (n, 96) keep only direction."""

    id: int
    source: str
    title: str
    date: str | None
    sha256: str
    text: str
    start: int
    end: int
    line: int
    context: str
    sentences: tuple[Sentence, ...]
    tokens: npt.NDArray[np.int8]
    token_counts: npt.NDArray[np.int32]


STORED_COLUMNS = (
    "c.id, a.source, a.title, a.date, a.sha256, "
    'substr(a.text, c.start + 1, c."end" - c.start), c.start, c."end", c.line, c.context, '
    "c.sentences, c.tokens, c.token_counts"
)


def begin(db: Connection, made_with: Mapping[str, str]) -> None:
    """Make the tables of a new library."""
    for statement in TABLES.split(";"):
        db.execute(statement)
    meta = {"schema": SCHEMA, "id": uuid4().hex, **made_with}
    db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())


def insert_article(db: Connection, article: Article, root: str | None) -> int:
    """Add a row and give its id."""
    row = db.execute(
        "INSERT INTO articles (source, root, title, date, sha256, text) VALUES (?, ?, ?, ?, ?, ?)",
        (article.source, root, article.title, article.date, article.sha256, article.text),
    )
    assert row.lastrowid is not None
    return row.lastrowid


def insert_chunk(
    db: Connection, article: Article, article_id: int, chunk: Chunk, encoding: Encoding | None
) -> None:
    """Add a chunk; with an encoding it can be found by its words, and the index is to learn it."""
    row = db.execute(
        'INSERT INTO chunks (article_id, start, "end", line, sentences, context) '
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            article_id,
            chunk.start,
            chunk.end,
            article.text.count("\n", 0, chunk.start) + 1,
            json.dumps([[s.start, s.end, s.kind] for s in chunk.sentences]),
            chunk.context,
        ),
    )
    if encoding is None:
        return
    db.execute(
        "UPDATE chunks SET vector = ?, tokens = ?, token_ids = ?, token_counts = ? WHERE id = ?",
        (
            encoding.vector.astype(np.float32).tobytes(),
            _quantized(encoding.tokens.vectors).tobytes(),
            encoding.tokens.ids.tobytes(),
            encoding.token_counts.tobytes(),
            row.lastrowid,
        ),
    )
    db.execute(
        "INSERT INTO words (rowid, context, body) VALUES (?, ?, ?)",
        (row.lastrowid, chunk.context, article.text[chunk.start : chunk.end]),
    )
    _count_tokens(db, encoding.tokens.ids, 1)
    db.execute("INSERT OR REPLACE INTO index_changes VALUES (?, 'add')", (row.lastrowid,))


def delete_article(db: Connection, source: str) -> bool:
    """Take out an article and all that came of it; the index is to forget its chunks."""
    article = db.execute("SELECT id FROM articles WHERE source = ?", (source,)).fetchone()
    if article is None:
        return False
    for id_, tokens in db.execute(
        "SELECT id, token_ids FROM chunks WHERE article_id = ? AND vector IS NOT NULL", article
    ).fetchall():
        db.execute("DELETE FROM words WHERE rowid = ?", (id_,))
        _count_tokens(db, np.frombuffer(tokens, dtype=np.uint16), -1)
        db.execute("INSERT OR REPLACE INTO index_changes VALUES (?, 'delete')", (id_,))
    db.execute("DELETE FROM chunks WHERE article_id = ?", article)
    db.execute("DELETE FROM articles WHERE id = ?", article)
    return True


def stored_chunk(row: tuple[Any, ...]) -> StoredChunk:
    """A row of `STORED_COLUMNS` as a StoredChunk."""
    id_, source, title, date, sha256, text, start, end, line, context, sentences, *encoded = row
    token_counts = np.frombuffer(encoded[1], dtype=np.int32)
    return StoredChunk(
        id=id_,
        source=source,
        title=title,
        date=date,
        sha256=sha256,
        text=text,
        start=start,
        end=end,
        line=line,
        context=context,
        sentences=spans(sentences),
        tokens=np.frombuffer(encoded[0], dtype=np.int8).reshape(-1, TOKEN_DIMENSION),
        token_counts=token_counts,
    )


def spans(stored: str) -> tuple[Sentence, ...]:
    """The sentences of a chunk as they are stored."""
    return tuple(Sentence(start, end, kind) for start, end, kind in json.loads(stored))


def _quantized(vectors: Floats) -> npt.NDArray[np.int8]:
    """To 8 bits, each vector by its largest component: only directions are compared."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True, initial=0.0), 1e-9)
    rounded: npt.NDArray[np.int8] = np.rint(vectors * (127.0 / largest)).astype(np.int8)
    return rounded


def _count_tokens(db: Connection, tokens: npt.NDArray[np.uint16], change: int) -> None:
    db.executemany(
        "INSERT INTO token_frequency VALUES (?, ?) "
        "ON CONFLICT (token) DO UPDATE SET chunks = chunks + excluded.chunks",
        [(token, change) for token in np.unique(tokens).tolist()],
    )
