"""A text -> the numbers in it, in words or digits, each with what it counts and how surely."""

import re
from collections.abc import Sequence

from rag.evidence.mechanical.quantities import Bound, Quantity, Sort
from rag.evidence.mechanical.words import Token, is_content, stem

_UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"  # noqa: SIM905
        " fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {
    "hundred": 1e2, "dozen": 12.0, "score": 20.0, "thousand": 1e3, "million": 1e6, "billion": 1e9,
    "trillion": 1e12,
}  # fmt: skip
_SHORT_SCALES = {
    "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "tn": 1e12, "b": 1e9, "mln": 1e6, "bln": 1e9
}  # fmt: skip
_ORDINALS = {
    word: value
    for value, word in enumerate(
        "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"  # noqa: SIM905
        " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        start=3,
    )
} | {"first": 1, "second": 2, "twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50,
     "sixtieth": 60, "seventieth": 70, "eightieth": 80, "ninetieth": 90, "hundredth": 100,
     "thousandth": 1000, "millionth": 1_000_000}  # fmt: skip
_FRACTIONS = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4} | {
    word + plural: value
    for word, value in _ORDINALS.items()
    if 3 <= value <= 10
    for plural in ("", "s")
}
_DECADES = {word[:-1] + "ies": value for word, value in _TENS.items()}
_IMPLIED = {"both": 2, "couple": 2, "pair": 2, "twice": 2, "double": 2, "doubled": 2, "twin": 2,
            "trio": 3, "triple": 3, "tripled": 3, "thrice": 3, "decade": 10, "century": 100,
            "single": 1, "dozen": 12, "once": 1, "hundred": 100, "thousand": 1000,
            "quarter": 0.25, "half": 0.5, "third": 3, "zero": 0, "alone": 1}  # fmt: skip
_VAGUE = {"tens": 10, "dozens": 1e1, "scores": 2e1, "hundreds": 1e2, "thousands": 1e3,
          "millions": 1e6, "billions": 1e9}  # fmt: skip
_CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₩": "won", "₹": "rupee",
               "dollars": "dollar", "euros": "euro", "pounds": "pound", "yen": "yen",
               "usd": "dollar", "eur": "euro", "gbp": "pound", "rubles": "rouble",
               "roubles": "rouble", "rupees": "rupee", "yuan": "yuan"}  # fmt: skip
_BOUNDS: Sequence[tuple[str, Bound]] = (
    ("no more than", "under"), ("not more than", "under"), ("no fewer than", "over"),
    ("no less than", "over"), ("more than", "over"), ("at least", "over"),
    ("greater than", "over"),
    ("upwards of", "over"), ("in excess of", "over"), ("less than", "under"),
    ("fewer than", "under"),
    ("at most", "under"), ("up to", "under"), ("smaller than", "under"), ("close to", "about"),
    ("just under", "about"), ("just over", "about"), ("a little over", "about"),
    ("over", "over"), ("above", "over"), ("exceed", "over"), ("exceeds", "over"),
    ("exceeded", "over"), ("exceeding", "over"), ("under", "under"), ("below", "under"),
    ("about", "about"), ("around", "about"), ("roughly", "about"), ("approximately", "about"),
    ("some", "about"), ("nearly", "about"), ("almost", "about"), ("estimated", "about"),
    ("circa", "about"), ("c", "about"), ("ca", "about"), ("approx", "about"), ("~", "about"),
    ("perhaps", "about"),
)  # fmt: skip
_ROMAN = re.compile(r"(?=[IVX]{2,6}$)X{0,2}(?:IX|IV|V?I{0,3})$")


def quantities(tokens: Sequence[Token], text: str) -> tuple[Quantity, ...]:
    """The quantities of a tokenised text, in order."""
    found: list[Quantity] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        quantity = None
        if token.is_number or token.key in _STARTS:
            quantity = _quantity(tokens, at, text)
        elif _ROMAN.match(token.text) and at:
            value = _roman(token.text)
            quantity = _made(tokens, text, at, at, float(value), sort="ordinal", implied=True)
        if quantity:
            found.append(quantity)
            at = quantity.last + 1
        else:
            at += 1
    return tuple(found)


def _quantity(tokens: Sequence[Token], at: int, text: str) -> Quantity | None:
    """The quantity that begins at a token, None where none does."""
    token = tokens[at]
    after = _key(tokens, at + 1)
    if token.key in ("a", "an"):
        if after in _SCALES or (after in _FRACTIONS and after not in ("second",)):
            inner = _quantity(tokens, at + 1, text)
            if inner and inner.sort != "ordinal":
                return _spread(inner, at, text, tokens)
            if after in _FRACTIONS and _key(tokens, at + 2) in ("of", "the"):
                share = 1 / _FRACTIONS[after]
                return _made(tokens, text, at, at + 1, share, (100 * share,), "fraction")
        return None
    if token.key in _VAGUE:
        scale = _VAGUE[token.key]
        last = at
        if after == "of" and _key(tokens, at + 2) in _VAGUE:
            scale *= _VAGUE[_key(tokens, at + 2)]
            last = at + 2
        return _made(tokens, text, at, last, scale, sort="vague")
    if token.key in _DECADES:
        return _made(tokens, text, at, at, float(_DECADES[token.key]), sort="decade")
    value, last, ordinal = _digits(tokens, at) if token.is_number else _in_words(tokens, at)
    if value is None:
        if token.key in ("half", "quarter", "quarters"):
            share = 1 / _FRACTIONS[token.key]
            implied = token.key != "half"
            return _made(tokens, text, at, at, share, (100 * share,), "fraction", implied)
        if token.key in _IMPLIED:
            return _made(tokens, text, at, at, float(_IMPLIED[token.key]), implied=True)
        return None
    return _finished(tokens, at, text, value, last, ordinal)


def _finished(
    tokens: Sequence[Token], at: int, text: str, value: float, last: int, ordinal: bool
) -> Quantity:
    """A number read, with the scale, fraction, per cent or unit that follows it."""
    after = _key(tokens, last + 1)
    token = tokens[at]
    if [_key(tokens, last + step) for step in (1, 2, 3)] == ["and", "a", "half"]:
        value, last, after = value + 0.5, last + 3, _key(tokens, last + 4)
        if after in _SCALES:
            value, last, after = value * _SCALES[after], last + 1, _key(tokens, last + 2)
    if token.is_number and after == "s" and tokens[last + 1].glued:
        return _made(tokens, text, at, last + 1, value, sort="decade")
    if token.is_number and after == "'" and _key(tokens, last + 2) == "s":
        return _made(tokens, text, at, last + 2, value, sort="decade")
    if ordinal:
        sort: Sort = "century" if after in ("century", "centuries") else "ordinal"
        return _made(tokens, text, at, last, value, sort=sort, implied=value == 1)
    if after == "/" and tokens[last + 1].glued and _key(tokens, last + 2).isdecimal():
        below = float(tokens[last + 2].key)
        if value < below <= 100:
            share = value / below
            return _made(tokens, text, at, last + 2, share, (100 * share,), "fraction")
    if (after == "⁄") and _key(tokens, last + 2).isdecimal() and float(tokens[last + 2].key):
        share = value / float(tokens[last + 2].key)
        return _made(tokens, text, at, last + 2, share, (100 * share,), "fraction")
    if after == "-" and _key(tokens, last + 2) in _FRACTIONS and value < 10:
        last, after = last + 1, _key(tokens, last + 2)
    parted = after in _FRACTIONS and after not in ("half", "second") and value < 10
    if parted and (after.endswith("s") or value == 1):
        share = value / _FRACTIONS[after]
        return _made(tokens, text, at, last + 1, share, (100 * share,), "fraction")
    if after in ("%", "percent", "pct"):
        return _made(tokens, text, at, last + 1, value, (value / 100,), "percent")
    if (after, _key(tokens, last + 2)) == ("per", "cent"):
        return _made(tokens, text, at, last + 2, value, (value / 100,), "percent")
    also: tuple[float, ...] = ()
    for unit, size in (("decade", 10.0), ("centuri", 100.0), ("century", 100.0)):
        if after.startswith(unit):
            also = (value * size,)
    # "One of them" and "the two men" count what is known already.
    known = not token.is_number and (value == 1 or (value <= 3 and _key(tokens, at - 1) == "the"))
    return _made(tokens, text, at, last, value, also, implied=known)


def _digits(tokens: Sequence[Token], at: int) -> tuple[float | None, int, bool]:
    """A number in digits with its scale or ordinal ending: value, last token, whether ordinal."""
    value = float(tokens[at].key.replace(",", ""))
    last = at
    after = _key(tokens, at + 1)
    glued = at + 1 < len(tokens) and tokens[at + 1].glued
    if glued and after in ("st", "nd", "rd", "th"):
        return value, at + 1, True
    money = at > 0 and tokens[at - 1].key in _CURRENCIES
    if after in _SHORT_SCALES and (glued or money) and (after != "m" or money):
        return value * _SHORT_SCALES[after], at + 1, False
    if after == "-" and _key(tokens, at + 2) in _SCALES:
        last, after = at + 1, _key(tokens, at + 2)
    while after in _SCALES:
        value *= _SCALES[after]
        last += 1
        after = _key(tokens, last + 1)
    return value, last, False


def _in_words(tokens: Sequence[Token], at: int) -> tuple[float | None, int, bool]:
    """A number in words: value (None where there is none), last token, whether ordinal."""
    total = 0.0
    current: float | None = None
    last = at - 1
    small = 100.0  # what may follow: units after tens, anything below 100 after a scale
    position = at
    while position < len(tokens):
        word = tokens[position].key
        joined = word in ("and", "-") and last >= at and position == last + 1
        if joined and (current or total):
            following = _key(tokens, position + 1)
            plain = following in _UNITS or following in _TENS or following in _SCALES
            scaled = tokens[last].key in _SCALES
            if word == "and" and not (scaled and (plain or following in _ORDINALS)):
                break
            position += 1
            continue
        if word in _UNITS or word in _TENS:
            step = float(_UNITS.get(word, _TENS.get(word, 0)))
            if current is not None and small == 10 and step >= 10 and current < 100 and not total:
                if current >= 10:  # nineteen ninety-nine
                    total, current, small = current * 100, step, 10 if word in _TENS else 1
                    last = position
                    position += 1
                    continue
                break
            if current is not None and step >= small:
                break
            current = (current or 0) + step
            small = 10 if step >= 10 else 1
            if word in _UNITS and step < 10:
                small = 1
        elif word in _SCALES and (current is not None or last < at or total):
            scale = _SCALES[word]
            if word in ("hundred", "dozen", "score"):
                if current is None and last >= at:
                    break
                current = (1 if current is None else current) * scale
            else:
                if current is None and last >= at:
                    total *= scale
                else:
                    total += (1 if current is None else current) * scale
                current = None
            small = 100
        elif word in _ORDINALS and (value := float(_ORDINALS[word])):
            if word in ("second", "third") and last < at and _key(tokens, position - 1) in ("a",):
                return None, at, False
            if current is None and last < at:
                return value, position, True
            if value in (100, 1000, 1_000_000):
                return total + (current or 1) * value, position, True
            if value < small:
                return total + (current or 0) + value, position, True
            break
        else:
            break
        last = position
        position += 1
    if last < at:
        return None, at, False
    return total + (current or 0), last, False


def _made(
    tokens: Sequence[Token],
    text: str,
    first: int,
    last: int,
    value: float,
    also: tuple[float, ...] = (),
    sort: Sort = "plain",
    implied: bool = False,
) -> Quantity:
    before = first - 1
    currency = ""
    if before >= 0 and tokens[before].key in _CURRENCIES and not tokens[before].is_word:
        currency = _CURRENCIES[tokens[before].key]
        first, before = before, before - 1
    if not currency:
        currency = _CURRENCIES.get(_key(tokens, last + 1), "")
    nouns: list[str] = []
    for token in tokens[last + 1 : last + 4]:
        if token.key == "-":
            continue
        if not is_content(token):
            break
        nouns.append(stem(token.key))
    said = text[tokens[first].start : tokens[last].end]
    return Quantity(
        value, also, sort, _bound(tokens, first), currency, tuple(nouns), said, first, last, implied
    )


def _spread(inner: Quantity, first: int, text: str, tokens: Sequence[Token]) -> Quantity:
    """`inner` with the article before it."""
    last = inner.last
    return _made(tokens, text, first, last, inner.value, inner.also, inner.sort, inner.implied)


def _bound(tokens: Sequence[Token], first: int) -> Bound:
    before = [token.key for token in tokens[max(0, first - 3) : first]]
    if _key(tokens, first - 1) in ("a", "an", "the"):
        before = [token.key for token in tokens[max(0, first - 4) : first - 1]]
    phrase = " " + " ".join(before)
    for words, bound in _BOUNDS:
        if phrase.endswith(" " + words):
            return bound
    return "exact"


def _key(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].key if 0 <= at < len(tokens) else ""


def _roman(text: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in text]
    signed = [
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    ]
    return sum(signed)


_STARTS = frozenset(
    [*_UNITS, *_TENS, *_SCALES, *_ORDINALS, *_FRACTIONS, *_DECADES, *_IMPLIED, *_VAGUE, "a", "an"]
)
