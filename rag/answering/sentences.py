"""What a model writes, cut into sentences as it comes, and read: its text, markers and kind. Pure.

Only what lies before a border decides on it, up to the end of the next word: however the same text
is fed, the pieces are the same, and together they are the text.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import chain

from rag.segmentation import segmented

_THOUGHT = ("<think>", "</think>")
"""What models that reason aloud put around it."""

_OPEN, _CLOSE = r"[\[【［]", r"[\]】］]"
_MARKER_MAX = 80  # characters between brackets
_NAMED = r"(?:(?:passages?|sources?|articles?|doc(?:ument)?s?|no\.?)\s*)?[#^]?"
_NUMBERS = rf"{_NAMED}\d{{1,12}}(?:\s*(?:,|;|&|and|[-–—])\s*{_NAMED}\d{{1,12}})*"
MARKER = re.compile(
    rf"{_OPEN}[\s*_`]*(?P<numbers>{_NUMBERS})[\s*_`]*(?:[†:|][^\[\]【】［］\n]{{0,60}})?{_CLOSE}"
    r"(?:\((?:https?:|#)[^()\s]*\))?",
    re.IGNORECASE,
)
"""`[1]`, `[1, 2]`, `[1-3]`, `[^1]`, `[Passage 1]`, `【1†source】`."""

_EMPTIED = re.compile(
    r"(?<!\s)\s*\((?:see|sources?|passages?|articles?)?:?[\s,;&]*\)", re.IGNORECASE
)
"""What is left of brackets in which markers stood."""

_INSIDE = rf"{_OPEN}[^\[\]【】［］\n]"
_BRACKET = re.compile(rf"{_INSIDE}{{1,{_MARKER_MAX}}}{_CLOSE}")
_UNCLOSED = re.compile(rf"{_INSIDE}{{0,{_MARKER_MAX}}}")
_BORDER = re.compile(
    r"(?P<stop>(?:[.!?…]+|[。！？])[\"'”’»)*_`\]]*"
    rf"(?:[ \t]*{_BRACKET.pattern}[.,;]?)*[*_]*(?=\s|(?<=[。！？])))|\n"
)
_WORD = re.compile(r"\S+")
_ITEM = re.compile(r"[ \t]*(?:[-*+•‣·–—]|\(?\d{1,3}[.)]|[a-z][)])[ \t]+", re.IGNORECASE)
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+|[ \t]*\*\*[^*\n]*[^*\n.!?]\*\*:?[ \t]*$")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_JOINERS = "\u200c\u200d"
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
    r"|(?:yes|no)\s*[,:]\s+(?=\S)",
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


class Cutter:
    """Takes a text as it comes and gives its sentences, each as soon as it is whole."""

    def __init__(self) -> None:
        self._held = ""
        self._begun = False

    def feed(self, text: str) -> list[str]:
        """The pieces that end now that `text` has come."""
        self._held += text
        return self._pieces(whole=False)

    def end(self) -> list[str]:
        """The pieces that are left when nothing more comes."""
        return self._pieces(whole=True)

    def rest(self) -> str:
        """What has come of the piece that is not yet whole, but for thinking aloud."""
        return "" if not self._begun and _is_thought(self._held) else self._held

    def _pieces(self, whole: bool) -> list[str]:
        if not self._begun:
            return self._first(whole)
        pieces: list[str] = []
        while border := _border(self._held, whole):
            pieces.append(self._held[:border])
            self._held = self._held[border:]
        return pieces

    def _first(self, whole: bool) -> list[str]:
        """Thinking aloud at the beginning is a piece of its own."""
        opening, closing = _THOUGHT
        if not _is_thought(self._held):
            self._begun = whole or not opening.startswith(self._held.lstrip())
            return self._pieces(whole) if self._begun else []
        end = self._held.find(closing)
        if end < 0 and not whole:
            return []
        self._begun = True
        end = len(self._held) if end < 0 else end + len(closing)
        thought, self._held = self._held[:end], self._held[end:]
        return [thought, *self._pieces(whole)]


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
    if _is_thought(piece) or _FENCE.match(piece):
        return Said("", (), False)
    piece = visible(piece)
    numbers = chain.from_iterable(_numbers(found["numbers"]) for found in MARKER.finditer(piece))
    bare = _EMPTIED.sub("", MARKER.sub("", piece))
    heading = bool(_HEADING.match(bare.strip("\n")))
    text = _plain(bare)
    leads_in = (
        heading
        or text.startswith("|")
        or text.endswith((":", "?", "："))
        or _WORD_ALONE.match(text)
    )
    statement = not leads_in and not _OF_THE_TASK.match(text)
    return Said(
        text if any(map(str.isalnum, text)) else "", tuple(dict.fromkeys(numbers)), statement
    )


def _is_thought(text: str) -> bool:
    return text.lstrip().startswith(_THOUGHT[0])


def visible(text: str) -> str:
    """`text` without the characters that only hide or turn what is around them (zero-width spaces,
    bidirectional overrides, tags); joiners are kept, some scripts need them."""
    if text.isascii():
        return text
    return "".join(one for one in text if one in _JOINERS or unicodedata.category(one) != "Cf")


def _border(text: str, whole: bool) -> int:
    """Where the first piece of `text` ends, 0 where that cannot be told yet.

    White space after a piece belongs to it.
    """
    start = len(text) - len(text.lstrip())
    item = _ITEM.match(text, start)
    begin = item.end() if item else start
    for found in _BORDER.finditer(text, begin):
        after = _next_word(text, found.end(), whole)
        if after is None:
            nothing_more = whole and not text[found.end() :].strip()
            return len(text) if nothing_more else 0
        first, last = after
        ends = _ends_sentence if found["stop"] else _ends_line
        if ends(text, begin, found.end(), first, last):
            return first
    return len(text) if whole else 0


def _next_word(text: str, at: int, whole: bool) -> tuple[int, int] | None:
    """Where the next word after `at` starts and ends, None where it has not all come; brackets at
    its beginning belong to it up to where they close."""
    found = _WORD.search(text, at)
    if not found:
        return None
    last = found.start()
    while bracket := _BRACKET.match(text, last):
        last = bracket.end()
    if _UNCLOSED.fullmatch(text, last) and not whole:
        return None
    rest = _WORD.match(text, last)
    last = rest.end() if rest else last
    return None if last == len(text) and not whole else (found.start(), last)


def _ends_line(text: str, begin: int, end: int, first: int, last: int) -> bool:
    """Whether a piece ends with its line: all do, but hard-wrapped prose goes on in the next."""
    blank_line = "\n" in text[end:first]
    return blank_line or not text[first].islower() or bool(_ITEM.match(text[first:last] + " "))


def _ends_sentence(text: str, begin: int, stop: int, first: int, last: int) -> bool:
    """Whether a sentence that begins at `begin` ends at `stop`, seeing the next word as well."""
    if "\n" in text[stop:first]:
        return True
    before = MARKER.sub("", text[begin:stop]).rstrip()
    line = " ".join((before + " " + text[first:last]).replace("’", "'").split())
    length = len(" ".join(before.split()))
    at = 0
    for piece in segmented(line):
        at += len(piece)
        if at >= length:
            return at <= length + 1
    return False


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
    if item := _ITEM.match(text):
        text = _ended(text[item.end() :])
    text = _EMPHASIS.sub("", text)
    text = re.sub(r"\s+([.,;:!?])(?=\s|$)", r"\1", " ".join(text.split()))
    bare = text
    while lead := _LEAD.match(bare):
        bare = bare[lead.end() :]
    return bare[:1].upper() + bare[1:] if bare != text else text
