"""A path -> Articles: the files that are there, and what each one says of itself."""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path, PurePath, PurePosixPath

from rag.errors import InputError
from rag.records import Article
from rag.segmentation import FRONT_MATTER, flat, split

MAX_BYTES = 20_000_000
"""Of one file; a longer one is no article and would hold up everything else."""

_TITLE_MAX = 160
_DATED_URL_LINE = re.compile(
    r"^[ \t]*(?:[\w ]{0,20}:[ \t]*)?<?https?://\S*?/((?:19|20)\d\d)[/-](\d\d?)[/-](\d\d?)"
    r"(?!\d)\S*[ \t]*\r?$",
    re.M,
)
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class File:
    """A file to ingest: `source` is its name in the library, `root` the folder it was found in."""

    path: Path
    source: str
    root: Path


def find(paths: Iterable[Path], empty_folders: bool = False) -> list[File]:
    """The article files at `paths`, folders searched whole; hidden ones and other types left out.

    Raises InputError for a path that is missing or of another type, for a folder without articles
    unless `empty_folders` are fine, and where two files would have the same name in the library.
    """
    found: dict[str, File] = {}
    for path in paths:
        files = list(_files(path))
        if not files and not empty_folders:
            raise InputError(f"{path} holds no articles: put {_types()} files into it")
        for file in files:
            other = found.setdefault(file.source, file)
            if other.path != file.path:
                raise InputError(
                    f"{other.path} and {file.path} would both be {file.source!r} in the library: "
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
        named = [name for name in names if name == pattern or fnmatchcase(name, pattern)]
        if not named:
            raise InputError(f"No source matches {pattern!r}: `citewell sources` lists them")
        chosen.update(named)
    return [name for name in names if name in chosen]


def read(file: File) -> Article:
    """Read one file whole. Raises InputError, naming the file, when it cannot be used."""
    return article(file.source, content(file), label=str(file.path))


def content(file: File) -> bytes:
    """A file's bytes. Raises InputError where it is too large or cannot be read."""
    try:
        size = file.path.stat().st_size
        found = b"" if size > MAX_BYTES else file.path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"{file.path} cannot be read ({reason}): check it and try again"
        ) from error
    if size > MAX_BYTES:
        limit = MAX_BYTES // 1_000_000
        raise InputError(f"{file.path} is larger than {limit} MB: split it into articles")
    return found


def article(source: str, content: bytes, label: str | None = None) -> Article:
    """Make an Article of a file's content. Raises InputError, naming `label`, if unusable."""
    label = label or source
    if any("\ud800" <= character <= "\udfff" for character in source):
        raise InputError(f"{label!a} is not UTF-8: rename the file")
    text = _DECODERS[_suffix(PurePosixPath(source), label)](content, label)
    if not any(character.isalnum() for character in text):
        raise InputError(f"{label} is empty: an article needs text")
    return Article(
        source=source,
        title=_title(text, source),
        date=_date(text),
        text=text,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _files(path: Path) -> Iterator[File]:
    if os.path.isdir(path):
        root = path.resolve()
        for folder, folders, names in os.walk(root, onerror=_unreadable):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                file = Path(folder) / name
                if not name.startswith(".") and file.suffix.lower() in _DECODERS and file.is_file():
                    yield File(file, file.relative_to(root).as_posix(), root)
    elif os.path.isfile(path):
        _suffix(path, str(path))
        yield File(path.resolve(), path.name, path.resolve().parent)
    else:
        raise InputError(f"{path} does not exist: check the path")


def _unreadable(error: OSError) -> None:
    raise InputError(f"{error.filename} cannot be read: check its permissions") from error


def _suffix(path: PurePath, label: str) -> str:
    suffix = path.suffix.lower()
    if suffix not in _DECODERS:
        raise InputError(f"{label} is not an article that can be read: {_types()} files can")
    return suffix


def _types() -> str:
    return " and ".join(_DECODERS)


def _plain(content: bytes, label: str) -> str:
    if b"\0" in content:
        raise InputError(f"{label} is binary or UTF-16, not UTF-8 text: save it as UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{label} is not UTF-8 text (byte {error.start}): save it as UTF-8"
        ) from error


# A format is one entry here: its suffix, and how its bytes become the text that is quoted.
_DECODERS: dict[str, Callable[[bytes, str], str]] = {".txt": _plain, ".md": _plain}


def _title(text: str, source: str) -> str:
    """What the front matter or a headline says; else the file's name, where it is made of words;
    else the opening sentence."""
    if named := _front_matter(text, "title"):
        return _shortened(named)
    quotable = [s for s in split(text) if s.kind != "aside"]
    opening = flat(text[quotable[0].start : quotable[0].end]) if quotable else source
    stem = PurePosixPath(source).stem
    words = re.findall(r"[^\W_]+", stem)
    is_words = any(word.isalpha() and len(word) > 2 for word in words) and all(
        word.isalpha() or word.isdigit() for word in words
    )
    if quotable and quotable[0].kind != "heading" and is_words:
        return _shortened(" ".join(re.split(r"[\s_-]+", stem.strip("_- "))))
    return _shortened(opening)


def _shortened(title: str) -> str:
    title = flat(title)
    return title if len(title) <= _TITLE_MAX else title[: _TITLE_MAX - 1].rsplit(" ", 1)[0] + "…"


def _date(text: str) -> str | None:
    """The date in the front matter, or in the first URL that has a line of its own; else None."""
    named = _front_matter(text, "date")
    found = _ISO_DATE.match(named) if named else _DATED_URL_LINE.search(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat() if found else None
    except ValueError:
        return None


def _front_matter(text: str, name: str) -> str | None:
    """A field of the YAML front matter, where it is a plain scalar."""
    matter = FRONT_MATTER.match(text)
    pattern = rf"^{name}:[ \t]*([\"']?)(.*?)\1[ \t]*\r?$"
    found = re.search(pattern, matter[0], re.M | re.I) if matter else None
    return (found[2].strip() or None) if found else None
