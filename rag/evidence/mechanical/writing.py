"""A statement with its numbers and dates as a quote writes them.

What reads the statement beside the quote takes "two thirds" and "67 %" for two numbers; the rules
know that they are one.
"""

from collections.abc import Iterator

from rag.evidence.mechanical.counting import CURRENCY_WORDS
from rag.evidence.mechanical.dates import Date, agree
from rag.evidence.mechanical.quantities import Quantity, bears_out
from rag.evidence.mechanical.reading import Reading, read


def as_quoted(statement: str, quote: str) -> str:
    """`statement`, each number and date that `quote` bears out written as it is there."""
    said, given = read(statement), read(quote)
    text = said.text
    for start, end, written in sorted((*_numbers(said, given), *_dates(said, given)), reverse=True):
        text = text[:start] + written + text[end:]
    return text[:1].upper() + text[1:]


def _numbers(said: Reading, given: Reading) -> Iterator[tuple[int, int, str]]:
    for quantity in said.quantities:
        bearing = [other for other in given.quantities if _same(quantity, other)]
        if bearing and not quantity.implied and all(one.text != quantity.text for one in bearing):
            start, end = _span(given, bearing[0])
            yield *_span(said, quantity), given.text[start:end]


def _dates(said: Reading, given: Reading) -> Iterator[tuple[int, int, str]]:
    for date in said.dates:
        bearing = [other for other in given.dates if agree(date, other) and _as_full(date, other)]
        if bearing and all(other.text != date.text for other in bearing):
            yield date.start, date.end, bearing[0].text


def _same(said: Quantity, given: Quantity) -> bool:
    """Whether a quote's quantity is the same one, and not merely within the bound of what is said:
    "more than 20" where there are 26."""
    shares = ("percent", "fraction")
    exact = said.value in (given.value, *given.also) or said.sort in shares
    return exact and bears_out(said, given)


def _as_full(said: Date, given: Date) -> bool:
    return said.parts == given.parts and (said.year is None) == (given.year is None)


def _span(reading: Reading, quantity: Quantity) -> tuple[int, int]:
    """The characters of a quantity, with the currency after it."""
    tokens = reading.tokens
    following = tokens[quantity.last + 1 : quantity.last + 2]
    last = quantity.last + any(token.key in CURRENCY_WORDS for token in following)
    return tokens[quantity.first].start, tokens[last].end
