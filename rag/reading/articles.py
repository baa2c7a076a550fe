"""A file's content -> the Article that the library keeps."""

import hashlib
import re
from pathlib import PurePath, PurePosixPath

from rag.errors import InputError
from rag.reading import formats
from rag.reading.contents import Unreadable, iso_date
from rag.records import Article
from rag.segmentation import FRONT_MATTER, flat, split

_TITLE_MAX = 160
_OPENING = 20_000
"""Characters in which a headline or an opening sentence is looked for."""

_DATED_URL_LINE = re.compile(
    r"^[ \t]*(?:[\w ]{0,20}:[ \t]*)?<?https?://(?=\S*+[ \t]*+\r?$)\S*?"
    r"/((?:19|20)\d\d)[/-](\d\d?)[/-](\d\d?)(?!\d)",
    re.M,
)


def article(source: str, content: bytes, label: str | None = None) -> Article:
    """Make an Article of a file's content. Raises InputError, naming `label`, if unusable."""
    label = label or shown(source)
    if any("\ud800" <= character <= "\udfff" for character in source):
        raise InputError(f"{label} has a name that is not UTF-8: rename the file")
    path = PurePosixPath(source)
    formats.check_readable(path, label)
    try:
        found = formats.contents(path.suffix, content)
    except Unreadable as error:
        raise InputError(f"{label} {error}") from error
    if not any(character.isalnum() for character in found.text):
        raise InputError(f"{label} is empty: an article needs text")
    return Article(
        source=source,
        title=_shortened(found.title or "") or _title(found.text, source),
        date=found.date or _date(found.text),
        text=found.text,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def shown(path: str | PurePath) -> str:
    """A path on one line: bytes that are not UTF-8 and control characters are escaped."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in str(path))


def _title(text: str, source: str) -> str:
    """What the front matter or a headline says; else the file's name, where it is made of words;
    else the opening sentence."""
    if named := _front_matter(text, "title"):
        return _shortened(named)
    quotable = [s for s in split(text[:_OPENING]) if s.kind != "aside"]
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
    if (named := _front_matter(text, "date")) and (date := iso_date(named)):
        return date
    found = _DATED_URL_LINE.search(text)
    return iso_date("-".join(found.groups())) if found else None


def _front_matter(text: str, name: str) -> str | None:
    """A field of the YAML front matter, where it is a plain scalar."""
    matter = FRONT_MATTER.match(text)
    found = re.search(rf"^{name}:(.*)$", matter[0], re.M | re.I) if matter else None
    value = found[1].strip() if found else ""
    if value[:1] in ('"', "'") and value.endswith(value[0]) and len(value) > 1:
        value = value[1:-1].strip()
    return value if value and not re.fullmatch(r"[|>][+-]?\d?[+-]?", value) else None
