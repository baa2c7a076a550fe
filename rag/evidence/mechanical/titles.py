"""Titles that a statement gives to others than its quotes do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.evidence.mechanical.names import Name, same, same_name
from rag.evidence.mechanical.numerals import key_at
from rag.evidence.mechanical.reading import Reading, united
from rag.evidence.mechanical.words import Token, families, is_content, lemma, listed

_REACH = 7
_DETERMINERS = frozenset("the a an his her its their our".split())
_OF = frozenset("of for at".split())
_BEING = frozenset("is was".split())
_CLOSING = frozenset(["", *", . ; : ? ! ) - of for at in from who whose and".split()])
_ADVERBS = frozenset("now also still then currently".split())


@dataclass(frozen=True, slots=True)
class _Title:
    """What a text calls somebody: the `head` of it, its `fields` (finance) and `rank` (deputy), and
    the word that it is `of`. `sole` where "the" says that there is no other."""

    text: str
    head: str
    fields: frozenset[str]
    rank: str
    of: str
    sole: bool


def title_objections(said: Reading, quotes: Sequence[Reading], context: Reading) -> Iterator[str]:
    """Titles that the quotes give to others than the statement does, or of another rank or field;
    that a name has one may stand in the context too."""
    called = _called(said)
    given = [one for quote in quotes for one in _called(quote)] if called else []
    for name, ours in called:
        persons = name.own
        if not persons or persons[-1].startswith("@"):
            continue
        theirs = [
            title for other, title in given if any(same(persons[-1], part) for part in other.parts)
        ]
        if theirs:
            past = key_at(said.tokens, name.last + 1) != "is" or ours.rank == _rank("former")
            shared = _ranks([said]) & _ranks(quotes)
            alike = [title for title in theirs if _same_head(ours.head, title.head)]
            if alike and any(_may_be(ours, title, past, shared) for title in alike):
                continue
            if alike or not (_vague(ours, theirs) or _unheld(ours, given, quotes)):
                other = (alike or theirs)[0]
                yield f"The quotes call {name.text.split()[-1]} {other.text}, not {ours.text}"
        elif ours.sole or ours.fields:
            holders = [other for other, title in given if _is(ours, title)]
            named = [*given, *_called(context)]
            if any(same_name(name, other) and ours.head == title.head for other, title in named):
                continue
            if holders and not _unheld(ours, given, quotes):
                yield f"The quotes call {holders[0].text} {ours.text}, not {name.text}"


def _known(head: str) -> bool:
    return head in listed("titles") or head in listed("vague_titles")


def _vague(ours: _Title, theirs: Sequence[_Title]) -> bool:
    """Whether a title says too little to stand against another."""
    return any(title.head in listed("vague_titles") for title in (ours, *theirs))


def _may_be(ours: _Title, theirs: _Title, past: bool, shared: frozenset[str]) -> bool:
    """Whether two titles of one head may be the same: in the `past` also one of before, and of any
    rank where both texts tell of a rank, whosever it is."""
    if ours.fields and theirs.fields and ours.fields.isdisjoint(theirs.fields):
        return False
    former = {_rank("former")} if past else set()
    return bool(shared) or {ours.rank, ""} - former == {theirs.rank, ""} - former


def _is(ours: _Title, theirs: _Title) -> bool:
    """Whether two are one title, which one alone can have."""
    if not _same_head(ours.head, theirs.head) or not (theirs.sole or theirs.fields):
        return False
    alike = (ours.rank, ours.fields) == (theirs.rank, theirs.fields)
    return alike and (not (ours.of and theirs.of) or ours.of == theirs.of)


def _unheld(title: _Title, given: Sequence[tuple[Name, _Title]], quotes: Sequence[Reading]) -> bool:
    """Whether the quotes have the head of a title where it may be anybody's."""
    word = _head(title.head)
    mentions = sum(token.key == word for quote in quotes for token in quote.tokens)
    return mentions > sum(_head(other.head) == word for _, other in given)


def _head(head: str) -> str:
    return "minister" if head == "premier" else head


def _same_head(one: str, other: str) -> bool:
    return one == other or any({one, other} <= family for family in families("titles"))


def _called(reading: Reading) -> list[tuple[Name, _Title]]:
    """The titles that a text attaches to its names."""
    found = [
        (name, _title(reading, start, end))
        for name in reading.names
        for start, end in _spans(name, reading)
    ]
    return [(name, title) for name, title in found if title]


def _spans(name: Name, reading: Reading) -> Iterator[tuple[int, int]]:
    """The tokens that may be a title: in a name, before it, after it between commas or after
    `is`."""
    tokens = reading.tokens
    inside = [at for at in range(name.first, name.last) if tokens[at].key in listed("titles")]
    closed = key_at(tokens, name.last + 1) in ("", ",", ".")
    if inside:
        yield _back(reading, name.first), inside[-1] + 1
    elif key_at(tokens, name.first - 1) in listed("titles"):
        yield _back(reading, name.first), name.first
    elif key_at(tokens, name.first - 1) == "," and closed:
        yield _back(reading, name.first - 1), name.first - 1
    after = name.last + 1
    apposed = key_at(tokens, after) == ","
    if apposed:
        aged = after + 2 < len(tokens) and tokens[after + 1].is_number
        after += 3 if aged and key_at(tokens, after + 2) == "," else 1
        after += key_at(tokens, after) == "who"
    stated = key_at(tokens, after) in _BEING
    if stated:
        after += 1 + (key_at(tokens, after + 1) in _ADVERBS)
    elif not apposed:
        return
    end = _on(reading, after)
    while stated or key_at(tokens, end) in _CLOSING:
        yield after, end
        if key_at(tokens, end) != "and":
            break
        after, end = end + 1, _on(reading, end + 1)


def _back(reading: Reading, end: int) -> int:
    """Where a title that is over at `end` begins."""
    start = end
    while start and end - start < _REACH:
        token = reading.tokens[start - 1]
        if token.key in _DETERMINERS:
            return start - 1
        inflected = lemma(token.key) != token.key and not _field(token.key)  # Berg met Mayor Lund
        if not _joins(token) or (inflected and not token.capital):
            break
        start -= 1
    return start


def _on(reading: Reading, start: int) -> int:
    """Where a title that begins at `start` is over."""
    tokens = reading.tokens
    near = (name for name in reading.names if start <= name.last < start + 2 * _REACH)
    others = {
        at
        for name in near
        if name.parts[-1] not in listed("titles") and not tokens[name.last].text.endswith("'s")
        for at in range(name.first, name.last + 1)
    }
    end = start + (key_at(tokens, start) in _DETERMINERS)
    while end < len(tokens) and end - start < _REACH and end not in others:
        token = tokens[end]
        listing = token.key == "and" and _field(key_at(tokens, end - 1))
        if not _joins(token) and not listing:
            break
        end += 1
    return end


def _joins(token: Token) -> bool:
    """Whether a title may go on with a token."""
    return token.key == "-" or (token.is_word and token.key not in listed("function"))


def _title(reading: Reading, start: int, end: int) -> _Title | None:
    """What some tokens call somebody, if they do."""
    tokens = reading.tokens
    owned = [at + 1 for at in range(start, end) if tokens[at].text.endswith("'s")]
    sole = bool(owned) or key_at(tokens, start) == "the"
    first = max([start, *owned])
    head = end - 1
    if head < first or not _known(tokens[head].key):
        return None
    premier = tokens[head].key == "minister" and key_at(tokens, head - 1) == "prime"
    words = [token.key for token in tokens[first:head]]
    telling = next((at for at in range(first, head) if _tells(tokens[at].key)), head)
    places = range(head + 2, min(head + 5, len(tokens)))
    of = next((at for at in places if is_content(tokens[at])), head)
    of = of if key_at(tokens, head + 1) in _OF else head
    fields = {_field(word) for word in (*words, tokens[of].key)} - {""}
    return _Title(
        text=" ".join(token.key for token in tokens[telling : of + 1] if token.is_word),
        head="premier" if premier else tokens[head].key,
        fields=frozenset(fields),
        rank=next((rank for rank in map(_rank, words) if rank), ""),
        of=tokens[of].key if of > head and not fields else "",
        sole=sole,
    )


def _tells(word: str) -> bool:
    return word == "prime" or bool(_field(word) or _rank(word))


def _field(word: str) -> str:
    return next((min(family) for family in families("fields") if word in family), "")


def _ranks(readings: Sequence[Reading]) -> frozenset[str]:
    """The ranks that texts tell of."""
    return frozenset(map(_rank, united(readings, "keys"))) - {""}


def _rank(word: str) -> str:
    return next((min(family) for family in families("ranks") if word in family), "")
