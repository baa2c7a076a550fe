"""A statement with its numbers, dates and times as a quote writes them.

What reads the statement beside the quote takes "two thirds" and "67 %" for two numbers; the rules
know that they are one.
"""

from collections.abc import Iterator

from rag.evidence.mechanical.dates import Date, agree
from rag.evidence.mechanical.quantities import Quantity, bears_out, equals
from rag.evidence.mechanical.reading import Reading, read
from rag.evidence.mechanical.times import same


def as_quoted(statement: str, quote: str) -> str:
    """`statement`, each number, date and time that `quote` bears out written as it is there."""
    said, given = read(statement), read(quote)
    text = said.text
    alike = (*_numbers(said, given), *_dates(said, given), *_times(said, given))
    for start, end, written in sorted(alike, reverse=True):
        text = text[:start] + written + text[end:]
    return text[:1].upper() + text[1:]


def _numbers(said: Reading, given: Reading) -> Iterator[tuple[int, int, str]]:
    for quantity in said.quantities:
        bearing = [other for other in given.quantities if _same(quantity, other)]
        if not bearing or quantity.implied or any(one.text == quantity.text for one in bearing):
            continue
        measured = quantity.units != bearing[0].units
        if measured and (_hyphened(said, quantity) or _hyphened(given, bearing[0])):
            continue  # "the 24-month war"
        start, end = _span(given, bearing[0], measured)
        yield *_span(said, quantity, measured), given.text[start:end]


def _dates(said: Reading, given: Reading) -> Iterator[tuple[int, int, str]]:
    for date in said.dates:
        bearing = [other for other in given.dates if agree(date, other) and _as_full(date, other)]
        if bearing and all(other.text != date.text for other in bearing):
            yield date.start, date.end, bearing[0].text


def _same(said: Quantity, given: Quantity) -> bool:
    """Whether a quote's quantity is the same one, and not merely within the bound of what is said:
    "more than 20" where there are 26."""
    return equals(said, given) and bears_out(said, given)


def _times(said: Reading, given: Reading) -> Iterator[tuple[int, int, str]]:
    for time in said.times:
        bearing = [other for other in given.times if same(time, other)]
        if bearing and all(other.text != time.text for other in bearing):
            yield time.start, time.end, bearing[0].text


def _hyphened(reading: Reading, quantity: Quantity) -> bool:
    return any(token.key == "-" for token in reading.tokens[quantity.last + 1 : quantity.last + 2])


def _as_full(said: Date, given: Date) -> bool:
    return said.parts == given.parts and (said.year is None) == (given.year is None)


def _span(reading: Reading, quantity: Quantity, measured: bool) -> tuple[int, int]:
    """The characters of a quantity, with the currency after it, and where it is `measured` with
    its unit."""
    last = quantity.reach if measured or quantity.currency else quantity.last
    return reading.tokens[quantity.first].start, reading.tokens[last].end
