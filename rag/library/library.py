"""SQLite: articles, chunks, vectors, token vectors and the full-text index. The truth.

Everything else can be made from it again. An article goes in, is replaced and goes out whole, in
one transaction; chunk ids are never used twice, so what an index still holds of an older version
names nothing here.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np

from rag.encoders import Floats
from rag.errors import LibraryError, UnknownSource
from rag.library import rows, schema
from rag.library.database import Database
from rag.library.rows import Encoding, StoredChunk
from rag.library.words import matching
from rag.records import Article, Chunk, SourceFacts

_FACTS = (
    "source, title, date, sha256, length(text), "
    "(SELECT count(*) FROM chunks WHERE article_id = articles.id)"
)


@dataclass(frozen=True, slots=True)
class IndexChanges:
    """The chunks that the vector index, when in `state`, has yet to learn and to forget."""

    state: str
    add: tuple[int, ...]
    delete: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.add) + len(self.delete)


class Library:
    """The library in a folder."""

    def __init__(self, folder: Path, made_with: Mapping[str, str]) -> None:
        """Open the library in `folder`, or begin one.

        `made_with` names what its chunks and vectors depend on. Raises LibraryError where the
        library was made with something else, is damaged or cannot be opened.
        """
        self.folder = folder
        self._made_with = dict(made_with)
        self._database = Database(folder)
        schema.bring_up(self._database, made_with)

    @property
    def id(self) -> str:
        """What tells this library from any other."""
        return schema.meta(self._database)["id"]

    def facts_of_making(self) -> dict[str, str]:
        """The schema and what else must be the same for a library to be opened."""
        return {"schema": schema.SCHEMA, **self._made_with}

    def close(self) -> None:
        """Close every thread's connection."""
        self._database.close()

    def writing(self, wait: bool = True) -> AbstractContextManager[None]:
        """Be the one writer, across threads and processes. Raises LibraryBusy, naming the other;
        unless told to `wait`, also where a thread of this process writes."""
        return self._database.writing(wait)

    def check(self) -> None:
        """Read the whole file. Raises LibraryError where it is damaged, naming the way out."""
        self._database.check()

    def save(self, path: Path) -> None:
        """Write the library as it is at this moment to a new SQLite file; others may write on."""
        self._database.save(path)

    def load(self, path: Path) -> None:
        """Become the library in the SQLite file at `path`, whole or not at all, with a new id: two
        libraries may share a Chroma server. Its index is yet to be made."""
        with self.writing():
            self._database.load(path)
            with self._database.transaction() as db:
                db.execute("UPDATE meta SET value = ? WHERE key = 'id'", (uuid4().hex,))
                db.execute("DELETE FROM meta WHERE key = 'index_state'")
            schema.migrate(self._database)

    def put(
        self,
        article: Article,
        root: str | None,
        chunks: Sequence[tuple[Chunk, Encoding | None]],
        stamp: str | None = None,
    ) -> None:
        """Add an article, or replace the one of that source whole, in one transaction.

        Every searchable chunk comes with its encoding; `stamp` is what its file looked like. Raises
        LibraryError where the vectors are not as long as the library's.
        """
        dimensions = {str(len(encoding.vector)) for _, encoding in chunks if encoding}
        with self._database.transaction() as db:
            rows.delete_article(db, article.source)
            article_id = rows.insert_article(db, article, root, stamp)
            for chunk, encoding in chunks:
                rows.insert_chunk(db, article, article_id, chunk, encoding)
            for dimension in dimensions:
                db.execute("INSERT OR IGNORE INTO meta VALUES ('dimension', ?)", (dimension,))
            if dimensions and dimensions != {schema.meta(self._database)["dimension"]}:
                raise LibraryError(
                    f"The vectors are {dimensions.pop()} long, those of the library in "
                    f"{self.folder} {schema.meta(self._database)['dimension']}: {schema.REBUILD}"
                )

    def remove(self, source: str) -> None:
        """Take an article out whole. Raises UnknownSource."""
        with self._database.transaction() as db:
            if not rows.delete_article(db, source):
                raise _unknown(source)

    def sources(self) -> list[SourceFacts]:
        """Every article's facts, by source."""
        found = self._database.rows(f"SELECT {_FACTS} FROM articles ORDER BY source")
        return [SourceFacts(*row) for row in found]

    def facts(self, source: str) -> SourceFacts:
        """An article's facts. Raises UnknownSource."""
        found = self._database.rows(f"SELECT {_FACTS} FROM articles WHERE source = ?", (source,))
        if not found:
            raise _unknown(source)
        return SourceFacts(*found[0])

    def is_empty(self) -> bool:
        """Whether there is no article."""
        return not self._database.rows("SELECT 1 FROM articles LIMIT 1")

    def origins(self) -> dict[str, tuple[str, str | None]]:
        """The SHA-256 of every article's file and the folder it was ingested from, by source."""
        found = self._database.rows("SELECT source, sha256, root FROM articles")
        return {source: (sha256, root) for source, sha256, root in found}

    def stamps(self) -> dict[str, tuple[str, str | None]]:
        """The stamp of every article's file and the folder it was ingested from, by source; those
        without a stamp are left out."""
        found = self._database.rows("SELECT source, stamp, root FROM articles WHERE stamp NOT NULL")
        return {source: (stamp, root) for source, stamp, root in found}

    def note_files(self, files: Iterable[tuple[str, str, str | None]]) -> None:
        """Note of unchanged articles, (source, root, stamp), where their files are now and what
        they look like."""
        with self._database.transaction() as db:
            db.executemany("UPDATE articles SET root = ?2, stamp = ?3 WHERE source = ?1", files)

    def sources_from(self, root: str) -> list[str]:
        """The sources that were ingested from the folder `root`."""
        found = self._database.rows("SELECT source FROM articles WHERE root = ?", (root,))
        return sorted(source for (source,) in found)

    def article(self, source: str) -> Article:
        """An article with its stored text. Raises UnknownSource."""
        found = self._database.rows(
            "SELECT source, title, date, text, sha256 FROM articles WHERE source = ?", (source,)
        )
        if not found:
            raise _unknown(source)
        return Article(*found[0])

    def chunks_of(self, source: str) -> list[Chunk]:
        """An article's chunks in order, searchable or not."""
        found = self._database.rows(
            'SELECT c.start, c."end", c.sentences, c.context FROM chunks c '
            "JOIN articles a ON a.id = c.article_id WHERE a.source = ? ORDER BY c.start",
            (source,),
        )
        return [Chunk(start, end, rows.spans(stored), known) for start, end, stored, known in found]

    def encodings_of(self, source: str) -> list[Encoding | None]:
        """The encodings of an article's chunks, in the order of `chunks_of`."""
        found = self._database.rows(
            "SELECT c.vector, c.tokens, c.token_ids, c.token_counts FROM chunks c "
            "JOIN articles a ON a.id = c.article_id WHERE a.source = ? ORDER BY c.start",
            (source,),
        )
        return [rows.encoding(row) for row in found]

    def count(self) -> int:
        """How many chunks can be found."""
        return int(self._database.rows("SELECT value FROM meta WHERE key = 'chunks'")[0][0])

    def chunk_ids(self) -> list[int]:
        """The ids of all searchable chunks, in order."""
        found = self._database.rows("SELECT id FROM words_docsize ORDER BY id")
        return [id_ for (id_,) in found]

    def chunks(self, ids: Collection[int]) -> list[StoredChunk]:
        """The searchable chunks of these ids, in id order; ids that name none are passed over."""
        found = self._database.rows(
            f"SELECT {rows.STORED_COLUMNS} FROM chunks c JOIN articles a ON a.id = c.article_id "
            "WHERE c.vector IS NOT NULL AND c.id IN (SELECT value FROM json_each(?)) ORDER BY c.id",
            (json.dumps(list(ids)),),
        )
        return [rows.stored_chunk(row) for row in found]

    def vectors(self, ids: Collection[int] | None = None) -> list[tuple[int, str, Floats]]:
        """(chunk id, source, vector) of these searchable chunks, or of all, in id order."""
        some = "" if ids is None else "AND c.id IN (SELECT value FROM json_each(?))"
        found = self._database.rows(
            "SELECT c.id, a.source, c.vector FROM chunks c JOIN articles a ON a.id = c.article_id "
            f"WHERE c.vector IS NOT NULL {some} ORDER BY c.id",
            () if ids is None else (json.dumps(list(ids)),),
        )
        return [(id_, source, np.frombuffer(blob, dtype=np.float32)) for id_, source, blob in found]

    def matching(
        self, words: Sequence[str], count: int, sources: Collection[str] | None = None
    ) -> list[int]:
        """Ids of the `count` best chunks for any of `words` by BM25, best first."""
        return matching(self._database, words, count, sources, self.count())

    def token_frequencies(self, tokens: Sequence[int]) -> list[int]:
        """In how many searchable chunks each token stands."""
        found = self._database.rows(
            "SELECT token, chunks FROM token_frequency "
            "WHERE token IN (SELECT value FROM json_each(?))",
            (json.dumps(list(tokens)),),
        )
        frequencies: dict[int, int] = dict(found)
        return [frequencies.get(token, 0) for token in tokens]

    def index_changes(self) -> IndexChanges:
        """What the vector index has yet to be told, and its state when it was told last."""
        state, *found = self._database.rows(
            "SELECT 0, coalesce((SELECT value FROM meta WHERE key = 'index_state'), '') UNION ALL "
            "SELECT * FROM (SELECT chunk_id, change FROM index_changes ORDER BY chunk_id)"
        )
        return IndexChanges(
            state[1],
            tuple(id_ for id_, change in found if change == "add"),
            tuple(id_ for id_, change in found if change == "delete"),
        )

    def index_version(self) -> tuple[str, int, int]:
        """Differs whenever `index_changes` does, and costs next to nothing.

        Until the index is told, changes only come, or turn from adding a chunk to deleting it.
        """
        ((state, count, deletions),) = self._database.rows(
            "SELECT coalesce((SELECT value FROM meta WHERE key = 'index_state'), ''), "
            "count(*), coalesce(sum(change = 'delete'), 0) FROM index_changes"
        )
        return state, count, deletions

    def index_was_told(self, changes: IndexChanges, state: str) -> None:
        """Note that the vector index knows these changes, and that its state has this name now: an
        index that says otherwise is of another moment."""
        told = [*((i, "add") for i in changes.add), *((i, "delete") for i in changes.delete)]
        with self._database.transaction() as db:
            db.executemany("DELETE FROM index_changes WHERE chunk_id = ? AND change = ?", told)
            db.execute("INSERT OR REPLACE INTO meta VALUES ('index_state', ?)", (state,))

    def disk_use(self) -> dict[str, int]:
        """Bytes of what the library keeps, by part."""
        ((vectors, tokens, texts),) = self._database.rows(
            "SELECT total(length(vector)), total(length(tokens) + length(token_ids) + "
            "length(token_counts)), (SELECT total(length(CAST(text AS BLOB))) FROM articles) "
            "FROM chunks"
        )
        ((pages, size),) = self._database.rows(
            "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size"
        )
        known = {"vectors": int(vectors), "tokens": int(tokens), "texts": int(texts)}
        return known | {"words_and_rest": int(pages) * int(size) - sum(known.values())}


def _unknown(source: str) -> UnknownSource:
    return UnknownSource(f"{source!r} is not in the library: `citewell sources` lists what is")
