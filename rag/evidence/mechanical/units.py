"""Units of measure and currencies: what the words after a number measure, and how much."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from rag.evidence.mechanical.numerals import key_at
from rag.evidence.mechanical.words import Token, stem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unit:
    """What is measured, and how much of it one unit is: a mile is 1609.344 of length."""

    dimension: str
    size: float


# Dimension -> size, words in the singular, further forms. Time is in hours, length in metres, mass
# in kilograms, volume in litres, speed in metres an hour, money in what a cent is a hundredth of.
# "Second" is left out, which mostly is an ordinal. What may be two units stands twice.
_UNITS: Mapping[str, Sequence[tuple[float, str, str]]] = {
    "time": (
        (1 / 3600, "", "seconds, secs"), (1 / 60, "minute", "min, mins"), (1.0, "hour", "h, hrs"),
        (24.0, "day", ""), (168.0, "week", ""), (336.0, "fortnight", ""),
        (8766 / 12, "month", ""), (8766.0, "year", ""), (87660.0, "decade", ""),
        (876600.0, "century", "centuries"),
    ),
    "length": (
        (1e-3, "millimetre", "mm"), (1e-2, "centimetre", "cm"), (1.0, "metre", "m"),
        (1e3, "kilometre", "km"), (0.0254, "inch", "inches"), (0.3048, "foot", "feet, ft"),
        (0.9144, "yard", "yd"), (1609.344, "mile", ""), (1852.0, "nautical mile", ""),
    ),
    "mass": (
        (1e-6, "milligram", "mg"), (1e-3, "gram, gramme", "g"),
        (1.0, "kilo, kilogram, kilogramme", "kg"), (1e3, "tonne, ton, metric ton", ""),
        (907.185, "ton, short ton", ""), (1016.05, "ton, long ton", ""),
        (0.0283495, "ounce", "oz"), (0.453592, "pound", "lb, lbs"),
    ),
    "volume": (
        (1e-3, "millilitre", "ml"), (1e-2, "centilitre", "cl"), (1.0, "litre", "l"),
        (1e2, "hectolitre", "hl"), (3.78541, "gallon", ""), (4.54609, "gallon", ""),
        (0.473176, "pint", ""), (0.568261, "pint", ""), (158.987, "barrel", ""),
    ),
    "area": ((1e4, "hectare", "ha"), (4046.86, "acre", "")),
    "speed": ((1e3, "", "kph, kmh"), (1609.344, "", "mph"), (1852.0, "knot", "")),
    "power": (
        (1.0, "watt", "w"), (1e3, "kilowatt", "kw"), (1e6, "megawatt", "mw"),
        (1e9, "gigawatt", "gw"), (1e12, "terawatt", "tw"),
    ),
    "energy": ((1e3, "", "kwh"), (1e6, "", "mwh"), (1e9, "", "gwh"), (1e12, "", "twh")),
    "data": (
        (1e3, "kilobyte", "kb"), (1e6, "megabyte", "mb"), (1e9, "gigabyte", "gb"),
        (1e12, "terabyte", "tb"),
    ),
    "Celsius": ((1.0, "degree", "°, ° c, degrees c, degrees celsius, degrees centigrade"),),
    "Fahrenheit": ((1.0, "degree", "°, ° f, degrees f, degrees fahrenheit"),),
    "money": ((1e-2, "cent, penny", "pence"),),
}  # fmt: skip
_CURRENCIES = {
    word: name
    for name, words in {
        "dollar": "$ dollar dollars usd aud cad nzd",
        "euro": "€ euro euros eur",
        "pound": "£ pound pounds gbp",
        "yen": "¥ yen jpy",
        "won": "₩ krw",
        "rupee": "₹ rupee rupees rs inr",
        "rouble": "₽ rouble roubles ruble rubles rub",
        "yuan": "yuan renminbi cny",
        "franc": "franc francs chf",
        "krona": "krona kronor sek",
        "krone": "krone kroner nok dkk",
        "zloty": "zloty zlotys pln",
        "peso": "peso pesos",
    }.items()
    for word in words.split()
}
MONEY = Unit("money", 1.0)
_LONGEST = 4


def measured(tokens: Sequence[Token], at: int) -> tuple[tuple[Unit, ...], int]:
    """The units that the words from a token on may name, and the last of these words; none where
    they name no unit. A pound may be of weight or of money."""
    units, last = longest(tokens, at, _named())
    return units or (), last


def longest(tokens: Sequence[Token], at: int, phrases: Mapping[str, T]) -> tuple[T | None, int]:
    """What the longest phrase from a token on means, hyphened or not, and its last token; None
    where no phrase begins there."""
    words: list[str] = []
    meant, last = None, at - 1
    for place in range(at, min(at + 2 * _LONGEST, len(tokens))):
        if tokens[place].key == "-" and tokens[place].glued:
            continue
        words.append(tokens[place].key)
        if " ".join(words) in phrases:
            meant, last = phrases[" ".join(words)], place
        if len(words) == _LONGEST:
            break
    return meant, last


def currency_after(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """The currency that a token names, or the next one where this describes it (`Swiss francs`),
    and the token that does; empty where neither does."""
    for place in (at, at + 1):
        if name := _CURRENCIES.get(key_at(tokens, place)):
            return name, place
        if not (key_at(tokens, place) and tokens[place].capital):
            break
    return "", at - 1


def currency_before(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """The currency that stands before a token (`$`, `US$`, `EUR`), and where it begins; empty
    where none does."""
    before = at - 1
    name = _CURRENCIES.get(key_at(tokens, before), "")
    if not name or not (is_code(tokens[before]) or not tokens[before].is_word):
        return "", at
    country = not tokens[before].is_word and tokens[before].glued and before > 0
    return name, before - (country and tokens[before - 1].text.isupper())


def is_code(token: Token) -> bool:
    """Whether a word is the code of a currency: `EUR`, `Rs`."""
    return token.text == "Rs" or (token.text.isupper() and token.key in _CURRENCIES)


@cache
def unit_stems() -> frozenset[str]:
    """The stems of the words that name a unit or currency."""
    words = (word for phrase in _named() for word in phrase.split())
    return frozenset(stem(word) for word in words if len(word) > 2)


@cache
def _named() -> Mapping[str, tuple[Unit, ...]]:
    """The words of each unit -> the units that they may name."""
    found: dict[str, tuple[Unit, ...]] = {}
    for dimension, rows in _UNITS.items():
        for size, words, short in rows:
            for form in _forms(words, short):
                for phrase, unit in _derived(form, Unit(dimension, size)):
                    found[phrase] = (*found.get(phrase, ()), unit)
    for word in _CURRENCIES:
        found[word] = (MONEY, *found.get(word, ()))
    return found


def _forms(words: str, short: str) -> Iterator[str]:
    for word in filter(None, words.split(", ")):
        for spelled in {word, word.replace("tre", "ter")}:
            yield from (spelled, f"{spelled}s")
    yield from filter(None, short.split(", "))


def _derived(form: str, unit: Unit) -> Iterator[tuple[str, Unit]]:
    """A unit, and those that are made of it: square and cubic ones, those of speed and energy."""
    yield form, unit
    if unit.dimension == "power":
        yield from ((f"{form} {hours}", Unit("energy", unit.size)) for hours in ("hour", "hours"))
    if unit.dimension == "length":
        for words, dimension, size in (
            ("square {}; sq {}; {} ^ 2", "area", unit.size**2),
            ("cubic {}; cu {}; {} ^ 3", "volume", 1e3 * unit.size**3),
            ("{} per hour; {} an hour; {} / h", "speed", unit.size),
            ("{} per second; {} a second; {} / s", "speed", 3600 * unit.size),
        ):
            for phrase in words.split("; "):
                yield phrase.format(form), Unit(dimension, size)


TIME_WORDS = frozenset(
    form for _, words, short in _UNITS["time"] for form in _forms(words, short) if len(form) > 1
)
