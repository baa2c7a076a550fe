"""What a model writes around its words: markers, brackets, list marks, hiding characters. Pure."""

import re
import unicodedata

from rag.models.thoughts import CLOSING, OPENING

_OPEN, _CLOSE = r"(?:\\?[\[【［]){1,2}", r"(?:\\?[\]】］]){1,2}"
_INSIDE = r"[^\[\]【】［］\n]"
_BRACKET_MAX = 80  # characters between brackets
_ADDRESS = r"\([^()<\[\s]{0,300}"
_LINK = rf"(?:{_ADDRESS}\))?"
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

_NO_THOUGHT = rf"(?!{OPENING.pattern}|{CLOSING.pattern})"
_OPEN_NO_THOUGHT = rf"(?:{_NO_THOUGHT}\\?[\[【［]){{1,2}}"
BRACKET = re.compile(
    rf"{_OPEN_NO_THOUGHT}{_INSIDE}{{1,{_BRACKET_MAX}}}{_CLOSE}{_LINK}"
    r"|\(\d{1,2}(?:[,;]\d{1,2}){0,9}\)|<(?:sup|cite)>\d{1,2}</(?:sup|cite)>"
)
"""What may be a marker, or stand where one does: in square brackets, or a number in others."""

UNCLOSED = re.compile(rf"{_OPEN_NO_THOUGHT}{_INSIDE}{{0,{_BRACKET_MAX}}}\\?")
"""What may become a `BRACKET`."""

TRAILING = rf"(?:{BRACKET.pattern}|{_NO_THOUGHT}<[^<>\[\s]{{1,60}}>)"
"""What belongs to the sentence before it: a `BRACKET`, or a tag."""

UNDECIDED = rf"(?:{UNCLOSED.pattern}|{_ADDRESS}|<[^<>\[\s]{{0,60}})?\Z"
"""Where the text ends so far and more of what is `TRAILING` may come."""

ITEM = re.compile(r"[ \t]*(?:[-*+•‣·–—]|\(?\d{1,3}[.)]|[a-z][)])[ \t]+", re.IGNORECASE)
_CODE = re.compile(r"<(?:script|style)\b[^<>]*>[^<]*", re.IGNORECASE)
_ATTRIBUTES = r"(?:\s[^<>=]{0,40}=[^<>]{0,300})?"
_WORD_TAG = re.compile(
    rf"</?(?:a|b|i|u|s|em|strong|mark|small|span|su[bp]|code|cite)\b{_ATTRIBUTES}>", re.IGNORECASE
)
_TAG = re.compile(
    rf"</?[a-z][\w:-]{{0,30}}{_ATTRIBUTES}\s?/?>|<!--[^<>]*-->"
    r"|<[|｜][^<>\n]{1,60}[|｜]>|\[/?INST\]",
    re.IGNORECASE,
)
"""Of HTML, and the tokens that part the turns of a conversation."""

_LINKED = re.compile(
    r"!?\[(?P<text>[^\[\]\n]{0,200})\]\((?:[^()\s]|\([^()\s]*\))*(?:\s\"[^\"()\n]{0,200}\")?\)"
)
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """`text` without the characters that only hide or turn what is around them (zero-width spaces,
    bidirectional overrides, tags); joiners are kept, some scripts need them."""
    if text.isascii():
        return text
    return "".join(one for one in text if one in _JOINERS or unicodedata.category(one) != "Cf")


def unwrapped(text: str) -> str:
    """`text` without tags, and with the words of a link in its place."""
    text = _TAG.sub(" ", _WORD_TAG.sub("", _CODE.sub(" ", text)))
    return _LINKED.sub(r"\g<text>", text)
