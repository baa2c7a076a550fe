"""A Word document -> its paragraphs, lists and tables in order. Loaded in the child alone."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from rag.reading.contents import (
    Block,
    BlockKind,
    Contents,
    Shift,
    Unreadable,
    iso_date,
    laid_out,
    shifted,
)

MAX_UNPACKED = 100_000_000
"""Bytes; a small file can be made that unpacks to far more than memory holds."""

_DAMAGED = "is damaged: open it in a word processor and save it again"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    PackageNotFoundError,
    SyntaxError,  # of the XML
    EOFError,
    KeyError,
    NotImplementedError,
    ValueError,
)
_WRAPPERS = ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")
_TRANSPARENT = {qn(f"w:{name}") for name in _WRAPPERS}
_BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_TEXT, _RUN, _TABLE, _BOX = qn("w:t"), qn("w:r"), qn("w:tbl"), qn("w:txbxContent")
_OFF = ("0", "false", "off", "none")
_SHIFTS: dict[str, Shift] = {"superscript": "above", "subscript": "below"}
_UNSAID = {
    qn("w:del"),
    qn("w:moveFrom"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_PUBLISHED = re.compile(rb"<PublishDate[^>]*>\s*([\d-]+)")
_NO_TITLE = re.compile(r"\W*|untitled|document ?\d*|.*\.(?:docx?|dotx?|rtf|pdf|txt)", re.I)


def read(content: bytes) -> Contents:
    """The text of a document's body; its title, and the date its cover page says it was published.

    When the file was made or changed is not taken for a date. Raises Unreadable.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > MAX_UNPACKED:
            limit = MAX_UNPACKED // 1_000_000
            raise Unreadable(f"unpacks to more than {limit} MB: remove what is not text")
        document = docx.Document(BytesIO(content))
    except _BROKEN as error:
        raise Unreadable(_DAMAGED) from error
    text = laid_out(_blocks(document.element.body, document))
    if not text:
        raise Unreadable("has no text: an article needs text")
    title = (document.core_properties.title or "").strip()
    return Contents(text, None if _NO_TITLE.fullmatch(title) else title, _date(document))


def _blocks(parent: Any, document: Any) -> Iterator[Block]:
    for element in parent:
        if element.tag == qn("w:p"):
            text, boxes = _text(element)
            yield Block(_kind(element, document), text)
            for box in boxes:
                yield from _blocks(box, document)
        elif element.tag == _TABLE:
            yield from _rows(element)
        elif element.tag in _TRANSPARENT:
            yield from _blocks(element, document)


def _rows(table: Any) -> Iterator[Block]:
    """Its rows, and after each those of the tables in its cells."""
    for row in _within(table, "w:tr"):
        cells = list(_within(row, "w:tc"))
        said = [" ".join(_text(part)[0] for part in _within(cell, "w:p")) for cell in cells]
        if any(one.strip() for one in said):
            yield Block("row", " | ".join(said))
        for cell in cells:
            for inner in _within(cell, "w:tbl"):
                yield from _rows(inner)


def _within(parent: Any, name: str) -> Iterator[Any]:
    """The elements of this name that stand in `parent` itself, not in what stands in it."""
    for element in parent:
        if element.tag == qn(name):
            yield element
        elif element.tag in _TRANSPARENT:
            yield from _within(element, name)


def _text(paragraph: Any) -> tuple[str, list[Any]]:
    """What a paragraph says, without words deleted, hidden or moved away, and the text boxes on
    it."""
    said: list[str] = []
    boxes: list[Any] = []
    waiting = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        if element.tag == _BOX:
            boxes.append(element)
        elif element.tag == _RUN and _has(element, "vanish", "strike", "dstrike"):
            continue
        elif element.tag == _TEXT:
            said.append(shifted(element.text or "", _shift(element.getparent())))
        elif element.tag in _BREAKS:
            said.append(_BREAKS[element.tag])
        elif element.tag not in _UNSAID:
            waiting += reversed(element)
    return "".join(said), boxes


def _has(run: Any, *marks: str) -> bool:
    """Whether a run of text has one of these marks itself, switched on."""
    found = (run.find(f"{qn('w:rPr')}/{qn(f'w:{mark}')}") for mark in marks)
    return any(one is not None and one.get(qn("w:val")) not in _OFF for one in found)


def _shift(run: Any) -> Shift | None:
    """Where a run of text stands; None on the line."""
    found = run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
    return None if found is None else _SHIFTS.get(found.get(qn("w:val")))


def _kind(paragraph: Any, document: Any) -> BlockKind:
    """Built-in styles have the same English names in every language of Word."""
    style = Paragraph(paragraph, document).style
    name = (style.name or "").lower() if style else ""
    if name.startswith("heading ") or name in ("title", "subtitle"):
        return "heading"
    numbered = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None
    return "item" if numbered or re.match(r"list (?:bullet|number)", name) else "paragraph"


def _date(document: Any) -> str | None:
    for part in document.part.package.iter_parts():
        found = _PUBLISHED.search(part.blob) if "/customXml/" in str(part.partname) else None
        if found and (published := iso_date(found[1].decode())):
            return published
    return None
