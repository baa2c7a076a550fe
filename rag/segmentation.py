"""A text -> its sentences, as exact spans.

Line structure comes first, because sentence splitters do not see it: blank lines, headings, bullet
lists, hard-wrapped lines, front matter, bare URLs and the boilerplate that web pages leave behind.
Inside each paragraph the sentence borders are those of sentencex.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.records import Sentence, SentenceKind

MAX_SENTENCE = 1000
"""Characters; a longer sentence is cut, at white space where there is any."""

_HEADING_MAX = 100
_BOILERPLATE_MAX = 100
FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*\r?\n(?=[\w-]+[ \t]*:)(?:[^\r\n]*\r?\n)*?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
)
_TERMINAL = re.compile(r"[.!?…。！？][\"'”’»)\]*_]*$")
_RULE = re.compile(r"(?:(?:[^\w<>(\[\"'“‘]|_)*|\d{1,3}|```\w*)$")
_URL_ONLY = re.compile(r"<?(?:https?://|www\.)\S+$", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+(?=\S)")
_ITEM = re.compile(r"(?:[-*+•‣·–—]|\d{1,3}[.)])\s+(?=\S)")
_QUOTE_MARK = re.compile(r"(?:>\s?)+(?=\S)")
_TABLE_ROW = re.compile(r"\|.*\|$")
_BOILERPLATE = re.compile(
    r"leave a (?:reply|comment)|please enter your (?:comment|name|email)|post a comment"
    r"|(?:\d+ )?comments?$|you may also like|advertisement$|all rights reserved\.?$|©"
    r"|(?:this site uses|accept all) cookies|save my name|your email address will not be published"
    r"|required fields are marked|skip to (?:main )?content"
    r"|(?:original )?(?:url|link|source)s?:(?:\s*<?https?://\S+)?$"
    # These open sentences too.
    r"|(?:share (?:this|on)|read (?:more|also|next)|subscribe|sign (?:up|in)|log in|follow us"
    r"|related (?:articles|posts|stories)|copyright|click here|privacy policy"
    r"|terms of (?:use|service)|please enter your|accept cookies|your email|required fields"
    r"|all rights reserved)\b(?!.*[.!?][\"'”’)]*$)",
    re.IGNORECASE,
)
_STRETCH = 20_000  # characters
_SPACE = re.compile(r"\s+")
_STOP = re.compile(r"(?<=[.!?…。！？])\s+")
_HIDDEN_ABBREVIATION = re.compile(r"[-‐‑–—(\[{\"“'«*_]([^\W\d_]+\.(?: |$))$")
_LOOK_AROUND = 40
_AFTER_WORD = re.compile(r"\s(?:art|fed|ill|May|may|me)\.\s+(?=[\"“'‘(]?[A-Z])")
# sentencex pairs curly single quotes, and so takes two apostrophes for a quotation.
_AS_ONE_LINE = str.maketrans("’‘\r\n\t\v\f\x1c\x1d\x1e\x85\u2028\u2029", "''" + " " * 11)


@dataclass(slots=True)
class _Line:
    """A line without outer white space or list marker; `start == end` when blank."""

    start: int
    end: int
    text: str
    kind: SentenceKind | None

    @property
    def terminated(self) -> bool:
        return bool(_TERMINAL.search(self.text))

    @property
    def broken_off(self) -> bool:
        """Whether a sentence of it goes on after the line, for all that can be seen."""
        return self.kind == "prose" and not self.terminated and len(self.text) > 40

    @property
    def heading_like(self) -> bool:
        return (
            self.kind == "prose"
            and len(self.text) <= _HEADING_MAX
            and (not self.terminated or self.text.endswith("?"))
            and not re.search(r"[,;:—]$|: |^[a-z]", self.text)
        )


def split(text: str, of_a_page: bool = True) -> list[Sentence]:
    """Cut `text` into sentences, in order and without overlap.

    Every character outside them is white space or a list, heading or quotation marker. None is
    longer than `MAX_SENTENCE`. Borders inside a paragraph: sentencex (Wikimedia). The boilerplate
    of web pages is an aside, unless the text is a draft, not `of_a_page`.
    """
    sentences: list[Sentence] = []
    for start, end, kind in _blocks(text, of_a_page):
        for piece in _sentences(text, start, end) if kind in ("prose", "item") else [(start, end)]:
            sentences += (Sentence(*cut, kind) for cut in _within_limit(text, *piece))
    return sentences


def flat(text: str) -> str:
    """`text` on one line, single-spaced."""
    return " ".join(text.split())


def _blocks(text: str, of_a_page: bool) -> Iterator[tuple[int, int, SentenceKind]]:
    """Paragraphs, headings, list items and asides."""
    front_matter = FRONT_MATTER.match(text)
    body = front_matter.end() if front_matter else int(text.startswith("\ufeff"))
    if front_matter:
        yield 0, len(text[:body].rstrip()), "aside"
    blocks = _headings_marked(_joined(_lines(text, body, of_a_page)))
    yield from ((line.start, line.end, line.kind) for line in blocks if line.kind)


def _lines(text: str, offset: int, of_a_page: bool) -> list[_Line]:
    lines: list[_Line] = []
    for raw in text[offset:].splitlines(keepends=True):
        start = offset + len(raw) - len(raw.lstrip())
        offset += len(raw)
        wrapped_url = bool(lines) and _is_cut_url(lines[-1]) and len(raw.split()) == 1
        kind, marker = ("aside", 0) if wrapped_url else _kind(raw.strip(), of_a_page)
        if kind == "item" and raw.strip()[0] in "–—" and lines and lines[-1].broken_off:
            kind, marker = "prose", 0
        content = raw.strip()[marker:]
        lines.append(_Line(start + marker, start + marker + len(content), content, kind))
    return lines


def _kind(line: str, of_a_page: bool) -> tuple[SentenceKind | None, int]:
    """What a stripped line is, and the length of its marker (`- `, `## `, `> `)."""
    if not line:
        return None, 0
    boilerplate = of_a_page and len(line) <= _BOILERPLATE_MAX and _BOILERPLATE.match(line)
    if boilerplate or _RULE.match(line) or _URL_ONLY.match(line):
        return "aside", 0
    if marker := _MARKDOWN_HEADING.match(line):
        return "heading", marker.end()
    if marker := _ITEM.match(line):
        return "item", marker.end()
    if marker := _QUOTE_MARK.match(line):
        return "prose", marker.end()
    return ("item" if _TABLE_ROW.match(line) else "prose"), 0


def _is_cut_url(line: _Line) -> bool:
    return line.kind == "aside" and bool(_URL_ONLY.match(line.text)) and line.text[-1] in "-/_=&?"


def _joined(lines: Sequence[_Line]) -> list[_Line]:
    """Put the lines of one paragraph or item together; blank lines stay between them."""
    width = _wrap_width(lines)
    blocks: list[_Line] = []
    last: _Line | None = None
    for line in lines:
        joins = (
            last is not None
            and last.kind in ("prose", "item")
            and line.kind == "prose"
            and _continues(last, line, width)
        )
        if joins:
            blocks[-1].end = line.end
            blocks[-1].text += " " + line.text
        else:
            blocks.append(_Line(line.start, line.end, line.text, line.kind))
        last = line if not joins else _Line(line.start, line.end, line.text, blocks[-1].kind)
    return blocks


def _wrap_width(lines: Sequence[_Line]) -> int:
    """The column at which a text is hard-wrapped, 0 where it is not.

    It is when most long lines break off in mid-sentence and the next goes on in lower case.
    """
    prose = [line for line in lines if line.kind == "prose" and " " in line.text]
    width = max((len(line.text) for line in prose), default=0)
    if not 40 <= width <= 130:
        return 0
    broken = [
        following.kind == "prose"
        and (
            following.text[0].islower()
            or len(line.text) + 1 + len(following.text.split()[0]) > width
        )
        for line, following in pairwise(lines)
        if line.kind == "prose" and len(line.text) > 0.7 * width and not line.terminated
    ]
    return width if len(broken) >= 2 and sum(broken) >= 0.5 * len(broken) else 0


def _continues(last: _Line, line: _Line, width: int) -> bool:
    """Whether `line` goes on with the paragraph of the line right above it."""
    if not last.terminated:
        if width and len(last.text) > 0.6 * width:
            return True
        opening = line.text.lstrip("\"'“‘«(")
        if opening[:1].islower() or opening.startswith(("–", "—")) or last.text[-1] in ",;–—-":
            return True
        return last.text[-1] == ":" and opening != line.text
    first_word = line.text.split(maxsplit=1)[0]
    return bool(width) and len(last.text) + 1 + len(first_word) > width


def _headings_marked(blocks: Sequence[_Line]) -> list[_Line]:
    """Turn one or two short unterminated paragraphs above a paragraph or list into headings."""
    content = [block for block in blocks if block.kind and block.kind != "aside"]
    run: list[_Line] = []
    for block in content:
        if block.heading_like:
            run.append(block)
            continue
        if len(run) <= 2 and block.kind != "heading":
            for heading in run:
                heading.kind = "heading"
        run = []
    return list(blocks)


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A paragraph in stretches for sentencex, whose time grows with the square of what it reads.

    They end after a full stop where there is one, else at white space.
    """
    while end - start > _STRETCH:
        found = [*_STOP.finditer(text, start, start + _STRETCH)]
        found = found or [*_SPACE.finditer(text, start, start + _STRETCH)]
        cut = found[-1].end() if found else start + _STRETCH
        yield start, cut
        start = cut
    yield start, end


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for stretch in _stretches(text, start, end):
        yield from _sentences_of_stretch(text, *stretch)


def _sentences_of_stretch(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    block = text[start:end].translate(_AS_ONE_LINE)
    pieces = segmented(block)
    if "".join(pieces) != block:
        pieces = [block]
    pieces = _abbreviations_mended(pieces)
    at = start
    held: int | None = None
    for piece in pieces:
        first = at + len(piece) - len(piece.lstrip()) if held is None else held
        at += len(piece)
        # A piece without a letter or digit (a lone quotation mark) goes with what follows.
        if any(character.isalnum() for character in piece):
            yield first, first + len(text[first:at].rstrip())
            held = None
        else:
            held = first
    if held is not None and text[held:at].strip():
        yield held, held + len(text[held:at].rstrip())


def segmented(line: str) -> list[str]:
    """The sentences of a line as sentencex has them, cut after words that it takes for
    abbreviations: "in May. Then"."""
    import sentencex

    found: list[str] = []
    for piece in sentencex.segment("en", line):
        cuts = [0, *(word.end() for word in _AFTER_WORD.finditer(piece)), len(piece)]
        found += (piece[start:end] for start, end in pairwise(cuts))
    return found


def _abbreviations_mended(pieces: Sequence[str]) -> list[str]:
    """Puts together what was cut after an abbreviation that sentencex does not see.

    It knows one only as a word of its own: `Trinity-St.`, `(St.` and `“St.` hide theirs. So the
    word is shown to it alone, with what follows.
    """
    import sentencex

    mended: list[str] = []
    for piece in pieces:
        hidden = _HIDDEN_ABBREVIATION.search(mended[-1][-_LOOK_AROUND:]) if mended else None
        if hidden and sentencex.segment("en", hidden[1] + piece[:_LOOK_AROUND])[0] != hidden[1]:
            mended[-1] += piece
        else:
            mended.append(piece)
    return mended


def _within_limit(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_SENTENCE:
        spaces = re.finditer(r"\s", text[start : start + MAX_SENTENCE])
        space = max((start + found.start() for found in spaces), default=-1)
        cut = space if space > start else start + MAX_SENTENCE
        yield start, start + len(text[start:cut].rstrip())
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    if start < end:
        yield start, end
