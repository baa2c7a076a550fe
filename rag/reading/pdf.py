"""A PDF -> its text, in whole paragraphs. Loaded in the parsing child process alone.

A page's text comes in lines as they are printed: paragraphs are put together again, words that were
hyphenated at a line's end too, and what stands on the head or foot of every page is left out.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from rag.reading.contents import Block, Contents, Unreadable, iso_date, laid_out

MAX_PAGES = 2000

_DAMAGED = "is damaged: download it again, or print it to a new PDF"
_ITEM = re.compile(r"(?:[-*+•‣·–▪●○◦]|\d{1,3}[.)])\s+(?=\S)")
_BULLET = re.compile(r"[-*+•‣·–▪●○◦]\s+")
_TERMINAL = re.compile(r"[.!?…。！？:][\"'”’»)\]]*$")
_HYPHENATED = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_EDGE = 2
"""Lines at the head and at the foot of a page that may be the same on every page."""
_NO_TITLE = re.compile(
    r"\W*|untitled.*|microsoft (?:word|powerpoint).*|.*\.(?:\w{2,4})|\S*[\d_]\S*|document ?\d*"
    r"|print|layout.*|powerpoint presentation|slide \d+",
    re.I,
)


def read(content: bytes) -> Contents:
    """A PDF's text; the title in its metadata, and the date where they say when it was published.

    When the file was made is not taken for a date. Raises Unreadable.
    """
    if b"%%EOF" not in content[-2048:]:
        raise Unreadable("ends in the middle of the PDF: download it again")
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("is protected by a password: save it without")
        if len(reader.pages) > MAX_PAGES:
            raise Unreadable(f"has more than {MAX_PAGES:,} pages: split it")
        pages = [_lines(page.extract_text()) for page in reader.pages]
        title = (reader.metadata.title or "").strip() if reader.metadata else ""
        published = _date(reader)
    except DependencyError as error:  # Brotli
        raise Unreadable("is packed as few programs can read: print it to a new PDF") from error
    except PyPdfError as error:
        raise Unreadable(_DAMAGED) from error
    text = laid_out(_paragraphs(_without_edges(pages)))
    letters = sum(map(str.isalnum, text))
    if not letters:
        raise Unreadable("has no text, only pictures of it: run it through text recognition (OCR)")
    if sum(one == "\ufffd" or "\ue000" <= one <= "\uf8ff" for one in text) > letters / 10:
        raise Unreadable("does not say which letters its fonts show: run it through OCR")
    return Contents(text, None if _NO_TITLE.fullmatch(title) else title, published)


def _lines(page: str) -> list[str]:
    """A page's lines without outer white space; runs of blank ones become one."""
    lines = [" ".join(line.split()) for line in page.strip().splitlines()]
    return [line for before, line in pairwise(["", *lines]) if line or before]


def _without_edges(pages: Sequence[list[str]]) -> list[list[str]]:
    """The pages without their numbers and without what most of three or more pages share."""
    keys = Counter(key for page in pages for key in {_key(page[at]) for at in _edge(page)})
    common = {key for key, count in keys.items() if count >= 3 and count > len(pages) / 2}
    numbers = [
        {(at, number - index) for at in _ends(page) if (number := _page_number(page[at]))}
        for index, page in enumerate(pages)
    ]
    offsets = Counter(offset for page in numbers for _, offset in page)
    outs = [
        {at for at in _edge(page) if _key(page[at]) in common}
        | {at for at, offset in numbered if offsets[offset] > 1}
        for page, numbered in zip(pages, numbers, strict=True)
    ]
    return [
        _trimmed([line for at, line in enumerate(page) if at not in out])
        for page, out in zip(pages, outs, strict=True)
    ]


def _edge(page: Sequence[str]) -> set[int]:
    """Where the first and last lines of a page stand that say something, a few of many."""
    said = [at for at, line in enumerate(page) if line]
    few = min(_EDGE, len(said) // 4)
    return {*said[:few], *said[len(said) - few :]}


def _ends(page: Sequence[str]) -> set[int]:
    said = [at for at, line in enumerate(page) if line]
    return {said[0], said[-1]} if len(said) > 1 else set()


def _key(line: str) -> str:
    return re.sub(r"\d+", "0", line.lower())


def _page_number(line: str) -> int:
    """The number of a line that may be a page's, else 0: whether it is, the other pages tell."""
    found = re.fullmatch(
        r"[^\w.]*(?:page\s*)?(\d{1,4})(?:\s*(?:/|of)\s*\d{1,4})?[^\w.]*", line, re.I
    )
    return int(found[1]) if found else 0


def _trimmed(lines: Sequence[str]) -> list[str]:
    """Lines without blank ones at the ends: a paragraph may go on over the page."""
    said = [at for at, line in enumerate(lines) if line]
    return list(lines[said[0] : said[-1] + 1]) if said else []


def _paragraphs(pages: Sequence[list[str]]) -> Iterator[Block]:
    lines = [line for page in pages for line in page]
    words = Counter(re.findall(r"[^\W_]+(?:-[^\W_]+)*", " ".join(lines).lower()))
    lengths = sorted(len(line) for line in lines if " " in line)
    width = lengths[len(lengths) * 9 // 10] if lengths else 0
    # Some PDFs have a blank line after every line.
    spaced = sum(not line for line in lines) > 0.4 * len(lines)
    paragraph = last = ""
    for line in [line for line in lines if line or not spaced] + [""]:
        if paragraph and not (line and _goes_on(last, line, width)):
            item = _BULLET.match(paragraph)
            yield Block("item" if item else "paragraph", paragraph[item.end() if item else 0 :])
            paragraph = ""
        paragraph = _joined(paragraph, line, words) if paragraph else line
        last = line


def _goes_on(last: str, line: str, width: int) -> bool:
    """Whether `line` belongs to the paragraph that `last` is a line of."""
    if _ITEM.match(line):
        return False
    if _HYPHENATED.search(last) or line[0].islower():
        return True
    # A line that has room for the next word was ended on purpose.
    room = width - len(last) - 1 - len(line.split()[0])
    return room < (0.05 if _TERMINAL.search(last) else 0.15) * width


def _joined(paragraph: str, line: str, words: Counter[str]) -> str:
    """Puts a line to its paragraph, and the halves of a hyphenated word together.

    The hyphen stays in a compound: one that the document has elsewhere, or whose halves are words
    of it where the whole is not.
    """
    broken = _HYPHENATED.search(paragraph)
    rest = re.match(r"[^\W\d_]+", line)
    if not broken or not rest or not rest[0][0].islower():
        return paragraph + ("" if paragraph.endswith("-") else " ") + line
    left, right = broken[1].lower(), rest[0].lower()
    hyphen = paragraph[-1] != "\u00ad" and (
        words[f"{left}-{right}"] > 0
        or (not words[left + right] and words[left] > 1 and words[right] > 1)
    )
    return paragraph[: broken.end(1)] + ("-" if hyphen else "") + line


def _date(reader: PdfReader) -> str | None:
    """The date of publication in the metadata of the publishers' standard, PRISM."""
    metadata = reader.xmp_metadata
    for element in metadata.rdf_root.getElementsByTagName("*") if metadata else ():
        published = element.localName in ("publicationDate", "coverDate")
        if published and "prismstandard.org" in (element.namespaceURI or ""):
            text = "".join(
                node.data for node in element.childNodes if node.nodeType == node.TEXT_NODE
            )
            if found := iso_date(text):
                return found
    return None
