"""Chroma: the vector index of a library, made again from it at any time.

The library is the truth: an id that it does not know is passed over, and where the index is found
missing, foreign or not level it is mended from the vectors the library keeps.
"""

import logging
import shutil
import threading
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rag.encoders import Floats
from rag.errors import LibraryBusy
from rag.library import Library

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration

_T = TypeVar("_T")

log = logging.getLogger(__name__)

_COLLECTION = "chunks"
# Chroma's own default, l2 with ef_search 100, finds 71 % of the 50 nearest of 20,000 vectors.
_HNSW: "CreateHNSWConfiguration" = {
    "space": "cosine",
    "ef_construction": 200,
    "max_neighbors": 32,
    "ef_search": 300,
}


class VectorIndex:
    """The nearest chunks of a library by cosine; opened on first use, shared by threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._folder = library.folder / "chroma"
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._collection: Any = None

    @property
    def count(self) -> int:
        """How many vectors the index holds."""
        return int(self._opened().count())

    def close(self) -> None:
        """Let go of Chroma's files."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = self._collection = None

    def nearest(
        self, vector: Floats, count: int, sources: Collection[str] | None = None
    ) -> list[int]:
        """Ids of the `count` chunks nearest to `vector`, nearest first, of all or of `sources`."""
        found = self._opened().query(
            query_embeddings=[vector],
            n_results=count,
            where=None if sources is None else {"source": {"$in": list(sources)}},
            include=[],
        )
        return [int(id_) for id_ in found["ids"][0]]

    def level(self) -> None:
        """Tell the index what the library has come to know; where they still differ, rebuild it.

        Another process that is writing levels the index itself when it is done.
        """
        with self._lock:
            collection = self._opened()
            try:
                with self._library.writing():
                    changes = self._library.index_changes()
                    if changes:
                        if changes.delete:
                            self._forget(changes.delete)
                        if changes.add:
                            self._learn(changes.add)
                        self._library.index_was_told(changes)
                    if collection.count() != self._library.count():
                        self._rebuild()
            except LibraryBusy as busy:
                log.info("The vector index is left as it is: %s", busy)

    def _opened(self) -> Any:
        """The collection, opened and level."""
        with self._lock:
            if self._collection is None:
                self._open()
                self.level()
            return self._collection

    def _open(self) -> None:
        from chromadb.errors import ChromaError, NotFoundError

        try:
            self._client = self._connected()
            found = self._client.get_collection(_COLLECTION, embedding_function=None)
            if (found.metadata or {}).get("library") == self._library.id:
                self._collection = found
                return
            log.warning("The vector index is of another library and is made anew")
            self._client.delete_collection(_COLLECTION)
        except NotFoundError:
            pass
        except (ChromaError, OSError, RuntimeError, ValueError) as error:
            log.warning("The vector index cannot be read (%s) and is made anew", error)
            self.close()
            shutil.rmtree(self._folder)
            self._client = self._connected()
        self._create()

    def _connected(self) -> "Client":
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        return cast("Client", chromadb.PersistentClient(str(self._folder), settings=settings))

    def _create(self) -> None:
        assert self._client is not None
        self._collection = self._client.create_collection(
            _COLLECTION,
            metadata={"library": self._library.id},
            configuration={"hnsw": _HNSW},
            embedding_function=None,
        )

    def _rebuild(self) -> None:
        assert self._client is not None
        log.warning("The vector index was not level with the library and is made anew")
        self._client.delete_collection(_COLLECTION)
        self._create()
        self._learn(None)

    def _learn(self, ids: Collection[int] | None) -> None:
        vectors = self._library.vectors(ids)
        for batch in self._batches(vectors):
            self._collection.upsert(
                ids=[str(id_) for id_, _, _ in batch],
                embeddings=[vector for _, _, vector in batch],
                metadatas=[{"source": source} for _, source, _ in batch],
            )

    def _forget(self, ids: Collection[int]) -> None:
        for batch in self._batches(list(ids)):
            self._collection.delete(ids=[str(id_) for id_ in batch])

    def _batches(self, items: list[_T]) -> Iterator[list[_T]]:
        assert self._client is not None
        size = self._client.get_max_batch_size()
        return (items[at : at + size] for at in range(0, len(items), size))
