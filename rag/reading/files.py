"""Paths -> the files that are articles, and their bytes."""

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from rag.errors import InputError
from rag.reading import formats
from rag.reading.articles import article, shown
from rag.records import Article

MAX_BYTES = 20_000_000
"""Of one file; a longer one is no article and would hold up everything else."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to ingest: `source` is its name in the library, `root` the folder it was found in.

    A folder that cannot be searched is one too: its `source` ends with a slash and stands for all
    that may be in it, and reading it says why it cannot be.
    """

    path: Path
    source: str
    root: Path

    @property
    def label(self) -> str:
        """The path as it can be shown on one line, whatever bytes it is made of."""
        return shown(self.path)


def stored_name(source: str) -> str:
    """A name as the library has it, however its accents were typed (Unicode's form NFC)."""
    return unicodedata.normalize("NFC", source)


def find(paths: Iterable[Path], empty_folders: bool = False) -> list[File]:
    """The article files at `paths`, folders searched whole; hidden ones and other types left out.

    What has an article's name and is no readable file is among them: reading it says why.
    Raises InputError for a path that is missing or of another type, for a folder without articles
    unless `empty_folders` are fine, and where two files would have the same name in the library.
    """
    found: dict[str, File] = {}
    for path in paths:
        files = list(_files(path))
        if not files and not empty_folders:
            raise InputError(
                f"{shown(path)} holds no articles: put {formats.types()} files into it"
            )
        for file in files:
            other = found.setdefault(file.source, file)
            if other is not file and other.path != file.path:
                raise InputError(
                    f"{other.label} and {file.label} would both be {file.source!r} in the library: "
                    "ingest the folder that holds both, or rename one"
                )
    return list(found.values())


def matching(sources: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """The sources that any of the glob `patterns` names; `*` crosses folders.

    Raises InputError for a pattern that names none.
    """
    names = list(sources)
    chosen: set[str] = set()
    for pattern in patterns:
        globs = {pattern, stored_name(pattern)}
        named = [
            name for name in names if name in globs or any(fnmatchcase(name, one) for one in globs)
        ]
        if not named:
            raise InputError(f"No source matches {pattern!r}: `citewell sources` lists them")
        chosen.update(named)
    return [name for name in names if name in chosen]


def read(file: File) -> Article:
    """Read one file whole. Raises InputError, naming the file, when it cannot be used."""
    return article(file.source, content(file), label=file.label)


def content(file: File) -> bytes:
    """A file's bytes. Raises InputError where it is too large or cannot be read."""
    try:
        # A pipe without a writer would be waited for.
        with open(os.open(file.path, os.O_RDONLY | os.O_NONBLOCK), "rb") as opened:
            facts = os.fstat(opened.fileno())
            usable = stat.S_ISREG(facts.st_mode) and facts.st_size <= MAX_BYTES
            found = opened.read(MAX_BYTES + 1) if usable else b""
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"{file.label} cannot be read ({reason}): check it and try again"
        ) from error
    if not stat.S_ISREG(facts.st_mode):
        raise InputError(f"{file.label} is not a file but a pipe, device or folder: move it away")
    if facts.st_size > MAX_BYTES or len(found) > MAX_BYTES:
        limit = MAX_BYTES // 1_000_000
        raise InputError(f"{file.label} is larger than {limit} MB: split it into articles")
    return found


def _files(path: Path) -> Iterator[File]:
    if os.path.isdir(path):
        root = path.resolve()
        locked: list[OSError] = []
        for folder, folders, names in os.walk(root, onerror=locked.append):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            # Unchanged files cost little more than this loop: no path is taken apart in it.
            within = Path(folder)
            prefix = "" if within == root else within.relative_to(root).as_posix() + "/"
            for name in sorted(names):
                if not name.startswith(".") and formats.is_readable(name):
                    yield File(within / name, stored_name(prefix + name), root)
        for error in locked:
            folder_path = Path(error.filename)
            if folder_path == root:
                raise InputError(f"{shown(root)} cannot be read: check its permissions") from error
            within_root = folder_path.relative_to(root).as_posix() + "/"
            yield File(folder_path, stored_name(within_root), root)
    elif os.path.isfile(path):
        formats.check_readable(path, shown(path))
        yield File(path.resolve(), stored_name(path.name), path.resolve().parent)
    elif os.path.exists(path):
        raise InputError(f"{shown(path)} is a pipe or device: name a file or folder")
    else:
        raise InputError(f"{shown(path)} does not exist: check the path")
