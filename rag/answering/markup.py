"""What a model writes around its words: markers, brackets, list marks, hiding characters. Pure."""

import re
import unicodedata

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

_INSIDE = rf"{_OPEN}[^\[\]【】［］\n]"
BRACKET = re.compile(rf"{_INSIDE}{{1,{_MARKER_MAX}}}{_CLOSE}")
UNCLOSED = re.compile(rf"{_INSIDE}{{0,{_MARKER_MAX}}}")
ITEM = re.compile(r"[ \t]*(?:[-*+•‣·–—]|\(?\d{1,3}[.)]|[a-z][)])[ \t]+", re.IGNORECASE)
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """`text` without the characters that only hide or turn what is around them (zero-width spaces,
    bidirectional overrides, tags); joiners are kept, some scripts need them."""
    if text.isascii():
        return text
    return "".join(one for one in text if one in _JOINERS or unicodedata.category(one) != "Cf")
