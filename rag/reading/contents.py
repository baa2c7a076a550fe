"""What a format's reader makes of a file: its text, laid out so that its structure can be seen."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag.segmentation import flat

BlockKind = Literal["heading", "paragraph", "item", "row"]
Shift = Literal["above", "below"]
"""Where text stands that is not on the line."""

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff\ufffe\uffff"))
_LIGATURES = {
    0xFB00 + n: text for n, text in enumerate(["ff", "fi", "fl", "ffi", "ffl", "st", "st"])
}
_MARKERS = {"heading": "# ", "item": "- "}
_SHIFTED: dict[Shift, dict[int, int]] = {
    "above": str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "below": str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"),
}
_ISO_DATE = re.compile(r"\s*(\d{4})[-/](\d\d?)[-/](\d\d?)(?!\d)")
_LINE_BREAK = re.compile(r"[\n\v\f\r\x85\u2028\u2029]+")


class Unreadable(Exception):
    """Why a file cannot be read and, after a colon, what to do; its name goes before it."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The text to keep; title and ISO date where the format has a place for them that is filled."""

    text: str
    title: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item or table row (its cells already joined by ` | `)."""

    kind: BlockKind
    text: str


def laid_out(blocks: Iterable[Block]) -> str:
    """The blocks as text, a blank line between them; items and rows of one list or table together.

    Headings, items and rows are marked as in Markdown, which is how segmentation knows them.
    """
    text = ""
    last: BlockKind | None = None
    for block in blocks:
        lines = [flat(line) for line in _LINE_BREAK.split(cleaned(block.text))]
        content = "\n".join(line for line in lines if line)
        if not content:
            continue
        if block.kind != "paragraph":
            content = flat(content)
        together = block.kind == last and last in ("item", "row")
        text += ("\n" if together else "\n\n") if text else ""
        text += f"| {content} |" if block.kind == "row" else _MARKERS.get(block.kind, "") + content
        last = block.kind
    return text + "\n" if text else ""


def cleaned(text: str) -> str:
    """`text` without what no reader sees: control characters, soft hyphens, ligatures as glyphs."""
    text = text.translate(_INVISIBLE).translate(_LIGATURES)
    return "".join(
        one
        for one in text
        if one in "\n\t\r\v\f\x85" or unicodedata.category(one) not in ("Cc", "Cs")
    )


def shifted(text: str, where: Shift | None) -> str:
    """A figure that stands above or below the line in figures that do: 12,500 with the note 1 is
    not 12,5001. Other text as it is."""
    figure = text.strip()
    if where and figure.isascii() and figure.isdecimal():
        return figure.translate(_SHIFTED[where])
    return text


def iso_date(declared: str) -> str | None:
    """The ISO date that `declared` begins with, where it is a day of the calendar."""
    found = _ISO_DATE.match(declared)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat() if found else None
    except ValueError:
        return None
