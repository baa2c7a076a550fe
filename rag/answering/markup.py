"""What a model writes around its words: markers, brackets, list marks, hiding characters. Pure."""

import re
import unicodedata

_OPEN, _CLOSE = r"(?:\\?[\[【［]){1,2}", r"(?:\\?[\]】］]){1,2}"
_INSIDE = r"[^\[\]【】［］\n]"
_BRACKET_MAX = 80  # characters between brackets
_LINK = r"(?:\([^()\s]{0,300}\))?"
_NAMED = r"(?:(?:passages?|sources?|articles?|doc(?:ument)?s?|no\.?)(?:\s*:)?\s*)?[#^]?"
_NUMBERS = rf"{_NAMED}\d{{1,12}}(?:\s*(?:,|;|&|and|[-–—])\s*{_NAMED}\d{{1,12}})*"
_PLACE = (
    rf"(?:[†:|]{_INSIDE}{{0,60}}|,\s*(?:pp?\.|pages?|lines?|para(?:graph)?s?)\s*\d[\d,–-]{{0,20}})"
)
MARKER = re.compile(
    rf"(?:{_OPEN}|(?<![\dm])<(?:sup|cite)>)[\s*_`]*(?P<numbers>{_NUMBERS})[\s*_`]*{_PLACE}?"
    rf"(?:{_CLOSE}|</(?:sup|cite)>){_LINK}",
    re.IGNORECASE,
)
"""`[1]`, `[1, 2]`, `[1-3]`, `[^1]`, `[[1]]`, `[Passage 1]`, `[1, p. 2]`, `【1†source】`,
`<sup>1</sup>` (but not what makes square metres)."""

BRACKET = re.compile(
    rf"{_OPEN}{_INSIDE}{{1,{_BRACKET_MAX}}}{_CLOSE}{_LINK}"
    r"|\(\d{1,2}(?:[,;]\d{1,2}){0,9}\)|<(?:sup|cite)>\d{1,2}</(?:sup|cite)>"
)
"""What may be a marker, or stand where one does: in square brackets, or a number in others."""

UNCLOSED = re.compile(rf"{_OPEN}{_INSIDE}{{0,{_BRACKET_MAX}}}\\?")
"""What may become a `BRACKET`."""

ITEM = re.compile(r"[ \t]*(?:[-*+•‣·–—]|\(?\d{1,3}[.)]|[a-z][)])[ \t]+", re.IGNORECASE)
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """`text` without the characters that only hide or turn what is around them (zero-width spaces,
    bidirectional overrides, tags); joiners are kept, some scripts need them."""
    if text.isascii():
        return text
    return "".join(one for one in text if one in _JOINERS or unicodedata.category(one) != "Cf")
