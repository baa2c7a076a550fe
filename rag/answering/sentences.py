"""What a model writes, cut into sentences as it comes. Pure.

Only what lies before a border decides on it, up to the end of the next word: however the same text
is fed, the pieces are the same, and together they are the text.
"""

import re

from rag.answering.markup import BRACKET, ITEM, MARKER, TRAILING, UNCLOSED, UNDECIDED
from rag.models.thoughts import CLOSING, LONGEST_CLOSING, OPENING
from rag.segmentation import MAX_SENTENCE, segmented

_THOUGHT = re.compile(rf"\s*{OPENING.pattern}")
_BORDER = re.compile(
    r"(?P<stop>(?:[.!?…]++|[。！？])[\"'”’»)*_`\]]*)"
    rf"(?:[ \t]*{TRAILING}[.,;]?)*[*_]*"
    r"(?=\s|(?<=[。！？])|(?<=[\]】］)>])(?=[^\W\d_])"
    rf"|{UNDECIDED})|\n|(?P<opens>{OPENING.pattern})|(?P<closes>{CLOSING.pattern})"
)
_WORD = re.compile(r"\S+")
_QUOTE_MARK = re.compile(r"[“”„«»]|(?P<opens>(?<!\w)\"(?=\S))|\"")
_CLOSES = {"“": '”"', "„": '“”"', "«": "»", '"': '"”'}


class Cutter:
    """Takes a text as it comes and gives its sentences, each as soon as it is whole."""

    def __init__(self) -> None:
        self._held = ""
        self._searched = 0

    def feed(self, text: str) -> list[str]:
        """The pieces that end now that `text` has come."""
        self._held += text
        return self._pieces(whole=False)

    def end(self) -> list[str]:
        """The pieces that are left when nothing more comes."""
        return self._pieces(whole=True)

    def rest(self) -> str:
        """What has come of the piece that is not yet whole, but for thinking aloud."""
        return "" if _THOUGHT.match(self._held) else self._held

    def _pieces(self, whole: bool) -> list[str]:
        pieces: list[str] = []
        while end := self._end(whole):
            pieces.append(self._held[:end])
            self._held = self._held[end:]
            self._searched = 0
        return pieces

    def _end(self, whole: bool) -> int:
        """Where the first piece ends, 0 where that cannot be told yet; a thought is a piece."""
        if not _THOUGHT.match(self._held):
            return _border(self._held, whole)
        closing = CLOSING.search(self._held, self._searched)
        self._searched = max(0, len(self._held) - LONGEST_CLOSING)
        return closing.end() if closing else len(self._held) if whole else 0


def _border(text: str, whole: bool) -> int:
    """Where the first piece of `text` ends, 0 where that cannot be told yet.

    White space after a piece belongs to it. A thought that begins ends the piece before it; where
    only its end is marked, what came before was one.
    """
    start = len(text) - len(text.lstrip())
    item = ITEM.match(text, start)
    begin = item.end() if item else start
    for found in _BORDER.finditer(text, begin):
        if found["opens"]:
            return found.start()
        if found["closes"]:
            return found.end()
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
    before = MARKER.sub("", text[max(begin, stop - MAX_SENTENCE) : stop]).rstrip()
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
