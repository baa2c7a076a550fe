"""Chroma embedded: each state of the index is a folder of its own, never changed once it is whole.

Embedded Chroma writes when it is read, takes no second process that writes, and a graph file cut
short ends the process that loads it. So a new state is a copy that is changed aside, closed, sealed
with the SHA-256 of its graph, and only then named in the library. Readers in any process hold the
state they opened; a crash leaves the old one; and no graph is loaded that is not, byte for byte,
what was sealed.
"""

import hashlib
import json
import logging
import os
import shutil
import struct
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rag.errors import LibraryError
from rag.vectors.opened import HNSW, Opened, Store, Unusable

if TYPE_CHECKING:
    from chromadb.api.client import Client

log = logging.getLogger(__name__)

_COLLECTION = "chunks"
_SEAL = "sealed.json"


class Folder(Store):
    """The states of an index as folders in `root`, which nobody else may use."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, state: str) -> Opened:
        folder = self._root / state
        if not state or not folder.is_dir():
            raise Unusable("it is missing")
        seal = _checked_seal(folder)
        with _calling():
            client = _client(folder)
            found = client.get_collection(_COLLECTION, embedding_function=None)
        opened = _held(client, found, state, seal["dead"])
        # Asked at once, Chroma has loaded the graph, and the folder may go.
        if opened.count() != seal["count"] or not _finds_its_own(opened) or not folder.is_dir():
            raise Unusable("it has lost vectors")
        return opened

    @contextmanager
    def writing(self, base: Opened | None, state: str, forgotten: int) -> Iterator[Opened]:
        folder = self._root / state
        try:
            opened = self._begun(base, folder, forgotten)
            yield opened
            _seal(folder, opened)
        except (Unusable, OSError) as error:
            raise LibraryError(
                f"The vector index in {self._root} cannot be written ({error}): look to the disk's "
                "space and permissions; the articles are safe in the library"
            ) from error
        finally:
            if not (folder / _SEAL).exists():
                shutil.rmtree(folder, ignore_errors=True)

    def prune(self, state: str) -> None:
        for other in self._root.iterdir():
            if other.name == state:
                continue
            if other.is_dir():
                shutil.rmtree(other, ignore_errors=True)
            else:
                other.unlink(missing_ok=True)

    def _begun(self, base: Opened | None, folder: Path, forgotten: int) -> Opened:
        """The collection to change: a copy of `base`, or a new one."""
        if self._root.is_file():
            self._root.unlink()
        self._root.mkdir(exist_ok=True)
        if base:
            shutil.copytree(self._root / base.state, folder, ignore=shutil.ignore_patterns(_SEAL))
        with _calling():
            client = _client(folder)
            if base:
                found = client.get_collection(_COLLECTION, embedding_function=None)
                return _held(client, found, folder.name, base.dead + forgotten)
            made = client.create_collection(
                _COLLECTION, configuration={"hnsw": HNSW}, embedding_function=None
            )
            return _held(client, made, folder.name, 0)


def _client(folder: Path) -> "Client":
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    return cast("Client", chromadb.PersistentClient(str(folder), settings=settings))


def _held(client: "Client", collection: Any, state: str, dead: int) -> Opened:
    """The collection, opened. Its client is closed when nobody holds it any more, so that a
    question under way keeps what it began with."""
    opened = Opened(client, collection, state, dead, _calling)
    weakref.finalize(opened, client.close)
    return opened


@contextmanager
def _calling() -> Iterator[None]:
    """Whatever Chroma's own files make it say, the collection is of no use."""
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, OSError, RuntimeError, ValueError, AttributeError, KeyError) as error:
        raise Unusable(str(error) or type(error).__name__) from error


def _finds_its_own(opened: Opened) -> bool:
    """Whether the graph finds as much as the collection says it holds."""
    count = min(10, opened.count())
    return all(
        len(opened.nearest(vector, count, None)) == count for vector in opened.vectors(1).values()
    )


def _seal(folder: Path, opened: Opened) -> None:
    """Note what the whole index looks like, on the disk before anyone is told of it.

    Raises Unusable where Chroma could not write it whole: of a full disk its graph says nothing.
    """
    graph = _graph(folder)
    for header in (path for path in graph if path.name == "header.bin"):
        _assert_whole(header)
        _clear_unused(header)
    files = {}
    for path in graph:
        _on_disk(path)
        files[str(path.relative_to(folder))] = [
            path.stat().st_size,
            path.stat().st_mtime_ns,
            _sha256(path),
        ]
    seal = {
        "chroma": version("chromadb"),
        "count": opened.count(),
        "dead": opened.dead,
        "files": files,
    }
    partial = folder / (_SEAL + ".partial")
    partial.write_text(json.dumps(seal), encoding="utf-8")
    partial.replace(folder / _SEAL)


def _checked_seal(folder: Path) -> dict[str, Any]:
    """A folder's seal. Raises Unusable where it is not what it was when it was sealed."""
    try:
        seal: dict[str, Any] = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        if seal["chroma"] != version("chromadb"):
            raise Unusable(f"Chroma {seal['chroma']} made it")
        if {str(path.relative_to(folder)) for path in _graph(folder)} != set(seal["files"]):
            raise Unusable("files of its graph are missing or added")
        for name, (size, modified, sha256) in seal["files"].items():
            path = folder / name
            found = path.stat()
            if found.st_size == size and found.st_mtime_ns == modified:
                continue
            if found.st_size != size or _sha256(path) != sha256:
                raise Unusable(f"{name} is damaged")
            with suppress(OSError):  # a copy from elsewhere; so it need not be read next time
                os.utime(path, ns=(found.st_atime_ns, modified))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unusable(str(error)) from error
    return seal


def _graph(folder: Path) -> list[Path]:
    """The files of Chroma's HNSW graph: its own SQLite file tells when it is damaged."""
    return sorted(path for path in folder.glob("*/*") if path.is_file())


def _assert_whole(header: Path) -> None:
    """Raises Unusable where the files beside an HNSW header are shorter than it says."""
    version_, count, _ = _read_header(header)
    links = (header.parent / "link_lists.bin").read_bytes()
    at = 0
    for _ in range(count):
        at += 4 + int.from_bytes(links[at : at + 4], "little")
    short = (
        version_ != 1
        or any(path.stat().st_size < used for path, used in _used(header))
        or len(links) < at
    )
    if short:
        raise Unusable("Chroma could not write its graph whole")


def _clear_unused(header: Path) -> None:
    """Put zeros where a graph has room for more: Chroma writes what lay in that memory before, be
    it a vector that was deleted."""
    for path, used in _used(header):
        whole = path.stat().st_size
        os.truncate(path, used)
        os.truncate(path, whole)


def _used(header: Path) -> list[tuple[Path, int]]:
    """The files beside an HNSW header that have room for more, and the bytes in use of each."""
    _, count, size = _read_header(header)
    return [
        (header.parent / "data_level0.bin", count * size),
        (header.parent / "length.bin", count * 4),
    ]


def _read_header(header: Path) -> tuple[int, int, int]:
    """The version of an HNSW graph, how many vectors it holds, and each one's bytes."""
    version_, _, _, count, size = struct.unpack_from("<iQQQQ", header.read_bytes())
    return version_, count, size


def _on_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
