"""A sentence that a model wrote, as it is read: its text, markers and kind. Pure."""

import re
from dataclasses import dataclass
from itertools import chain

from rag.answering.markup import ITEM, MARKER, unwrapped, visible
from rag.models import without_thoughts

_NO_PASSAGE = re.compile(r"(?<=\w )\\?\[(\d{3,12})\\?\](?:\([^()\s]{0,300}\))?")
"""A number in brackets within a sentence that no passage can have: a year, say."""

_FILE = re.compile(
    r"(?<![\s\]])\s*[\[【(](?:sources?:?\s*)?[^\[\]【】()\s]{1,100}\.(?:txt|md|html?|pdf|docx)[\]】)]"
    r"(?:\([^()\s]{0,300}\))?",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"(?<!\s)\s*\((?P<numbers>\d{1,2}(?:[,;] ?\d{1,2}){0,9})\)(?P<stop>[.!?。！？]?)\s*\Z"
)
"""A marker in round brackets: only at the end, elsewhere they hold a number of the text."""

_EMPTIED = re.compile(
    r"(?<!\s)\s*\((?:see|sources?|passages?|articles?)?:?[\s,;&]*\)", re.IGNORECASE
)
"""What is left of brackets in which markers stood."""

_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+|[ \t]*\*\*[^*\n]*[^*\n.!?]\*\*:?[ \t]*$")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_EMPHASIS = re.compile(r"(?<![\w*])\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?![\w*])|\*\*|`|(?<!\w)_+|_+(?!\w)")
_WORD_ALONE = re.compile(r"\W*\w+\W*$", re.ASCII)
_TASK = (
    r"(?:the|this|that|these|my|your|a) (?:(?:provided|given|retrieved|above|original) )?"
    r"(?:articles?|passages?|excerpts?|questions?|answers?)"
    r"(?: (?:and|or) (?:the )?(?:questions?|answers?)| (?:to|in|of|for) (?:the|this|that|your|a) "
    r"(?:question|passages?|articles?)(?: (?:about|of|above)\b[^,.]{0,120}?)?)?"
)
"""What a model was given to work on, as it speaks of it."""

_LEAD = re.compile(
    r"(?:based on|according to|as (?:stated|reported|mentioned) in|in) (?:the )?"
    r"(?:(?:provided|given|retrieved|above) )?"
    r"(?:articles?|passages?|sources?|context|documents?|information)"
    r"(?: (?:provided|given|above))?\s*,\s*(?:and\s+)?(?=\S)"
    rf"|(?:(?:so|thus|therefore),? )?{_TASK} (?:also )?"
    r"(?:says?|states?|mentions?|reports?|notes?|indicates?|shows?|is) that\s+(?=\S)"
    r"|(?:yes|no)\s*[,:]\s+(?=\S)"
    r"|(?:(?:here is|here['’]s) )?(?:(?:the|my|your|a) )?(?:(?:final|short|direct) )?"
    r"(?:answer|response|summary|note)\s*:\s+(?=\S)",
    re.IGNORECASE,
)
# In the present: what was a question, or a passage through the ice, is of the world.
_OF_THE_TASK = re.compile(
    rf"(?:(?:so|thus|therefore|however|while|and|but),? )?{_TASK} (?:also |only |simply )?"
    r"(?:is|are|has|have|does|do|can|cannot|contains?|includes?|mentions?|discuss(?:es)?|describes?"
    r"|asks?|states?|says?|reads?|lies|focus(?:es)?|ends?|begins?|talks?|refers?|provides?"
    r"|explains?|highlights?|indicates?|suggests?|shows?|tells?)\b"
    r"|it(?: is|['’]s) (?:unclear what )?(?:a question|an answer|the answer)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A piece as it is read: plain text without its markers, the numbers they name in order, and
    whether it states something (it is no heading, question, lead-in, row of a table or single word,
    and no talk of the question, the answer or the passages)."""

    text: str
    numbers: tuple[int, ...]
    statement: bool


def read(piece: str) -> Said:
    """What a piece says; its text is empty where it says nothing."""
    if _FENCE.match(piece):
        return Said("", (), False)
    bare, numbers = _unmarked(visible(without_thoughts(piece)))
    heading = bool(_HEADING.match(bare.strip("\n")))
    text = _plain(bare)
    leads_in = (
        heading
        or text.startswith("|")
        or text.endswith((":", "?", "："))
        or _WORD_ALONE.match(text)
    )
    statement = not leads_in and not _OF_THE_TASK.match(text)
    return Said(text if any(map(str.isalnum, text)) else "", numbers, statement)


def _unmarked(piece: str) -> tuple[str, tuple[int, ...]]:
    """`piece` without its markers, and the numbers that they name, in order."""
    piece = _NO_PASSAGE.sub(r"\1", piece)
    bare = _EMPTIED.sub("", unwrapped(_FILE.sub("", MARKER.sub("", piece))))
    found = [*MARKER.finditer(piece), *_LAST.finditer(bare)]
    numbers = chain.from_iterable(_numbers(one["numbers"]) for one in found)
    return _LAST.sub(r"\g<stop>", bare), tuple(dict.fromkeys(numbers))


def _numbers(named: str) -> list[int]:
    """The numbers that a marker names; a range names all from its first to its last."""
    numbers: list[int] = []
    for span in re.finditer(r"(\d+)(?:\s*[-–—]\s*(\d+))?", named):
        first, last = int(span[1]), int(span[2] or span[1])
        numbers += range(first, min(last, first + 20) + 1) if last > first else [first]
    return numbers


def _ended(item: str) -> str:
    """A list's item as a sentence: without a stop it would run into the next."""
    item = item.rstrip()
    return f"{item}." if item and (item[-1].isalnum() or item[-1] in "”\"')*") else item


def _plain(text: str) -> str:
    """`text` on one line, without list and heading marks, emphasis and leads such as "According to
    the articles," or "Yes,", which no quote can bear out."""
    text = re.sub(r"^\s*(?:>\s?)*(?:#{1,6}\s+)?", "", text)
    if item := ITEM.match(text):
        text = _ended(text[item.end() :])
    text = _EMPHASIS.sub("", text)
    text = re.sub(r"\s+([.,;:!?])(?=\s|$)", r"\1", " ".join(text.split()))
    bare = text
    while lead := _LEAD.match(bare):
        bare = bare[lead.end() :]
    return bare[:1].upper() + bare[1:] if bare != text else text
