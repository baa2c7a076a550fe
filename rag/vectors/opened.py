"""A Chroma collection that is open, and the store that keeps it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

from rag.encoders import Floats

if TYPE_CHECKING:
    from chromadb.api import BaseAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration

_T = TypeVar("_T")

_SOURCES_AT_ONCE = 20_000
"""Sources of one filter: Chroma passes each to SQLite as a variable, of which it takes 32,766."""

# Chroma's own default, l2 with ef_search 100, finds 71 % of the 50 nearest of 20,000 vectors. With
# its default thresholds it keeps up to 1,000 records in a log and writes the graph when it is read;
# with these the graph is written when it is made, and reading changes no file of it.
HNSW: "CreateHNSWConfiguration" = {
    "space": "cosine",
    "ef_construction": 200,
    "max_neighbors": 32,
    "ef_search": 300,
    "batch_size": 2,
    "sync_threshold": 2,
}


class Unusable(Exception):
    """A collection is missing, damaged or no longer what it was; the message says why."""


class Opened:
    """A collection in a named state."""

    def __init__(
        self,
        client: "BaseAPI",
        collection: Any,
        state: str,
        dead: int,
        calling: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """`dead` vectors are deleted and still lie in the graph; `calling` says of Chroma's errors
        what they mean."""
        self.collection = collection
        self.state = state
        self.dead = dead
        self._client = client
        self._calling = calling

    def count(self) -> int:
        """How many vectors there are."""
        with self._calling():
            return int(self.collection.count())

    def ids(self, among: Collection[int] | None = None) -> set[int]:
        """The chunk ids there are, of all or of these."""
        with self._calling():
            if among is None:
                return set(map(int, self.collection.get(include=[])["ids"]))
            parts = batches(list(map(str, among)), self.batch_size())
            return {int(i) for ids in parts for i in self.collection.get(ids, include=[])["ids"]}

    def vectors(self, count: int) -> dict[int, Floats]:
        """Some of the vectors, by chunk id."""
        with self._calling():
            found = self.collection.get(limit=count, include=["embeddings"])
        return dict(zip(map(int, found["ids"]), found["embeddings"], strict=True))

    def nearest(
        self, vector: Floats, count: int, sources: Sequence[str] | None
    ) -> list[tuple[float, int]]:
        """(cosine distance, id) of the nearest chunks, of all or of `sources`, nearest first."""
        if sources is None:
            return self._nearest(vector, count, None)
        parts = (self._nearest(vector, count, s) for s in batches(sources, _SOURCES_AT_ONCE))
        return sorted(found for part in parts for found in part)[:count]

    def batch_size(self) -> int:
        """How many records Chroma takes at once."""
        with self._calling():
            return self._client.get_max_batch_size()

    def learn(self, vectors: Sequence[tuple[int, str, Floats]]) -> None:
        """Add these (chunk id, source, vector), at most `batch_size`."""
        if vectors:
            with self._calling():
                self.collection.upsert(
                    ids=[str(id_) for id_, _, _ in vectors],
                    embeddings=[vector for _, _, vector in vectors],
                    metadatas=[{"source": source} for _, source, _ in vectors],
                )

    def forget(self, ids: Sequence[int]) -> None:
        """Delete these chunks, at most `batch_size`; those that are not there are passed over."""
        if ids:
            with self._calling():
                self.collection.delete(ids=[str(id_) for id_ in ids])

    def _nearest(
        self, vector: Floats, count: int, sources: Sequence[str] | None
    ) -> list[tuple[float, int]]:
        with self._calling():
            found = self.collection.query(
                query_embeddings=[vector],
                n_results=count,
                where=None if sources is None else {"source": {"$in": list(sources)}},
                include=["distances"],
            )
        ids = map(int, found["ids"][0])
        return list(zip(map(float, found["distances"][0]), ids, strict=True))


class Store(ABC):
    """Where the collections of one library are kept."""

    @abstractmethod
    def open(self, state: str) -> Opened:
        """The collection in this state. Raises Unusable."""

    @abstractmethod
    def writing(
        self, base: Opened | None, state: str, forgotten: int
    ) -> AbstractContextManager[Opened]:
        """A collection to change, which at the end is in `state`: what `base` holds, `forgotten` of
        which are about to be deleted, or an empty one.

        Raises LibraryError where it cannot be written.
        """

    @abstractmethod
    def prune(self, state: str) -> None:
        """Remove what is not of this state."""


def batches(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """`items` in runs of at most `size`."""
    return (items[at : at + size] for at in range(0, len(items), size))
