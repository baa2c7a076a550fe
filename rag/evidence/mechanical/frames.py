"""What a quote says may be, is wanted or is alleged, told as if it were so."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.evidence.mechanical.numerals import key_at
from rag.evidence.mechanical.reading import Reading
from rag.evidence.mechanical.words import CLAUSE_ENDS, Token, is_content, lemma, listed, stem

_SCOPE = 5  # words of meaning that a frame is taken to reach
_FAR = 12
_ARE = frozenset("is are was were".split())
_ONLY = frozenset("only not no nobody".split())
_UNTIL = frozenset("before until till".split())
_UNSURE = frozenset("unclear unknown uncertain".split())
_SEEMING = frozenset("seem seems seemed appear appears appeared".split())


def frame_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """A doubt, an aim or an accusation around the same in a quote, of which the statement has none:
    "could", "plans to", "accused of"."""
    doubts = bool(said.keys & (listed("doubts") | listed("doubted")))
    told = bool(said.keys & (listed("aims") | listed("accusations") | listed("told")))
    told = told or any(one.key in _ARE and two.key == "to" for one, two in pairwise(said.tokens))
    for quote in quotes:
        for at, token in enumerate(quote.tokens):
            if lemma(token.key) in said.lemmas:
                continue
            if _doubts(quote.tokens, at):
                framed = None if doubts else at
            else:
                framed = None if told else _framed_from(quote.tokens, at)
            if framed is not None and _about_the_same(quote.tokens[framed + 1 :], said):
                yield f'The quotes say "{token.text}"'
                return


def _doubts(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word makes what follows it no more than possible."""
    token, following = tokens[at], key_at(tokens, at + 1)
    match token.key:
        case "would":  # it would have won; they would rather win
            then = key_at(tokens, at + 2)
            return following == "rather" or (following == "have" and lemma(then) != then)
        case "suspect" | "suspects":
            return following == "that"
        case "whether":
            return not _UNSURE.isdisjoint(key_at(tokens, place) for place in range(at - 3, at))
    if token.key not in listed("doubts") or token.capital:
        return False
    if token.key in _SEEMING:
        return following == "to"
    if token.key == "may" and (following in _ONLY or key_at(tokens, at - 2) in _ONLY):
        return False  # a rule, not a doubt
    if token.key == "could" and _UNTIL & {key_at(tokens, place) for place in range(at - 4, at)}:
        return False
    return (token.key, following) != ("could", "not")


def _framed_from(tokens: Sequence[Token], at: int) -> int | None:
    """The token after which there is what a word makes an aim or an accusation, if it does."""
    word = tokens[at].key
    if word in listed("aims") and "to" in (key_at(tokens, at + 1), key_at(tokens, at + 2)):
        return at
    if word in listed("accusations"):
        return next((i for i in range(at + 1, at + 8) if key_at(tokens, i) == "of"), None)
    if (key_at(tokens, at - 1), word, key_at(tokens, at + 1)) == ("on", "trial", "for"):
        return at + 1
    return None


def _about_the_same(tokens: Sequence[Token], said: Reading) -> bool:
    """Whether the statement has the next words of meaning."""
    scope: list[str] = []
    for token in tokens[:_FAR]:
        if token.key in CLAUSE_ENDS or len(scope) == _SCOPE:
            break
        if is_content(token):
            scope.append(stem(token.key))
    shared = [word for word in scope if word in said.stems]
    near = bool(shared) and (scope[0] == shared[0] or len(shared) >= 2)
    return near and len(shared) >= 0.5 * len(scope)
