"""The formats that can be read: a suffix each, what its bytes look like, and who reads it."""

from os.path import splitext
from pathlib import PurePath

from rag.errors import InputError
from rag.reading import parser, text
from rag.reading.contents import Contents, Unreadable
from rag.reading.sniffing import DOCX, HTML, PDF, PROTECTED, TEXT, seems

# By suffix: what the content is to look like.
_LOOKS = {".txt": TEXT, ".md": TEXT, ".html": HTML, ".htm": HTML, ".pdf": PDF, ".docx": DOCX}
_RENAME = {
    TEXT: "rename it .txt",
    HTML: "rename it .html",
    PDF: "rename it .pdf",
    DOCX: "rename it .docx",
}


def is_readable(name: str) -> bool:
    """Whether files of this name's suffix are articles."""
    return splitext(name)[1].lower() in _LOOKS


def check_readable(path: PurePath, label: str) -> None:
    """Raises InputError, naming the formats, for a file of another suffix."""
    if not is_readable(path.name):
        raise InputError(f"{label} is not an article that can be read: {types()} files can")


def types() -> str:
    """The suffixes, in words."""
    *first, last = _LOOKS
    return ", ".join(first) + " and " + last


def contents(suffix: str, content: bytes) -> Contents:
    """What a file of this suffix holds. Raises Unreadable."""
    if not content:
        raise Unreadable("is empty (0 bytes): an article needs text")
    looks, wanted = seems(content), _LOOKS[suffix.lower()]
    if looks == PROTECTED and wanted == DOCX:
        raise Unreadable("is protected by a password: save it without")
    # A page may begin in any way.
    if looks != wanted and not (wanted == HTML and looks == TEXT):
        if looks == TEXT and not _is_utf8(content):
            raise Unreadable(f"is not {wanted} inside: download it again, or save it anew")
        advice = _RENAME.get(looks, "save its text as .txt, or move it away")
        raise Unreadable(f"seems to be {looks}: {advice}")
    if wanted == TEXT:
        return text.read(content)
    return parser.parsed(wanted, content)


def _is_utf8(content: bytes) -> bool:
    try:
        return b"\0" not in content and bool(content.decode())
    except UnicodeDecodeError:
        return False
