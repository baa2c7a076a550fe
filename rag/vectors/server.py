"""Chroma as a server: the index of a library is a collection named by the library's id."""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.errors import IndexAway, LibraryError
from rag.library import Library
from rag.vectors.opened import HNSW, Opened, Store, Unusable

if TYPE_CHECKING:
    from chromadb.api import ServerAPI
    from chromadb.api.models.Collection import Collection
    from chromadb.types import Collection as CollectionModel

_STATE, _DEAD = "state", "dead"  # the collection's metadata

_READ_SECONDS = 20.0
"""What the server may be silent for when it is asked something."""

_WRITE_SECONDS = 600.0
"""The same when it is told something: it answers when its graph is written, which for a full batch
of 5,461 vectors takes a busy machine of two cores some 110 seconds."""

_SAID = 200
"""Characters of an error that are told."""


class Server(Store):
    """The index of a library on the Chroma server at `url`, which other libraries may share."""

    def __init__(self, url: str, library: Library, read_seconds: float = _READ_SECONDS) -> None:
        self._url = url
        self._library = library
        self._read_seconds = read_seconds

    def open(self, state: str) -> Opened:
        with self._calling():
            server = self._asked
        return self._open(server, state)

    @contextmanager
    def writing(self, base: Opened | None, state: str, forgotten: int) -> Iterator[Opened]:
        """In place; a new collection takes its name when it is filled."""
        name = self._name
        try:
            if base is None:
                found, dead = self._created(name + "-new"), 0
            else:
                found, dead = self._open(self._told, base.state).collection, base.dead + forgotten
            yield Opened(self._told, found, state, dead, self._calling)
            with self._calling():
                if base is None:
                    self._dropped(name)
                    found.modify(name=name)
                found.modify(metadata={_STATE: state, _DEAD: dead})
        except Unusable as error:
            raise LibraryError(
                f"The vector index on the Chroma server at {self._url} was changed by another "
                f"({error}): try again"
            ) from error

    def prune(self, state: str) -> None:
        name = self._name
        with self._calling():
            self._dropped(name + "-new")

    @property
    def _name(self) -> str:
        return f"citewell-{self._library.id}"

    @cached_property
    def _asked(self) -> "ServerAPI":
        """For questions."""
        return _connection(self._url, self._read_seconds)

    @cached_property
    def _told(self) -> "ServerAPI":
        """For changes."""
        return _connection(self._url, _WRITE_SECONDS)

    def _open(self, server: "ServerAPI", state: str) -> Opened:
        name = self._name
        with self._calling():
            found = _collection(server, server.get_collection(name))
        metadata = found.metadata or {}
        if metadata.get(_STATE) != state:
            raise Unusable("it is of another moment")
        return Opened(server, found, state, int(metadata[_DEAD]), self._calling)

    def _created(self, name: str) -> "Collection":
        with self._calling():
            self._dropped(name)
            made = self._told.create_collection(name, configuration={"hnsw": HNSW})
            return _collection(self._told, made)

    def _dropped(self, name: str) -> None:
        from chromadb.errors import NotFoundError

        with suppress(NotFoundError):
            self._told.delete_collection(name)

    @contextmanager
    def _calling(self) -> Iterator[None]:
        from chromadb.errors import NotFoundError

        try:
            yield
        except NotFoundError as error:
            raise Unusable(str(error)) from error
        except Exception as error:  # of httpx, of Chroma, and bare ones for other servers' answers
            raise IndexAway(
                f"The Chroma server at {self._url} is out of reach ({_said(error)}): start it or "
                "correct CITEWELL_CHROMA_URL; what is in the library is safe"
            ) from error


def _connection(url: str, seconds: float) -> "ServerAPI":
    """A server's API over HTTP; it asks nothing yet, and finds a server that was away again by
    itself.

    Chroma's own `HttpClient` waits for ever, takes no setting for it, and makes requests before it
    can be told.
    """
    from chromadb.api.fastapi import FastAPI
    from chromadb.config import Settings, System

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    settings = Settings(
        anonymized_telemetry=False,
        chroma_server_host=parts.hostname or "",
        chroma_server_http_port=parts.port or (443 if secure else 80),
        chroma_server_ssl_enabled=secure,
    )
    server = System(settings).instance(FastAPI)
    server._session.timeout = seconds
    return server


def _collection(server: "ServerAPI", model: "CollectionModel") -> "Collection":
    from chromadb.api.models.Collection import Collection

    return Collection(server, model, embedding_function=None)


def _said(error: Exception) -> str:
    """What an error says, in brief: of a server that is no Chroma's it may be a whole page."""
    return textwrap.shorten(str(error) or type(error).__name__, _SAID, placeholder=" …")
