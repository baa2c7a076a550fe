"""Search by words: BM25 over the full-text index.

Source: Robertson & Zaragoza 2009, with FTS5's k1 = 1.2 and b = 0.75.
"""

import json
from collections.abc import Collection, Sequence

from rag.library.database import Database

_SCORED = 8000
"""Chunks that a search scores at most, as long as rarer words find any."""


def matching(
    database: Database,
    words: Sequence[str],
    count: int,
    sources: Collection[str] | None,
    total: int,
) -> list[int]:
    """Ids of the `count` best of `total` chunks for any of `words`, best first.

    FTS5 scores every chunk that matches, some 1.2 µs each: in a large library the most frequent of
    the words, which say least, are left out.
    """
    if not words:
        return []
    if total > _SCORED:
        words = _telling(database, words)
    among = (
        "AND rowid IN (SELECT c.id FROM chunks c JOIN articles a ON a.id = c.article_id "
        "WHERE a.source IN (SELECT value FROM json_each(:sources)))"
    )
    found = database.rows(
        f"SELECT rowid FROM words WHERE words MATCH :query {'' if sources is None else among} "
        "ORDER BY bm25(words, 0.5, 1.0), rowid LIMIT :count",
        {
            "query": " OR ".join(map(_quoted, words)),
            "count": count,
            "sources": json.dumps(list(sources or ())),
        },
    )
    return [id_ for (id_,) in found]


def _telling(database: Database, words: Sequence[str]) -> list[str]:
    """The rarest of `words`, in their order: as many as bring _SCORED chunks, and one that is there
    at least."""
    matched = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
    counts = {
        word: int(database.rows(matched, (_quoted(word), _SCORED + 1))[0][0]) for word in words
    }
    total, kept = 0, set[str]()
    for word in sorted(counts, key=lambda word: counts[word]):
        if total and total + counts[word] > _SCORED:
            break
        total += counts[word]
        kept.add(word)
    return [word for word in words if word in kept]


def _quoted(word: str) -> str:
    """A word as FTS5 takes it literally."""
    return '"' + word.replace('"', '""').replace("\0", " ") + '"'
