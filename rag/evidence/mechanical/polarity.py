"""What a statement denies and its quotes do not, or they do and it does not."""

from collections.abc import Iterator, Sequence
from functools import cache

from rag.evidence.mechanical.numerals import key_at
from rag.evidence.mechanical.reading import Reading, united
from rag.evidence.mechanical.words import (
    CLAUSE_ENDS,
    Token,
    is_content,
    lemma,
    listed,
    stem,
    stems,
    tables,
)

_SCOPE = 6
_BEFORE = frozenset(("before", "prior"))
_AFTER = frozenset(("after", "following"))
_NEARLY = frozenset(("almost", "nearly"))
_STATED_NEXT = frozenset((";", ":", ".", "but"))
_PREPOSITIONS = frozenset("of in on at to for with by from".split())
_NO_DENIAL = frozenset("only just until least doubt longer less fewer more".split())


def negation_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Denials that only one side makes."""
    ours = _denied(said)
    bearing = united(quotes, "stems")
    for scope in ours:
        shared = [word for word in scope if word in bearing]
        plainly = len(shared) >= 2 and len(shared) >= 0.6 * len(scope)
        denying = _may_deny if not plainly else _denies
        bears = plainly or (scope[0] in shared and len(shared) >= len(scope) / 2)
        if bears and not any(denying(quote) for quote in quotes):
            yield "The quotes do not deny it"
            return
    yield from _refuted(said, quotes)
    if ours or _may_deny(said):
        return
    for quote in quotes:
        scopes = [*_denied(quote), *_undone(said, quote)]
        for scope in scopes:
            shared = [word for word in scope if word in said.stems]
            enough = len(shared) >= 2 or len(scope) == 1 == len(shared)
            enough = enough and scope[0] in said.stems and len(shared) >= 0.6 * len(scope)
            if enough and _covers(said, quote) and not _affirmed(scope[0], quote, scopes):
                yield "The quotes deny it"
                return


def opposite_objections(
    said: Reading, quotes: Sequence[Reading], context: Reading
) -> Iterator[str]:
    """Words whose opposite stands in the quotes about the same."""
    there = united(quotes, "lemmas")
    for at, token in enumerate(said.tokens):
        if _bounds(said, at):
            continue
        for against in _opposites().get(lemma(token.key), ()):
            if lemma(token.key) in there or said.lemmas & against or (token.capital and at):
                continue
            family = _family(lemma(token.key), against)
            if there & family:
                continue
            for quote in quotes:
                places = (i for i, t in enumerate(quote.tokens) if lemma(t.key) in against)
                place = next((i for i in places if not _bounds(quote, i)), None)
                if place is None or not _about_the_same(at, said, place, quote, context):
                    continue
                if bool(_denied(said)) != bool(_denied(quote)):
                    continue
                yield f'The quotes say "{quote.tokens[place].text}", not "{token.text}"'
                return
    yield from _order_objections(said, quotes)


def _refuted(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What somebody denies in a quote, told as if it were so."""
    if said.lemmas & (listed("refuting") | listed("told")) or _denies(said):
        return
    ours = [word for _, word in said.content]
    for quote in quotes:
        for at, token in enumerate(quote.tokens):
            if lemma(token.key) not in listed("refuting"):
                continue
            if key_at(quote.tokens, at - 1) in listed("being"):  # dismissed from office
                continue
            ends = (i for i, t in enumerate(quote.tokens) if i > at and t.key in _STATED_NEXT)
            last = next(ends, len(quote.tokens))
            denied = {word for place, word in quote.content if at < place < last}
            shared = sum(word in denied for word in ours)
            if shared >= 2 and shared >= 0.3 * len(ours):
                yield "The quotes deny it"
                return


def _denied(reading: Reading) -> list[list[str]]:
    """For each negation the stems of the words it denies, the nearest first."""
    scopes: list[list[str]] = []
    tokens = reading.tokens
    for at, token in enumerate(tokens):
        if not _negates(token.key):
            continue
        if key_at(tokens, at + 1) in _NO_DENIAL:
            continue
        if scope := _scope(reading, _claim(tokens, at + 1)):
            scopes.append(scope)
    return scopes


def _claim(tokens: Sequence[Token], start: int) -> int:
    """Where what a negation denies begins: after "that" in `not true that`, `nobody believes
    that`."""
    for at in range(start, start + 4):
        word = key_at(tokens, at)
        if word == "that" and stem(key_at(tokens, at - 1)) in stems("belief"):
            return at + 1
    return start


def _undone(said: Reading, quote: Reading) -> list[list[str]]:
    """The stems of what a quote tells that nobody did: `refused to`, `escaped being`, `nearly`."""
    scopes: list[list[str]] = []
    for at, token in enumerate(quote.tokens):
        following = key_at(quote.tokens, at + 1)
        undone = (
            (stem(token.key) in stems("notdoing") and following == "to")
            or (stem(token.key) in stems("escaping") and following.endswith("ing"))
            or (token.key in _NEARLY and _past(following) and not said.keys & listed("nearly"))
        )
        twice = any(_negates(key_at(quote.tokens, place)) for place in (at - 1, at - 2))
        if (
            undone
            and not twice
            and _same_doer(said, quote, at)
            and (scope := _scope(quote, at + 1))
        ):
            scopes.append(scope)
    return scopes


def _same_doer(said: Reading, quote: Reading, at: int) -> bool:
    """Whether the statement has a word of meaning from what comes before a verb, or a pronoun is
    there."""
    before = quote.tokens[max(0, at - 2 * _SCOPE) : at]
    return any(
        token.key in listed("pronouns") or (is_content(token) and stem(token.key) in said.stems)
        for token in before
    )


def _negates(word: str) -> bool:
    return word in listed("negators") or word.endswith("n't")


def _past(word: str) -> bool:
    return word.endswith("ed") or (lemma(word) != word and not word.endswith(("s", "ing")))


def _scope(reading: Reading, start: int) -> list[str]:
    """The stems of the words of meaning from a token on, to the end of the clause."""
    scope: list[str] = []
    for token in reading.tokens[start : start + 2 * _SCOPE]:
        if token.key in CLAUSE_ENDS or len(scope) == 4:
            break
        if is_content(token):
            scope.append(stem(token.key))
    return scope


@cache
def _deniallike() -> frozenset[str]:
    return frozenset(
        lemma(word) for word in listed("deniallike") | listed("negators") | listed("denying")
    )


def _denies(reading: Reading) -> bool:
    """Whether a text has a plain negation."""
    return bool(reading.keys & (listed("negators") | listed("excluding"))) or any(
        token.key.endswith("n't") or lemma(token.key) in listed("denying")
        for token in reading.tokens
    )


def _may_deny(reading: Reading) -> bool:
    """Whether a text denies anything, in whatever words."""
    return bool(reading.lemmas & _deniallike()) or any(
        token.key.endswith(("n't", "less"))
        or (
            token.is_word
            and not token.capital
            and len(token.key) > 5
            and token.key.startswith(("un", "non", "dis", "im", "ir", "il", "inab", "ine"))
            and not token.key.startswith(("under", "uni", "until", "imp", "dist", "disc", "disp"))
        )
        for token in reading.tokens
    )


def _affirmed(word: str, quote: Reading, scopes: Sequence[Sequence[str]]) -> bool:
    """Whether the quote has a word outside everything that it denies too."""
    times = sum(stem_ == word for _, stem_ in quote.content)
    return times > sum(scope.count(word) for scope in scopes)


def _covers(said: Reading, quote: Reading) -> bool:
    """Whether the quote has a good part of what the statement says."""
    words = [word for _, word in said.content]
    return sum(word in quote.stems for word in words) >= 0.4 * len(words)


@cache
def _opposites() -> dict[str, tuple[frozenset[str], ...]]:
    found: dict[str, list[frozenset[str]]] = {}
    for line in _opposite_lines():
        left, right = line
        for word in left:
            found.setdefault(word, []).append(right)
        for word in right:
            found.setdefault(word, []).append(left)
    return {word: tuple(sides) for word, sides in found.items()}


@cache
def _opposite_lines() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    lines = (line.split("/") for line in tables()["opposites"].split("\n") if "/" in line)
    return tuple(
        (
            frozenset(lemma(word) for word in left.split()),
            frozenset(lemma(word) for word in right.split()),
        )
        for left, right in lines
    )


def _family(word: str, against: frozenset[str]) -> frozenset[str]:
    for left, right in _opposite_lines():
        if word in left and right == against:
            return left
        if word in right and left == against:
            return right
    return frozenset()


def _about_the_same(at: int, said: Reading, place: int, quote: Reading, context: Reading) -> bool:
    """Whether the words around a word of the statement are around a word of the quote too; names
    may stand in the context."""
    named = said.named
    ours = [
        word
        for i, word in said.content
        if i != at and not (i in named and word not in quote.stems and word in context.stems)
    ]
    near = [word for i, word in said.content if i != at and abs(i - at) <= 5]
    theirs = {word for i, word in quote.content if abs(i - place) <= 6}
    shared = sum(word in quote.stems for word in ours)
    return bool(near) and shared >= 0.7 * len(ours) and sum(w in theirs for w in near) >= 2


def _order_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """`before` where the quotes have `after` the same, and the other way round."""
    for words, others in ((_BEFORE, _AFTER), (_AFTER, _BEFORE)):
        ours = _following(said, words)
        if not ours or words & united(quotes, "keys") or others & said.keys:
            continue
        for quote in quotes:
            if ours & _following(quote, others) and _covers(said, quote):
                theirs = next(t.text for t in quote.tokens if t.key in others)
                word = next(t.text for t in said.tokens if t.key in words)
                yield f'The quotes say "{theirs}", not "{word}"'
                return


def _bounds(reading: Reading, at: int) -> bool:
    """Whether a word only bounds a number: `at least`, `at most`."""
    return key_at(reading.tokens, at - 1) == "at"


def _following(reading: Reading, words: frozenset[str]) -> frozenset[str]:
    """The stems of what any of `words` is followed by, up to the next preposition."""
    found: set[str] = set()
    for place, token in enumerate(reading.tokens):
        if token.key not in words:
            continue
        for other in reading.tokens[place + 1 : place + 1 + _SCOPE]:
            if other.key in CLAUSE_ENDS or (found and other.key in _PREPOSITIONS):
                break
            if is_content(other):
                found.add(stem(other.key))
    return frozenset(found)
