"""A text -> the numbers in it, in words or digits, each with what it counts and how surely."""

from collections.abc import Mapping, Sequence

from rag.evidence.mechanical.dates import MONTHS, WEEKDAYS
from rag.evidence.mechanical.numerals import (
    ORDINALS,
    ROMAN,
    SCALES,
    TENS,
    UNITS,
    in_words,
    key_at,
    roman,
)
from rag.evidence.mechanical.quantities import Bound, Quantity, Sort
from rag.evidence.mechanical.units import (
    MONEY,
    currency_after,
    currency_before,
    longest,
    measured,
)
from rag.evidence.mechanical.words import CLAUSE_ENDS, Token, is_content, stem, stems

_SHORT_SCALES = {
    "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "tn": 1e12, "b": 1e9, "mln": 1e6, "bln": 1e9
}  # fmt: skip
_FRACTIONS = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4} | {
    word + plural: value
    for word, value in ORDINALS.items()
    if 3 <= value <= 20
    for plural in ("", "s")
}
_PARTED = frozenset(
    "of the less more fewer lower higher smaller larger cheaper shorter longer".split()
)
_DECADES = {word[:-1] + "ies": value for word, value in TENS.items()}
_IMPLIED = {"both": 2, "couple": 2, "pair": 2, "twice": 2, "double": 2, "doubled": 2, "twin": 2,
            "trio": 3, "triple": 3, "tripled": 3, "thrice": 3, "decade": 10, "century": 100,
            "single": 1, "dozen": 12, "once": 1, "hundred": 100, "thousand": 1000,
            "quarter": 0.25, "half": 0.5, "third": 3, "zero": 0, "alone": 1}  # fmt: skip
_VAGUE = {"tens": 10, "dozens": 1e1, "scores": 2e1, "hundreds": 1e2, "thousands": 1e3,
          "millions": 1e6, "billions": 1e9}  # fmt: skip
_HUNDREDTHS: Mapping[str, tuple[Sort, float]] = {
    **dict.fromkeys(("%", "percent", "pct", "per cent"), ("percent", 1.0)),
    **dict.fromkeys(
        ("percentage point", "percentage points", "% points", "percent points", "per cent points"),
        ("points", 1.0),
    ),
    **dict.fromkeys(("basis point", "basis points", "bps"), ("points", 0.01)),
}
_DATED = frozenset((*MONTHS, *WEEKDAYS))
_BOUNDS: Sequence[tuple[str, Bound]] = (
    ("no more than", "under"), ("not more than", "under"), ("no fewer than", "over"),
    ("no less than", "over"), ("more than", "over"), ("at least", "over"),
    ("greater than", "over"),
    ("upwards of", "over"), ("in excess of", "over"), ("less than", "under"),
    ("fewer than", "under"),
    ("at most", "under"), ("up to", "under"), ("maximum of", "under"), ("as many as", "under"),
    ("as much as", "under"), ("as long as", "under"), ("as late as", "under"),
    ("not exceeding", "under"), ("smaller than", "under"),
    ("close to", "about"), ("just under", "about"), ("just over", "about"),
    ("a little over", "about"),
    ("over", "over"), ("above", "over"), ("exceed", "over"), ("exceeds", "over"),
    ("exceeded", "over"), ("exceeding", "over"), ("under", "under"), ("below", "under"),
    ("about", "about"), ("around", "about"), ("roughly", "about"), ("approximately", "about"),
    ("some", "about"), ("nearly", "about"), ("almost", "about"), ("estimated", "about"),
    ("circa", "about"), ("c", "about"), ("ca", "about"), ("approx", "about"), ("~", "about"),
    ("perhaps", "about"), ("within", "about"),
)  # fmt: skip


def quantities(tokens: Sequence[Token], text: str) -> tuple[Quantity, ...]:
    """The quantities of a tokenised text, in order."""
    found: list[Quantity] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        quantity = None
        if token.is_number or token.key in _STARTS:
            quantity = _quantity(tokens, at, text)
        elif ROMAN.match(token.text) and at:
            value = roman(token.text)
            quantity = _made(tokens, text, at, at, float(value), sort="ordinal", implied=True)
        if quantity:
            found.append(quantity)
            at = quantity.last + 1
            if quantity.reach > quantity.last and tokens[quantity.reach].is_number:  # km^2
                at = quantity.reach + 1
        else:
            at += 1
    return tuple(found)


def _quantity(tokens: Sequence[Token], at: int, text: str) -> Quantity | None:
    """The quantity that begins at a token, None where none does."""
    token = tokens[at]
    after = key_at(tokens, at + 1)
    if token.key in ("a", "an"):
        if after in _FRACTIONS and _is_share(tokens, at):
            return _part(tokens, text, at, at + 1, 1 / _FRACTIONS[after])
        if measured(tokens, at + 1)[0]:
            return _span(tokens, at, text)
        if after in SCALES or after in _FRACTIONS:
            inner = _quantity(tokens, at + 1, text)
            if inner and inner.sort != "ordinal":
                return _spread(inner, at, text, tokens)
        return None
    if token.key in _VAGUE:
        scale = _VAGUE[token.key]
        last = at
        if after == "of" and key_at(tokens, at + 2) in _VAGUE:
            scale *= _VAGUE[key_at(tokens, at + 2)]
            last = at + 2
        return _made(tokens, text, at, last, scale, sort="vague")
    if token.key in _DECADES:
        return _made(tokens, text, at, at, float(_DECADES[token.key]), sort="decade")
    value, last, ordinal = _digits(tokens, at) if token.is_number else in_words(tokens, at)
    if value is None:
        if token.key in ("half", "quarter", "quarters"):
            implied = token.key != "half"
            return _part(tokens, text, at, at, 1 / _FRACTIONS[token.key], implied)
        if token.key in _IMPLIED:
            return _made(tokens, text, at, at, float(_IMPLIED[token.key]), implied=True)
        return None
    return _finished(tokens, at, text, value, last, ordinal)


def _is_share(tokens: Sequence[Token], at: int) -> bool:
    """Whether an article and a fraction mean a share: `a fifth of`, `by a fifth`, `almost a
    fifth`; "a fifth" may be a place."""
    beside = key_at(tokens, at + 2) in _PARTED or key_at(tokens, at - 1) == "by"
    return beside or _bound(tokens, at) != "exact"


def _span(tokens: Sequence[Token], at: int, text: str) -> Quantity:
    """One of a unit, or one and a half: `an hour`, `a year and a half`."""
    half = [key_at(tokens, at + step) for step in (2, 3, 4)] == ["and", "a", "half"]
    last = at + 4 if half else at
    return _made(tokens, text, at, last, 1.5 if half else 1.0, implied=not half, unit=at + 1)


def _part(
    tokens: Sequence[Token], text: str, first: int, last: int, share: float, implied: bool = False
) -> Quantity:
    """A share, or how many it is of what it is a share of: `half an hour`, `a quarter of a
    million`, `half a dozen`."""
    at = last + 1 + (key_at(tokens, last + 1) == "of")
    if key_at(tokens, at) in ("a", "an"):
        whole = key_at(tokens, at + 1)
        if whole in SCALES:
            return _made(tokens, text, first, at + 1, share * SCALES[whole])
        hundredths, end = longest(tokens, at + 1, _HUNDREDTHS)
        if hundredths:
            return _made(tokens, text, first, end, share * hundredths[1], sort=hundredths[0])
        if whole == "point" or measured(tokens, at + 1)[0]:
            return _made(tokens, text, first, at, share)
    return _made(tokens, text, first, last, share, (100 * share,), "fraction", implied)


def _finished(
    tokens: Sequence[Token], at: int, text: str, value: float, last: int, ordinal: bool
) -> Quantity:
    """A number read, with the scale, fraction, per cent or unit that follows it."""
    after = key_at(tokens, last + 1)
    token = tokens[at]
    also: tuple[float, ...] = ()
    if [key_at(tokens, last + step) for step in (1, 2, 3)] == ["and", "a", "half"]:
        value, last, after = value + 0.5, last + 3, key_at(tokens, last + 4)
        if after in SCALES:
            value, last, after = value * SCALES[after], last + 1, key_at(tokens, last + 2)
    if token.is_number and after == "s" and tokens[last + 1].glued:
        return _made(tokens, text, at, last + 1, value, sort="decade")
    if token.is_number and after == "'" and key_at(tokens, last + 2) == "s":
        return _made(tokens, text, at, last + 2, value, sort="decade")
    if not ordinal and (out_of := _out_of(tokens, value, last)):
        share = value / out_of[0]
        return _made(tokens, text, at, out_of[1], share, (100 * share,), "fraction")
    if ordinal:
        sort: Sort = "century" if after in ("century", "centuries") else "ordinal"
        if value and key_at(tokens, at - 1) == "every":
            also = (1 / value, 100 / value)
        return _made(tokens, text, at, last, value, also, sort, implied=value == 1)
    if after == "/" and tokens[last + 1].glued and key_at(tokens, last + 2).isdecimal():
        below = float(tokens[last + 2].key)
        if value < below <= 100:
            share = value / below
            return _made(tokens, text, at, last + 2, share, (100 * share,), "fraction")
    if (after == "⁄") and key_at(tokens, last + 2).isdecimal() and float(tokens[last + 2].key):
        share = value / float(tokens[last + 2].key)
        return _made(tokens, text, at, last + 2, share, (100 * share,), "fraction")
    if after == "-" and key_at(tokens, last + 2) in _FRACTIONS and value < 10:
        last, after = last + 1, key_at(tokens, last + 2)
    parted = after in _FRACTIONS and after != "half" and value < 10
    if parted and (after.endswith("s") or value == 1):
        return _part(tokens, text, at, last + 1, value / _FRACTIONS[after])
    hundredths, end = longest(tokens, last + 1, _HUNDREDTHS)
    if hundredths:
        kind, size = hundredths
        also = (value / 100,) if kind == "percent" else ()
        return _made(tokens, text, at, end, value * size, also, kind)
    for unit, size in (("decade", 10.0), ("centuri", 100.0), ("century", 100.0)):
        if after.startswith(unit):
            also = (value * size,)
    # "One of them" and "the two men" count what is known already.
    known = not token.is_number and (value == 1 or (value <= 3 and key_at(tokens, at - 1) == "the"))
    return _made(tokens, text, at, last, value, also, implied=known)


def _out_of(tokens: Sequence[Token], value: float, last: int) -> tuple[float, int] | None:
    """What a number is out of, and the token that says it: `one in four`, `3 out of 10`."""
    following = [key_at(tokens, last + step) for step in range(1, 5)]
    if following[0] == "in":
        at = last + 2
    elif following[:2] == ["out", "of"]:
        at = last + 3
    elif value == 1 and "in" in following[1:3]:  # one patient in twenty
        at = last + 2 + following.index("in")
        if at < len(tokens) - 1 and is_content(tokens[at + 1]):
            return None
    else:
        return None
    word = key_at(tokens, at)
    below = float(word) if word.isdecimal() else float({**UNITS, **TENS}.get(word, 0))
    timed = stem(key_at(tokens, at + 1)) in stems("times")
    return (below, at) if 1 <= value < below <= 100 and not timed else None


def _digits(tokens: Sequence[Token], at: int) -> tuple[float | None, int, bool]:
    """A number in digits with its scale or ordinal ending: value, last token, whether ordinal."""
    value = float(tokens[at].key.replace(",", ""))
    last = at
    after = key_at(tokens, at + 1)
    glued = at + 1 < len(tokens) and tokens[at + 1].glued
    if glued and after in ("st", "nd", "rd", "th"):
        return value, at + 1, True
    money = bool(currency_before(tokens, at)[0])
    if after in _SHORT_SCALES and (glued or money) and (after != "m" or money):
        return value * _SHORT_SCALES[after], at + 1, False
    below = key_at(tokens, at + 3)
    parted = after.isdecimal() and key_at(tokens, at + 2) in ("/", "⁄") and below.isdecimal()
    if parted and 0 < float(after) < float(below) <= 100:  # 1 1/2
        value, last = value + float(after) / float(below), at + 3
        after = key_at(tokens, last + 1)
    if after == "-" and key_at(tokens, last + 2) in SCALES:
        last, after = last + 1, key_at(tokens, last + 2)
    while after in SCALES:
        value *= SCALES[after]
        last += 1
        after = key_at(tokens, last + 1)
    return value, last, False


def _made(
    tokens: Sequence[Token],
    text: str,
    first: int,
    last: int,
    value: float,
    also: tuple[float, ...] = (),
    sort: Sort = "plain",
    implied: bool = False,
    unit: int = 0,
) -> Quantity:
    """The quantity of a value that spans some tokens; `unit` is where its unit stands, if not
    after them."""
    currency, first = currency_before(tokens, first)
    units, reach = measured(tokens, unit or last + 1) if sort == "plain" else ((), last)
    if currency:
        units, reach = (MONEY,), last
    else:
        currency, after = currency_after(tokens, last + 1)
        units, reach = units or (MONEY,) * bool(currency), max(last, reach, after)
    nouns: list[str] = []
    for token in tokens[last + 1 : last + 4]:
        if token.key == "-":
            continue
        if not is_content(token):
            break
        nouns.append(stem(token.key))
    said = text[tokens[first].start : tokens[last].end]
    return Quantity(
        value, also, sort, _bound(tokens, first), currency, tuple(nouns), said, first, last,
        implied, units, reach, text[tokens[first].start : tokens[reach].end], _label(tokens, first),
    )  # fmt: skip


def _label(tokens: Sequence[Token], first: int) -> str:
    """The stem of the word that a number in digits stands behind in a name: `Camp 3`."""
    if first < 2 or not tokens[first].is_number or tokens[first - 2].key in CLAUSE_ENDS:
        return ""
    before = tokens[first - 1]
    named = before.is_word and before.capital and before.key not in _DATED
    return stem(before.key) if named and is_content(before) else ""


def _spread(inner: Quantity, first: int, text: str, tokens: Sequence[Token]) -> Quantity:
    """`inner` with the article before it."""
    last = inner.last
    return _made(tokens, text, first, last, inner.value, inner.also, inner.sort, inner.implied)


def _bound(tokens: Sequence[Token], first: int) -> Bound:
    before = [token.key for token in tokens[max(0, first - 3) : first]]
    if key_at(tokens, first - 1) in ("a", "an", "the"):
        before = [token.key for token in tokens[max(0, first - 4) : first - 1]]
    phrase = " " + " ".join(before)
    for words, bound in _BOUNDS:
        if phrase.endswith(" " + words):
            return bound
    return "exact"


_STARTS = frozenset(
    [*UNITS, *TENS, *SCALES, *ORDINALS, *_FRACTIONS, *_DECADES, *_IMPLIED, *_VAGUE, "a", "an"]
)
