"""How chunks and their encodings lie in the tables."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.encoders import TOKEN_DIMENSION, Floats, TokenVectors
from rag.library.database import Connection
from rag.records import Article, Chunk, Sentence


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


def insert_article(db: Connection, article: Article, root: str | None, stamp: str | None) -> int:
    """Add a row and give its id."""
    row = db.execute(
        "INSERT INTO articles (source, root, title, date, sha256, text, stamp) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (article.source, root, article.title, article.date, article.sha256, article.text, stamp),
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
    _count_chunk(db, 1)
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
        _count_chunk(db, -1)
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


def encoding(row: tuple[bytes | None, ...]) -> Encoding | None:
    """The stored vector, tokens, token_ids and token_counts of a chunk as they were put in; None
    for one that is not searched. To be put in again: where tokens start is not kept."""
    if any(part is None for part in row):
        return None
    vector, tokens, ids, counts = (part or b"" for part in row)
    vectors = np.frombuffer(tokens, dtype=np.int8).reshape(-1, TOKEN_DIMENSION).astype(np.float32)
    return Encoding(
        np.frombuffer(vector, dtype=np.float32),
        TokenVectors(vectors, np.frombuffer(ids, dtype=np.uint16), np.empty(0, dtype=np.int32)),
        np.frombuffer(counts, dtype=np.int32),
    )


def spans(stored: str) -> tuple[Sentence, ...]:
    """The sentences of a chunk as they are stored."""
    return tuple(Sentence(start, end, kind) for start, end, kind in json.loads(stored))


def _quantized(vectors: Floats) -> npt.NDArray[np.int8]:
    """To 8 bits, each vector by its largest component: only directions are compared."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True, initial=0.0), 1e-9)
    rounded: npt.NDArray[np.int8] = np.rint(vectors * (127.0 / largest)).astype(np.int8)
    return rounded


def _count_chunk(db: Connection, change: int) -> None:
    db.execute("UPDATE meta SET value = value + ? WHERE key = 'chunks'", (change,))


def _count_tokens(db: Connection, tokens: npt.NDArray[np.uint16], change: int) -> None:
    db.executemany(
        "INSERT INTO token_frequency VALUES (?, ?) "
        "ON CONFLICT (token) DO UPDATE SET chunks = chunks + excluded.chunks",
        [(token, change) for token in np.unique(tokens).tolist()],
    )
