"""Words by which a statement says more than its quotes do: all, only, the first, the largest."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.evidence.mechanical.numerals import ORDINALS, UNITS, key_at
from rag.evidence.mechanical.reading import Reading, united
from rag.evidence.mechanical.units import TIME_WORDS
from rag.evidence.mechanical.words import families, listed

_RECURRING = TIME_WORDS | UNITS.keys() - {"one"} | ORDINALS.keys() | {"other"}


def strong_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Universal, exclusive, superlative or certain words that the quotes have in no form."""
    there = united(quotes, "keys")
    for at, token in enumerate(said.tokens):
        word = token.key
        if word in there or _idle(said, at):
            continue
        homes = [family for family in families("strong") if word in family]
        if homes and not any(family & there for family in homes):
            yield f'"{token.text}" is not in the quotes'
            return
        if _superlative(said, at) and not any(_has_superlative(quote) for quote in quotes):
            yield f'"{token.text}" is not in the quotes'
            return
    yield from _one_of_many(said, quotes)


def _idle(said: Reading, at: int) -> bool:
    """Whether a strong word says little where it stands: `at first`, `no longer`, `just under`."""
    token = said.tokens[at]
    before, after = key_at(said.tokens, at - 1), key_at(said.tokens, at + 1)
    if token.capital and (at or (at + 1 < len(said.tokens) and said.tokens[at + 1].capital)):
        return True
    match token.key:
        case "all":
            return before in ("for", "at", "of", "after", "is") or after in ("over", "but", "the")
        case "every":
            return after in _RECURRING
        case "whole":
            return before == "a"
        case "best":
            return after == "part"
        case "proved" | "proven":
            return after in ("to", "nothing")
        case "guarantee":
            return before in ("a", "the", "no", "written", "this", "that")
        case "most" | "least":
            return before in ("at",) or after in ("of", "likely") or before != "the"
        case "first":
            return before == "at" or after in ("name", "lady", "century", "half")
        case "only":
            return before in ("not", "if") or after == "to"
    return token.key in listed("idle")


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


def _one_of_many(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """The largest, where the quotes say one of the largest."""
    for at, token in enumerate(said.tokens):
        if not _superlative(said, at) or said.keys & {"among", "one", "some"}:
            continue
        for quote in quotes:
            for place, other in enumerate(quote.tokens):
                before = [t.key for t in quote.tokens[max(0, place - 4) : place]]
                ranked = other.key == token.key and (
                    "among" in before or any(p == ("one", "of") for p in pairwise(before))
                )
                if ranked:
                    yield f"The quotes say one of the {other.text}, not the {other.text}"
                    return
