"""Chroma: the vector index of a library, made again from it at any time.

The library is the truth: an id that it does not know is passed over, and where the index is found
missing, foreign or not level it is mended from the vectors the library keeps.
"""

import logging
import shutil
import threading
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import uuid4

from rag.encoders import Floats
from rag.errors import LibraryBusy
from rag.library import Library

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration

_T = TypeVar("_T")

log = logging.getLogger(__name__)

_COLLECTION = "chunks"
_LIBRARY, _STATE = "library", "state"  # the collection's metadata
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
        from chromadb.errors import ChromaError

        if sources is not None and not sources:
            return []
        asked: dict[str, Any] = {
            "query_embeddings": [vector],
            "n_results": count,
            "where": None if sources is None else {"source": {"$in": list(sources)}},
            "include": [],
        }
        try:
            found = self._opened().query(**asked)
        except ChromaError:
            # It may just have been rebuilt: under the lock the new one is there.
            with self._lock:
                found = self._opened().query(**asked)
        return [int(id_) for id_ in found["ids"][0]]

    def level(self) -> None:
        """Tell the index what the library has come to know; where they still differ, rebuild it.

        Another process that is writing levels the index itself when it is done.
        """
        try:
            # In this order everywhere: who ingests holds the writer's lock when it comes here.
            with self._library.writing(), self._lock:
                self._level(self._collection or self._open())
        except LibraryBusy as busy:
            log.info("The vector index is left as it is: %s", busy)
            with self._lock:
                self._collection = self._collection or self._open()

    def _opened(self) -> Any:
        """The collection, opened and level."""
        if self._collection is None:
            self.level()
        return self._collection

    def _level(self, collection: Any) -> None:
        changes = self._library.index_changes()
        told = (collection.metadata or {}).get(_STATE) == self._library.index_state()
        # Chroma's graph loses its way to new vectors when most of the old ones are deleted.
        grows = 2 * len(changes.delete) < max(1, collection.count())
        if told and grows:
            for ids in self._batches(changes.delete):
                collection.delete(ids=[str(id_) for id_ in ids])
            self._learn(collection, changes.add)
        level = told and grows and collection.count() == self._library.count()
        if not level:
            log.info("The vector index is made anew from the library")
            collection = self._created(anew=True)
            self._learn(collection, None)
        if changes or not level:
            state = uuid4().hex
            collection.modify(metadata={_LIBRARY: self._library.id, _STATE: state})
            self._library.index_was_told(changes, state)
        self._collection = collection

    def _open(self) -> Any:
        """The collection as it is on disk, or an empty one in place of what cannot be used."""
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.errors import ChromaError, NotFoundError

        try:
            self._client = self._connected()
            found = self._client.get_collection(_COLLECTION, embedding_function=None)
            if (found.metadata or {}).get(_LIBRARY) == self._library.id and self._answers(found):
                return found
            log.warning("The vector index is damaged or of another library and is made anew")
            return self._created(anew=True)
        except NotFoundError:
            return self._created(anew=False)
        except (ChromaError, OSError, RuntimeError, ValueError, AttributeError) as error:
            log.warning("The vector index cannot be read (%s) and is made anew", error)
            self.close()
            SharedSystemClient.clear_system_cache()  # it keeps what it failed to start
            if self._folder.is_dir():
                shutil.rmtree(self._folder)
            else:
                self._folder.unlink()
            self._client = self._connected()
            return self._created(anew=False)

    def _answers(self, collection: Any) -> bool:
        """Whether the graph finds as much as the collection says it holds."""
        held = min(10, int(collection.count()))
        some = [int(id_) for id_ in collection.get(limit=1, include=[])["ids"]]
        probes = [vector for _, _, vector in self._library.vectors(some)]
        if not probes:
            return True
        found = collection.query(query_embeddings=probes, n_results=held, include=[])
        return len(found["ids"][0]) == held

    def _connected(self) -> "Client":
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        return cast("Client", chromadb.PersistentClient(str(self._folder), settings=settings))

    def _created(self, anew: bool) -> Any:
        assert self._client is not None
        if anew:
            self._client.delete_collection(_COLLECTION)
        return self._client.create_collection(
            _COLLECTION,
            metadata={_LIBRARY: self._library.id, _STATE: ""},
            configuration={"hnsw": _HNSW},
            embedding_function=None,
        )

    def _learn(self, collection: Any, ids: Collection[int] | None) -> None:
        for batch in self._batches(self._library.vectors(ids)):
            collection.upsert(
                ids=[str(id_) for id_, _, _ in batch],
                embeddings=[vector for _, _, vector in batch],
                metadatas=[{"source": source} for _, source, _ in batch],
            )

    def _batches(self, items: Sequence[_T]) -> Iterator[Sequence[_T]]:
        assert self._client is not None
        size = self._client.get_max_batch_size()
        return (items[at : at + size] for at in range(0, len(items), size))
