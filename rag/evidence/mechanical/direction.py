"""Two names: who does what to whom, and from where to where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.evidence.mechanical.names import Name, among, peoples, same_name
from rag.evidence.mechanical.numerals import key_at
from rag.evidence.mechanical.reading import Reading
from rag.evidence.mechanical.words import is_content, lemma, listed, stems

_CLAUSE = frozenset("; : . ? ! which who when while where because although but".split())
_NOUNS = frozenset("man woman child foot person".split())
_WHERE = frozenset("in at on as from".split())
_REACH = 14
_AUXILIARIES = frozenset("to will would can could may might must shall should did does do".split())


@dataclass(frozen=True, slots=True)
class _Deed:
    """A verb at a token: the names on its doing and on its suffering side, whether a pronoun does
    it, and the stems of what without a name it is done by."""

    at: int
    doers: list[Name]
    others: list[Name]
    by_pronoun: bool = False
    by_stems: frozenset[str] = frozenset()


def direction_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What one name does to another here, and the other to the one in a quote; what a name does
    here that another, or a pronoun, does to it there."""
    ours = _deeds(said)
    for quote in quotes:
        theirs = _deeds(quote) if ours else {}
        for verb, deed in ours.items():
            if verb not in theirs:
                continue
            there = theirs[verb]
            word = quote.tokens[there.at].text
            for doer in deed.doers:
                if among(doer, there.doers) or not among(doer, there.others):
                    continue
                swapped = [
                    other
                    for other in deed.others
                    if among(other, there.doers) and not among(other, there.others)
                ]
                if swapped:
                    yield f'In the quotes "{word}" is done by {swapped[0].text}, not by {doer.text}'
                    return
                if len(deed.doers) == 1 and (there.doers or there.by_pronoun):
                    yield f'In the quotes "{word}" is not done by {doer.text}'
                    return
            suffering = deed.others if deed.by_stems & quote.stems else []
            doing = [
                other
                for other in suffering
                if among(other, there.doers) and not among(other, there.others)
            ]
            if doing:
                yield f'In the quotes "{word}" is done by {doing[0].text}'
                return
    yield from _route_objections(said, quotes)


def _route_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """From one name to another here, and the other way in the quotes."""
    theirs = [route for quote in quotes for route in _routes(quote)]
    for start, end in _routes(said):
        there = [(same_name(start, a) and same_name(end, b)) for a, b in theirs]
        back = [(same_name(start, b) and same_name(end, a)) for a, b in theirs]
        if any(back) and not any(there):
            yield f"In the quotes it is from {end.text} to {start.text}"
            return


def _routes(reading: Reading) -> list[tuple[Name, Name]]:
    """The names in `from … to …`."""
    tokens = reading.tokens
    found: list[tuple[Name, Name]] = []
    for start, end in pairwise(reading.names):
        before = [key_at(tokens, start.first - back) for back in (1, 2)]
        between = [token.key for token in tokens[start.last + 1 : end.first]]
        if before[before[0] == "the"] == "from" and between in (["to"], ["to", "the"]):
            found.append((start, end))
    return found


def _deeds(reading: Reading) -> dict[str, _Deed]:
    """Each word of meaning that is surely a verb with names beside it, by its stem."""
    found: dict[str, _Deed] = {}
    named = reading.named
    for at, word in reading.content:
        if at in named or word in stems("symmetric") or word in found or not _acts(reading, at):
            continue
        start, end = _clause(reading, at)
        before = [name for name in reading.names if start <= name.first and name.last < at]
        after = [name for name in reading.names if at < name.first and name.last < end]
        if start and reading.tokens[start - 1].key == "who":
            whom = [name for name in reading.names if start - 4 < name.last < start - 1]
            before = whom[-1:] + before
        near = reading.tokens[max(start, at - 4) : at]
        pronoun = any(token.key in listed("pronouns") for token in near)
        if _passive(reading, at):
            by = next((i for i in range(at, end) if reading.tokens[i].key == "by"), end)
            by_stems = frozenset(s for i, s in reading.content if by < i < min(by + 5, end))
            found[word] = _Deed(at, after, before, by_stems=frozenset() if after else by_stems)
        else:
            found[word] = _Deed(at, before, after, pronoun)
    return {word: deed for word, deed in found.items() if deed.doers or deed.others}


def _acts(reading: Reading, at: int) -> bool:
    """Whether a word is a verb for sure: an inflected form, or after an auxiliary or `to`."""
    word = reading.tokens[at].key
    before = key_at(reading.tokens, at - 1)
    if before in ("a", "an", "the", "of", "in") or lemma(word) in _NOUNS:
        return False
    if word in listed("unchanged"):
        doing = before == "who" or any(name.last == at - 1 for name in reading.names)
        return doing or before in _AUXILIARIES | listed("being")
    if before in _AUXILIARIES or (word.endswith("ed") and len(word) > 4):
        return True
    if not word.endswith("s"):
        return lemma(word) != word
    return any(name.last == at - 1 and not _owns(name, reading) for name in reading.names)


def _owns(name: Name, reading: Reading) -> bool:
    """Whether the word after a name is a thing or people of it: `Czech climbers`."""
    last = reading.tokens[name.last]
    return last.key in peoples() or last.text.endswith("'s")


def _clause(reading: Reading, at: int) -> tuple[int, int]:
    """The tokens around a word up to the borders of its clause."""
    start, end = at, at
    while start > 0 and at - start < _REACH and reading.tokens[start - 1].key not in _CLAUSE:
        start -= 1
    last = len(reading.tokens)
    while end < last and end - at < _REACH and reading.tokens[end].key not in _CLAUSE:
        end += 1
    return start, end


def _passive(reading: Reading, at: int) -> bool:
    """Whether a word is a participle that says what is done to somebody: `was accused`, `a man
    accused by`."""
    tokens = reading.tokens
    word = tokens[at].key
    following = [token.key for token in tokens[at + 1 : at + 7]]
    before = [token.key for token in tokens[max(0, at - 4) : at]]
    last = key_at(tokens, at - 1)
    if last in listed("being") and not word.endswith("ing"):
        return True
    if last == "," and key_at(tokens, at + 1) in _WHERE:  # a firm, founded in 1894
        return True
    if "by" not in following:
        return False
    between = tokens[at + 1 : at + 1 + following.index("by")]
    passive = not (listed("being") | {"got"}).isdisjoint(before)
    return passive or not any(is_content(token) for token in between)
