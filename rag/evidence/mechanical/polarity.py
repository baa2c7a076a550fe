"""What a statement denies and its quotes say, or the other way round; and what it says too strongly."""

from collections.abc import Iterator, Sequence
from functools import cache

from rag.evidence.mechanical.reading import Objection, Reading, united
from rag.evidence.mechanical.words import families, is_content, lemma, listed, stem, tables

_SCOPE = 6
_BEFORE = frozenset(("before", "prior"))
_AFTER = frozenset(("after", "following"))
_CLAUSE_ENDS = frozenset(", ; : . ? ! ( ) but which who because although while whereas".split())


def negation_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[Objection]:
    """Denials that only one side makes."""
    ours = _denied(said)
    bearing = united(quotes, "stems")
    for scope in ours:
        shared = [word for word in scope if word in bearing]
        plainly = len(shared) >= 2 and len(shared) >= 0.6 * len(scope)
        denying = _may_deny if not plainly else _denies
        if len(shared) >= len(scope) / 2 and not any(denying(quote) for quote in quotes):
            yield Objection("negation", "The quotes do not deny it")
            return
    if ours or _may_deny(said):
        return
    for quote in quotes:
        for scope in _denied(quote):
            shared = [word for word in scope if word in said.stems]
            enough = len(shared) >= 2 or len(scope) == 1 == len(shared)
            if enough and scope[0] in said.stems and len(shared) >= 0.6 * len(scope):
                if _covers(said, quote) and not _affirmed(scope[0], quote):
                    yield Objection("negation", "The quotes deny it")
                    return


def opposite_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[Objection]:
    """Words whose opposite stands in the quotes about the same."""
    there = united(quotes, "lemmas")
    for at, token in enumerate(said.tokens):
        for against in _opposites().get(lemma(token.key), ()):
            if lemma(token.key) in there or said.lemmas & against or token.capital and at:
                continue
            family = _family(lemma(token.key), against)
            if there & family:
                continue
            for quote in quotes:
                word = next((t for t in quote.tokens if lemma(t.key) in against), None)
                if word is None or not _about_the_same(at, said, word.start, quote):
                    continue
                if bool(_denied(said)) != bool(_denied(quote)):
                    continue
                yield Objection("opposite", f'The quotes say "{word.text}", not "{token.text}"')
                return
    yield from _order_objections(said, quotes)


def strong_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[Objection]:
    """Universal, exclusive, superlative or certain words that the quotes have in no form."""
    there = united(quotes, "keys")
    for at, token in enumerate(said.tokens):
        word = token.key
        if word in there or _idle(said, at):
            continue
        homes = [family for family in families("strong") if word in family]
        if homes and not any(family & there for family in homes):
            yield Objection("overclaim", f'"{token.text}" is not in the quotes')
            return
        if _superlative(said, at) and not any(_has_superlative(quote) for quote in quotes):
            yield Objection("overclaim", f'"{token.text}" is not in the quotes')
            return
    yield from _one_of_many(said, quotes)


def _denied(reading: Reading) -> list[list[str]]:
    """For each negation the stems of the words it denies, the nearest first."""
    scopes: list[list[str]] = []
    tokens = reading.tokens
    for at, token in enumerate(tokens):
        if not (token.key in listed("negators") or token.key.endswith("n't")):
            continue
        following = tokens[at + 1].key if at + 1 < len(tokens) else ""
        if following in (
            "only",
            "just",
            "until",
            "least",
            "doubt",
            "longer",
            "less",
            "fewer",
            "more",
        ):
            continue
        scope: list[str] = []
        for other in tokens[at + 1 : at + 1 + 2 * _SCOPE]:
            if other.key in _CLAUSE_ENDS or len(scope) == 4:
                break
            if is_content(other):
                scope.append(stem(other.key))
            elif other.key in ("did", "have", "had"):
                continue
        if scope:
            scopes.append(scope)
    return scopes


@cache
def _deniallike() -> frozenset[str]:
    return frozenset(
        lemma(word) for word in listed("deniallike") | listed("negators") | listed("denying")
    )


def _denies(reading: Reading) -> bool:
    """Whether a text has a plain negation."""
    return bool(reading.keys & listed("negators")) or any(
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
            and token.key.startswith(
                ("un", "non", "dis", "im", "ir", "il", "inab", "inc", "ins", "ine")
            )
            and not token.key.startswith(
                ("unit", "under", "uni", "until", "import", "impl", "impr")
            )
            and not token.key.startswith(("imp", "inst", "inc", "ins", "dist", "disc", "disp"))
        )
        for token in reading.tokens
    )


def _affirmed(word: str, quote: Reading) -> bool:
    """Whether the quote has a word outside every denial too."""
    times = sum(stem_ == word for _, stem_ in quote.content)
    return times > sum(scope.count(word) for scope in _denied(quote))


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


def _about_the_same(at: int, said: Reading, start: int, quote: Reading) -> bool:
    """Whether the words around a word of the statement are around a word of the quote too."""
    ours = [word for place, word in said.content if place != at]
    near = [word for place, word in said.content if place != at and abs(place - at) <= 5]
    place = next(i for i, token in enumerate(quote.tokens) if token.start == start)
    theirs = {word for i, word in quote.content if abs(i - place) <= 6}
    shared = sum(word in quote.stems for word in ours)
    return bool(near) and shared >= 0.6 * len(ours) and sum(w in theirs for w in near) >= 2


def _order_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[Objection]:
    """`before` where the quotes have `after` the same, and the other way round."""
    for words, others in ((_BEFORE, _AFTER), (_AFTER, _BEFORE)):
        ours = _following(said, words)
        if not ours or words & united(quotes, "keys") or others & said.keys:
            continue
        for quote in quotes:
            if ours & _following(quote, others) and _covers(said, quote):
                theirs = next(t.text for t in quote.tokens if t.key in others)
                word = next(t.text for t in said.tokens if t.key in words)
                yield Objection("opposite", f'The quotes say "{theirs}", not "{word}"')
                return


def _following(reading: Reading, words: frozenset[str]) -> frozenset[str]:
    """The stems of the two words of meaning that follow any of `words`."""
    places = [at for at, token in enumerate(reading.tokens) if token.key in words]
    return frozenset(
        stem_ for place in places for stem_ in [s for at, s in reading.content if at > place][:2]
    )


def _idle(said: Reading, at: int) -> bool:
    """Whether a strong word says little where it stands: `at first`, `no longer`, `just under`."""
    token = said.tokens[at]
    before = said.tokens[at - 1].key if at else ""
    after = said.tokens[at + 1].key if at + 1 < len(said.tokens) else ""
    if token.capital and (at or at + 1 < len(said.tokens) and said.tokens[at + 1].capital):
        return True
    match token.key:
        case "all":
            return before in ("for", "at", "of", "after") or after in ("over", "but", "the")
        case "most" | "least":
            return before in ("at",) or after in ("of", "likely") or before != "the"
        case "first":
            return (
                before in ("at", "the")
                and after in ("name", "lady", "century", "half")
                or (after in ("century", "half", "name", "lady"))
            )
        case "only":
            return before in ("not", "if")
        case (
            "just" | "new" | "known" | "show" | "shows" | "shown" | "original" | "single" | "world"
        ):
            return True
        case "ensure" | "ensures" | "full" | "total" | "begin" | "founded" | "complete" | "any":
            return True
        case "no" | "not" | "none" | "nor" | "without" | "nothing" | "n't" | "never" | "neither":
            return True
        case "each" | "both" | "ever" | "confirm" | "confirms" | "established" | "demonstrated":
            return True
        case "demonstrate" | "proof" | "unique" | "alone" | "sole" | "throughout" | "certain":
            return True
    return False


def _superlative(reading: Reading, at: int) -> bool:
    """Whether a word is one of the `-est` or `most` kind that singles something out."""
    token = reading.tokens[at]
    word = token.key
    if token.capital or word in ("least", "last", "main", "major", "leading", "top", "chief"):
        return False
    if word == "most":
        return at > 0 and reading.tokens[at - 1].key == "the"
    if word in ("best", "worst"):
        return True
    return len(word) > 5 and word.endswith("est") and word not in listed("notsuperlative")


def _has_superlative(quote: Reading) -> bool:
    return bool(quote.keys & listed("superlatives")) or any(
        token.key.endswith("est")
        and len(token.key) > 5
        and token.key not in listed("notsuperlative")
        for token in quote.tokens
    )


def _one_of_many(said: Reading, quotes: Sequence[Reading]) -> Iterator[Objection]:
    """The largest, where the quotes say one of the largest."""
    for at, token in enumerate(said.tokens):
        if not _superlative(said, at) or said.keys & {"among", "one", "some"}:
            continue
        for quote in quotes:
            for place, other in enumerate(quote.tokens):
                before = [t.key for t in quote.tokens[max(0, place - 4) : place]]
                ranked = other.key == token.key and (
                    "among" in before
                    or any(p == ("one", "of") for p in zip(before, before[1:], strict=False))
                )
                if ranked:
                    yield Objection(
                        "overclaim", f"The quotes say one of the {other.text}, not the {other.text}"
                    )
                    return
