"""Numerals as they are written: the words for numbers, what a run of them means, and Roman ones."""

import re
from collections.abc import Sequence

from rag.evidence.mechanical.words import Token

UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen".split()
    )
}
TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
SCALES = {
    "hundred": 1e2, "dozen": 12.0, "score": 20.0, "thousand": 1e3, "million": 1e6, "billion": 1e9,
    "trillion": 1e12,
}  # fmt: skip
ORDINALS = {
    word: value
    for value, word in enumerate(
        "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
        " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        start=3,
    )
} | {"first": 1, "second": 2, "twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50,
     "sixtieth": 60, "seventieth": 70, "eightieth": 80, "ninetieth": 90, "hundredth": 100,
     "thousandth": 1000, "millionth": 1_000_000}  # fmt: skip
ROMAN = re.compile(r"(?=[IVX]{2,6}$)X{0,2}(?:IX|IV|V?I{0,3})$")


def in_words(tokens: Sequence[Token], at: int) -> tuple[float | None, int, bool]:
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
            following = key_at(tokens, position + 1)
            plain = following in UNITS or following in TENS or following in SCALES
            scaled = tokens[last].key in SCALES
            if word == "and" and not (scaled and (plain or following in ORDINALS)):
                break
            position += 1
            continue
        if word in UNITS or word in TENS:
            step = float(UNITS.get(word, TENS.get(word, 0)))
            if current is not None and small == 10 and step >= 10 and current < 100 and not total:
                if current >= 10:  # nineteen ninety-nine
                    total, current, small = current * 100, step, 10 if word in TENS else 1
                    last = position
                    position += 1
                    continue
                break
            if current is not None and step >= small:
                break
            current = (current or 0) + step
            small = 10 if step >= 10 else 1
            if word in UNITS and step < 10:
                small = 1
        elif word in SCALES and (current is not None or last < at or total):
            scale = SCALES[word]
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
        elif word in ORDINALS and (value := float(ORDINALS[word])):
            if word in ("second", "third") and last < at and key_at(tokens, position - 1) in ("a",):
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


def key_at(tokens: Sequence[Token], at: int) -> str:
    """The key of a token, empty outside the text."""
    return tokens[at].key if 0 <= at < len(tokens) else ""


def roman(text: str) -> int:
    """What a Roman numeral up to XXXIX means."""
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in text]
    signed = [
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    ]
    return sum(signed)
