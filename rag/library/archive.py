"""A library as one file to keep elsewhere: a zip of the SQLite file and what it must be."""

import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rag.errors import InputError, LibraryError
from rag.library.library import Library
from rag.library.schema import MIGRATIONS, SCHEMA

_FORMAT = "citewell-library/1"
_MANIFEST, _DATABASE = "manifest.json", "library.sqlite3"
_NO_ARCHIVE = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError, RuntimeError)


def export(library: Library, path: Path) -> None:
    """Write the library as it is at this moment to `path`, whole or not at all; others may read and
    write meanwhile.

    Raises InputError where it cannot be written, and LibraryError where the library is damaged:
    what is at `path` is then as it was.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no file that can be replaced: name another place")
    if path.is_relative_to(library.folder.resolve()):
        raise InputError(f"{path} lies in the library itself: name another place")
    library.check()
    with _room(path.parent, f"{path} cannot be written", "name another place") as room:
        library.save(room / _DATABASE)
        sha256 = _digest(room / _DATABASE)
        manifest = {"format": _FORMAT, "sha256": sha256, **library.facts_of_making()}
        whole = room / "library.zip"
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(_MANIFEST, json.dumps(manifest, indent=2) + "\n")
            archive.write(room / _DATABASE, _DATABASE)
        whole.replace(path)


def restore(library: Library, path: Path) -> int:
    """Bring an exported library into `library`, which must be empty; gives how many articles came.

    Raises InputError where the file is no such archive or is damaged, and where articles are there
    already, LibraryError where it was made otherwise; then nothing has changed.
    """
    if not library.is_empty():
        raise InputError(
            f"The library in {library.folder} has articles: import into a new folder, "
            f"`CITEWELL_DATA=… citewell import {path}`"
        )
    with _room(library.folder, f"{path} cannot be read", "check the path and the disk") as room:
        unpacked = room / path.name  # as what is wrong with it will be told
        try:
            with zipfile.ZipFile(path) as archive:
                manifest = _manifest(archive, path)
                _assert_fits(library, manifest, path)
                with archive.open(_DATABASE) as packed, unpacked.open("wb") as file:
                    shutil.copyfileobj(packed, file, 1 << 20)
        except _NO_ARCHIVE as error:
            raise InputError(_no_archive(path, str(error))) from error
        if _digest(unpacked) != manifest.get("sha256"):
            raise InputError(_no_archive(path, "its hash is another"))
        library.load(unpacked)
    return len(library.origins())


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    manifest = json.loads(archive.read(_MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise InputError(_no_archive(path, "its manifest is another's"))
    return manifest


def _assert_fits(library: Library, manifest: dict[str, Any], path: Path) -> None:
    """Raises LibraryError for what was made with another Citewell or other settings."""
    here = library.facts_of_making()
    known = {SCHEMA, *MIGRATIONS}
    for key, value in here.items():
        found = manifest.get(key)
        if found != value and not (key == "schema" and found in known):
            raise LibraryError(
                f"{path} was made with {key} {found!r}, this library is with {value!r}: set "
                "Citewell up as it was then, or ingest your articles again"
            )


def _no_archive(path: Path, reason: str) -> str:
    return f"{path} is damaged or no exported library ({reason}): take another backup"


@contextmanager
def _room(folder: Path, failed: str, advice: str) -> Iterator[Path]:
    """A temporary folder in `folder`. What the file system refuses there is an InputError."""
    try:
        with TemporaryDirectory(prefix=".citewell-", dir=folder) as room:
            yield Path(room)
    except OSError as error:
        raise InputError(f"{failed} ({error.strerror or error}): {advice}") from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
