"""What a model writes, cut into sentences as it comes. Pure.

Only what lies before a border decides on it, up to the end of the next word: however the same text
is fed, the pieces are the same, and together they are the text.
"""

import re

from rag.answering.markup import BRACKET, ITEM, MARKER, UNCLOSED
from rag.segmentation import MAX_SENTENCE, segmented

_THOUGHT = ("<think>", "</think>")
"""What models that reason aloud put around it."""

_BORDER = re.compile(
    r"(?P<stop>(?:[.!?…]+|[。！？])[\"'”’»)*_`\]]*)"
    rf"(?:[ \t]*(?:{BRACKET.pattern})[.,;]?)*[*_]*"
    r"(?=\s|(?<=[。！？])|(?<=[\]】］)>])(?=[^\W\d_]))|\n"
)
_WORD = re.compile(r"\S+")
_QUOTE_MARK = re.compile(r"[“”„«»]|(?P<opens>(?<!\w)\"(?=\S))|\"")
_CLOSES = {"“": '”"', "„": '“”"', "«": "»", '"': '"”'}


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
        return "" if not self._begun and is_thought(self._held) else self._held

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
        if not is_thought(self._held):
            self._begun = whole or not opening.startswith(self._held.lstrip())
            return self._pieces(whole) if self._begun else []
        end = self._held.find(closing)
        if end < 0 and not whole:
            return []
        self._begun = True
        end = len(self._held) if end < 0 else end + len(closing)
        thought, self._held = self._held[:end], self._held[end:]
        return [thought, *self._pieces(whole)]


def is_thought(text: str) -> bool:
    return text.lstrip().startswith(_THOUGHT[0])


def _border(text: str, whole: bool) -> int:
    """Where the first piece of `text` ends, 0 where that cannot be told yet.

    White space after a piece belongs to it.
    """
    start = len(text) - len(text.lstrip())
    item = ITEM.match(text, start)
    begin = item.end() if item else start
    for found in _BORDER.finditer(text, begin):
        after = _next_word(text, found.end(), whole)
        if after is None:
            nothing_more = whole and not text[found.end() :].strip()
            return len(text) if nothing_more else 0
        first, last = after
        ends = _ends_sentence if found["stop"] else _ends_line
        if ends(text, begin, found, first, last):
            return first
    return len(text) if whole else 0


def _next_word(text: str, at: int, whole: bool) -> tuple[int, int] | None:
    """Where the next word after `at` starts and ends, None where it has not all come; brackets at
    its beginning belong to it up to where they close."""
    found = _WORD.search(text, at)
    if not found:
        return None
    last = found.start()
    while bracket := BRACKET.match(text, last):
        last = bracket.end()
    if UNCLOSED.fullmatch(text, last) and not whole:
        return None
    rest = _WORD.match(text, last)
    last = rest.end() if rest else last
    return None if last == len(text) and not whole else (found.start(), last)


def _ends_line(text: str, begin: int, end: re.Match[str], first: int, last: int) -> bool:
    """Whether a piece ends with its line: all do, but hard-wrapped prose goes on in the next."""
    blank_line = "\n" in text[end.end() : first]
    return blank_line or not text[first].islower() or bool(ITEM.match(text[first:last] + " "))


def _ends_sentence(text: str, begin: int, end: re.Match[str], first: int, last: int) -> bool:
    """Whether a sentence that begins at `begin` ends at `end`, seeing the next word as well."""
    if "\n" in text[end.end() : first]:
        return True
    stop = end.end("stop")
    if stop - begin <= MAX_SENTENCE and _in_quotation(text[begin:stop]):
        return False
    before = MARKER.sub("", text[begin:stop]).rstrip()
    line = " ".join((before + " " + text[first:last]).replace("’", "'").split())
    length = len(" ".join(before.split()))
    at = 0
    for piece in segmented(line):
        at += len(piece)
        if at >= length:
            return at <= length + 1
    return False


def _in_quotation(text: str) -> bool:
    """Whether a quotation that begins in `text` has not come to its end in it."""
    closes = ""
    for mark in _QUOTE_MARK.finditer(text):
        if mark[0] in closes:
            closes = ""
        elif not closes and (mark["opens"] or mark[0] != '"'):
            closes = _CLOSES.get(mark[0], "")
    return bool(closes)
