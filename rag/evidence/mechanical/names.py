"""A text -> the names in it, and whether two names may mean the same."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from rag.evidence.mechanical.dates import MONTHS, WEEKDAYS
from rag.evidence.mechanical.numerals import ORDINALS, SCALES, TENS, UNITS, key_at
from rag.evidence.mechanical.words import Token, key, lemma, listed, tokens

_PARTICLES = frozenset(
    "of and the for de da do del della di du van von der den la le al el".split()
)
_ENDS = frozenset('.!?:;"' + "(")
_LIKE_COMMON = re.compile(
    r"(?:ly|ing|ed|tion|sion|ment|ness|ity|ship|ance|ence|ism|ists?|ers|ors)$"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A run of capitalised words: the keys of its parts (`@` and a country where one is named), and
    the tokens it spans. `sure` is false where only the start of a sentence makes the capital."""

    parts: tuple[str, ...]
    text: str
    first: int
    last: int
    sure: bool

    @property
    def own(self) -> tuple[str, ...]:
        """Its parts but for titles: of President Putin, Putin."""
        return tuple(part for part in self.parts if part not in listed("titlewords"))


def names(tokens_: Sequence[Token], text: str) -> tuple[Name, ...]:
    """The names of a tokenised text, in order."""
    found: list[Name] = []
    at = 0
    while at < len(tokens_):
        if not _begins(tokens_, at):
            at += 1
            continue
        last = at
        while last + 1 < len(tokens_):
            following = tokens_[last + 1]
            hyphened = following.key == "-" and following.glued and last + 2 < len(tokens_)
            if hyphened and tokens_[last + 2].glued and tokens_[last + 2].is_word:
                if not (tokens_[last + 2].capital or len(tokens_[last + 2].key) <= 3):
                    break
                last += 2
            elif _capital(following) and not tokens_[last].text.endswith("'s"):
                last += 1
            else:
                break
        first_of_sentence = at == 0 or tokens_[at - 1].key in _ENDS
        words = [token for token in tokens_[at : last + 1] if token.is_word]
        sure = not first_of_sentence or sum(token.capital for token in words) > 1
        if len(words) == 1 and words[0].key in listed("titlewords"):
            at = last + 1
            continue
        said = text[tokens_[at].start : tokens_[last].end].removesuffix("'s")
        found.append(Name(_parts([token.key for token in words]), said, at, last, sure))
        at = last + 1
    return tuple(found)


def _begins(tokens_: Sequence[Token], at: int) -> bool:
    token, following = tokens_[at], tokens_[at + 1 : at + 2]
    if not _capital(token) or (following and following[0].glued and following[0].key in _MONEY):
        return False
    if at and tokens_[at - 1].key not in _ENDS:
        return True
    if key_at(tokens_, at + 1) == "-" and token.key in listed("prefixes"):
        return False
    numeral = token.key in _NUMERALS and not (following and following[0].capital)
    return not numeral and token.key not in listed("openers")


def _capital(token: Token) -> bool:
    return (
        token.capital
        and token.is_word
        and token.key not in _NO_NAMES
        and (len(token.key) > 1 or token.text.endswith("."))
    )


def name_like(tokens_: Sequence[Token], name: Name) -> bool:
    """Whether the one word that begins a sentence looks like a name by what surrounds it."""
    word = tokens_[name.first]
    if name.parts[0].startswith("@") or word.text.endswith("'s") or word.text.isupper():
        return True
    if tokens_[name.last].key in listed("function"):  # Run-up
        return False
    following = tokens_[name.last + 1] if name.last + 1 < len(tokens_) else None
    if following is None or _LIKE_COMMON.search(word.key) or lemma(word.key) != word.key:
        return False
    return following.key in listed("verblike") or (
        following.key.endswith("ed") and len(following.key) > 4
    )


@cache
def _countries() -> Mapping[tuple[str, ...], str]:
    """Names, peoples and capitals as keys of words -> `@` and the country."""
    known: dict[tuple[str, ...], str] = {}
    for line in _country_lines():
        country = "@" + key(line.split("|")[0].split(",")[0])
        for name in re.split(r"[|,]", line):
            if name:
                known[tuple(token.key for token in tokens(name) if token.is_word)] = country
    return known


@cache
def peoples() -> frozenset[str]:
    """The keys of words for what is of a country, and for its people: Czech, Dane."""
    named = ",".join(line.split("|")[1] for line in _country_lines())
    return frozenset(key(name) for name in named.split(",") if name)


@cache
def _country_lines() -> tuple[str, ...]:
    lines = (files(__package__) / "countries.txt").read_text("utf-8").split("\n")
    return tuple(line for line in lines if line and not line.startswith("#"))


def _parts(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a name, with countries put in."""
    known = _countries()
    parts: list[str] = []
    at = 0
    while at < len(words):
        for length in (4, 3, 2, 1):
            run = tuple(words[at : at + length])
            country = len(run) == length and (
                known.get(run) or known.get((*run[:-1], _PERSON.sub("", run[-1])))
            )
            if country:
                parts.append(country)
                at += length
                break
        else:
            parts.append(words[at])
            at += 1
    return tuple(parts)


@lru_cache(maxsize=4096)
def same(one: str, other: str) -> bool:
    """Whether two parts of names may be two spellings of one: Zelensky, Zelenskyy."""
    if one == other:
        return True
    if one[0] == "@" or other[0] == "@":
        korean = {"@north korea", "@south korea"}
        return {one, other} != korean and {one, other} <= korean | {"korea", "korean"}
    if lemma(one) == lemma(other):
        return True
    if min(len(one), len(other)) < 4 or one[0] != other[0]:
        return False
    longer, shorter = sorted((one, other), key=len, reverse=True)
    if longer.startswith(shorter) and longer[len(shorter) :] in _PEOPLE_ENDINGS:
        return True
    if _skeleton(one) == _skeleton(other) and len(_skeleton(one)) >= 4:
        return True
    return len(shorter) >= 8 and _one_edit(shorter, longer)


def among(name: Name, others: Sequence[Name]) -> bool:
    """Whether any of these may be the name of the same one."""
    return any(same_name(name, other) for other in others)


def same_name(name: Name, other: Name) -> bool:
    """Whether two names may be those of one: Kim and Kim Jong Un, Russian and Russia's President
    Putin."""
    ours, theirs = name.own, other.own
    shared = [part for part in ours if any(same(part, their) for their in theirs)]
    short, long = sorted((ours, theirs), key=len)
    if any(part[0] == "@" for part in shared) or short == (initials(long),):
        return True
    return len(shared) >= min(len(short), 2) > 0


def _skeleton(word: str) -> str:
    """The consonants of a name as any transliteration might write them."""
    for written, heard in _HEARD:
        word = word.replace(written, heard)
    bare = word[0] + re.sub(r"[aeiouh]", "", word[1:])
    return re.sub(r"(.)\1", r"\1", bare)


_HEARD = (
    ("x", "ks"), ("ck", "k"), ("ph", "f"), ("c", "k"), ("w", "v"), ("sz", "s"), ("zh", "j"),
    ("kh", "h"), ("ch", "k"), ("q", "k"), ("y", ""), ("j", ""),
)  # fmt: skip


def _one_edit(shorter: str, longer: str) -> bool:
    if len(longer) - len(shorter) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), None)
    if at is None:
        return True
    skip = at + 1 if len(longer) == len(shorter) else at
    return shorter[skip:] == longer[at + 1 :]


def initials(words: Sequence[str]) -> str:
    """The first letters of words, without particles."""
    return "".join(word[0] for word in words if word not in _PARTICLES)


_PEOPLE_ENDINGS = frozenset("n an ian ese ish i s ns ans ians ist ists ic er ers".split())
_PERSON = re.compile(r"(?:s|m[ae]n|wom[ae]n)$")
_NUMERALS = UNITS.keys() | TENS.keys() | SCALES.keys() | ORDINALS.keys()
_MONEY = frozenset("$£€¥")
_NO_NAMES = frozenset(
    [*MONTHS, *WEEKDAYS, "i", "mr", "mrs", "ms", "dr", "sir", "st", "jan", "feb", "mar", "apr",
     "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "usd", "eur", "gbp"]
)  # fmt: skip
