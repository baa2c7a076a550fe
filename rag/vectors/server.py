"""Chroma as a server: the index of a library is a collection named by the library's id."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from rag.errors import LibraryError
from rag.library import Library
from rag.segmentation import flat
from rag.vectors.opened import HNSW, Opened, Store, Unusable

if TYPE_CHECKING:
    from chromadb.api.client import Client

_STATE, _DEAD = "state", "dead"  # the collection's metadata


class Server(Store):
    """The index of a library on the Chroma server at `url`, which other libraries may share."""

    def __init__(self, url: str, library: Library) -> None:
        self._url = url
        self._library = library
        self._connected: Client | None = None

    def open(self, state: str) -> Opened:
        with self._calling():
            client = self._client()
            found = client.get_collection(self._name, embedding_function=None)
        metadata = found.metadata or {}
        if metadata.get(_STATE) != state:
            raise Unusable("it is of another moment")
        return Opened(client, found, state, int(metadata[_DEAD]), self._calling)

    @contextmanager
    def writing(self, base: Opened | None, state: str, forgotten: int) -> Iterator[Opened]:
        """In place; a new collection takes its name when it is filled."""
        try:
            with self._calling():
                client = self._client()
                found = self._created(client) if base is None else base.collection
            dead = base.dead + forgotten if base else 0
            yield Opened(client, found, state, dead, self._calling)
            with self._calling():
                if base is None:
                    self._dropped(client, self._name)
                    found.modify(name=self._name)
                found.modify(metadata={_STATE: state, _DEAD: dead})
        except Unusable as error:
            raise LibraryError(
                f"The vector index on the Chroma server at {self._url} was changed by another "
                f"({error}): try again"
            ) from error

    def prune(self, state: str) -> None:
        with self._calling():
            self._dropped(self._client(), self._name + "-new")

    @property
    def _name(self) -> str:
        return f"citewell-{self._library.id}"

    def _created(self, client: "Client") -> Any:
        self._dropped(client, self._name + "-new")
        return client.create_collection(
            self._name + "-new", configuration={"hnsw": HNSW}, embedding_function=None
        )

    def _dropped(self, client: "Client", name: str) -> None:
        from chromadb.errors import NotFoundError

        try:
            client.delete_collection(name)
        except NotFoundError:
            return

    def _client(self) -> "Client":
        """One client for all; it finds a server that was away again by itself."""
        if self._connected:
            return self._connected
        import chromadb
        from chromadb.config import Settings

        url = urlsplit(self._url)
        secure = url.scheme == "https"
        client = chromadb.HttpClient(
            host=url.hostname or "",
            port=url.port or (443 if secure else 80),
            ssl=secure,
            settings=Settings(anonymized_telemetry=False),
        )
        self._connected = cast("Client", client)
        return self._connected

    @contextmanager
    def _calling(self) -> Iterator[None]:
        from chromadb.errors import NotFoundError

        try:
            yield
        except NotFoundError as error:
            raise Unusable(str(error)) from error
        except Exception as error:  # of httpx, of Chroma, and bare ones for other servers' answers
            raise LibraryError(
                f"The Chroma server at {self._url} is out of reach ({flat(str(error))}): start it "
                "or correct CITEWELL_CHROMA_URL; the articles are safe in the library"
            ) from error
