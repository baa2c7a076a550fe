"""Numbers, dates and times of day that a statement gives and its quotes do not."""

import re
from collections.abc import Iterator, Sequence

from rag.evidence.mechanical.dates import Date, agree
from rag.evidence.mechanical.quantities import Quantity, bears_out, equals
from rag.evidence.mechanical.reading import Reading, read
from rag.evidence.mechanical.relative import may_be, moments
from rag.evidence.mechanical.times import same
from rag.evidence.mechanical.words import is_content, listed

_BASELINE = re.compile(
    r"\b(?:(?:compared (?:with|to)|previous(?:ly)?|instead of|against)\b"
    r"((?:(?:[^\s;.]|\.(?=\d))*+\s*+){0,10})|from((?:\s+[^\s;,.]+){0,2}\s*))$"
)
_THE = frozenset(("the", "a", "this", "that", "its", "his", "her", "their"))
_SAME_TIME = ("that year", "same year", "this year", "that time", "then")


def number_objections(
    said: Reading, quotes: Sequence[Reading], sentences: str, context: Reading
) -> Iterator[str]:
    """Numbers and lone years that no quote gives: those of names may stand around it, ordinals in
    `sentences` alone."""
    given = [quantity for quote in quotes for quantity in quote.quantities]
    for quantity in said.quantities:
        if against := _opposed(quantity, given):
            yield f"The quotes say {against.bounded}, not {quantity.bounded}"
            continue
        if quantity.implied or _dated(quantity, quotes):
            continue
        around = read(sentences) if quantity.sort == "ordinal" else context
        if _naming(quantity, said) and _named_around(quantity, said, around):
            continue
        if _counted_up(quantity, quotes):
            continue
        if quantity.year and _resolved(int(quantity.value), quotes, context):
            continue
        if quantity.sort == "decade" and _decade_of(quantity, quotes):
            continue
        if quantity.sort == "century" and _century_of(quantity, quotes):
            continue
        if quantity.sort == "plain" and any(
            quantity.value in time.figures for quote in quotes for time in quote.times
        ):
            continue
        bearing = [other for other in given if bears_out(quantity, other)]
        if not bearing:
            yield _instead(quantity, given)
        elif other := _elsewhere(quantity, bearing, given):
            yield f"The quotes say {other.measured}, not {quantity.measured}"
        elif not said.keys & listed("past") and any(_was_before(quantity, one) for one in quotes):
            yield f"In the quotes {quantity.text} is what it was, or is compared with"


def _opposed(quantity: Quantity, given: Sequence[Quantity]) -> Quantity | None:
    """The same number, which the quotes give only under the opposite bound: more than a minute,
    less than a minute."""
    opposite = {"over": "under", "under": "over"}.get(quantity.bound)
    same = [other for other in given if opposite and equals(quantity, other)]
    return same[0] if same and all(other.bound == opposite for other in same) else None


def _was_before(quantity: Quantity, quote: Reading) -> bool:
    """Whether a quote gives a number only as what was before, beside what is now: `to 3.1 from
    3.8`, `2.6, compared with 2.3`."""

    def before(other: Quantity) -> bool:
        found = _BASELINE.search(quote.text[: quote.tokens[other.first].start])
        return found is not None and not re.search(
            r"\b(?:to|but|now)\b", found[1] or found[2] or ""
        )

    alike = [
        other
        for other in quote.quantities
        if other.sort == quantity.sort and not (other.implied or other.year)
    ]
    bearing = [other for other in alike if bears_out(quantity, other)]
    now = [other for other in alike if not before(other)]
    plain = not quantity.year and quantity.sort != "ordinal"
    return plain and bool(bearing) and bool(now) and all(before(other) for other in bearing)


def date_objections(said: Reading, quotes: Sequence[Reading], context: Reading) -> Iterator[str]:
    """Days, months and weekdays that no quote gives."""
    given = [date for quote in quotes for date in quote.dates]
    days = {
        quantity.value
        for quote in quotes
        for quantity in quote.quantities
        if quantity.sort == "ordinal"
    }
    objected: set[str] = set()
    for date in said.dates:
        if date.text in objected or any(
            other.text == date.text and _stands(other, given, days, quotes, context)
            for other in said.dates
        ):
            continue
        objected.add(date.text)
        yield _other_date(date, given)
    yield from _moment_objections(said, quotes)


def _moment_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """`Last month`, where the quotes tell of another, and give no date of their own."""
    ours = moments(said.text)
    theirs = [moment for quote in quotes for moment in moments(quote.text)] if ours else []
    if not theirs or any(quote.dates for quote in quotes):
        return
    if not any(may_be(one, other) for one in ours for other in theirs):
        yield f"The quotes say {theirs[0].text}, not {ours[0].text}"


def time_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Times of day that no quote gives."""
    given = [time for quote in quotes for time in quote.times]
    figures = {quantity.value for quote in quotes for quantity in quote.quantities}
    for time in said.times:
        if not (time.figures & figures or any(same(time, other) for other in given)):
            yield f"{time.text} is not in the quotes"


def _naming(quantity: Quantity, said: Reading) -> bool:
    """Whether it belongs to a name rather than counts: F-35, Line 2, the 80th anniversary, the
    2022 edition."""
    if quantity.sort == "ordinal" and quantity.nouns:
        return True
    at = quantity.first
    if quantity.year and at and said.tokens[at - 1].key in _THE:
        after = said.tokens[quantity.last + 1 : quantity.last + 2]
        return any(is_content(token) for token in after)
    if at > 1 and said.tokens[at - 1].key == "-":
        return said.tokens[at - 2].capital
    named = any(name.sure and name.last == at - 1 for name in said.names)
    return named and not quantity.year and quantity.text.isdecimal()


def _named_around(quantity: Quantity, said: Reading, context: Reading) -> bool:
    """Whether what surrounds the quotes has the number in the same name."""
    if quantity.sort == "ordinal":
        return any(
            other.value == quantity.value and other.nouns[:1] == quantity.nouns[:1]
            for other in context.quantities
            if other.sort == "ordinal"
        )
    if quantity.year:
        return quantity.value in context.years
    at = quantity.first - 1
    start = said.tokens[at - (said.tokens[at].key == "-")].start
    return said.text[start : said.tokens[quantity.last].end] in context.text


def _counted_up(quantity: Quantity, quotes: Sequence[Reading]) -> bool:
    """Whether it may count what the quotes list: `two`, of something they do not speak of; days
    and years only from dates."""
    small = quantity.value <= 4 and quantity.text.isalpha() and quantity.sort == "plain"
    if quantity.units and not any(quote.dates or quote.years for quote in quotes):
        return False
    return small and not any(
        set(quantity.nouns) & quote.stems
        or (quantity.units and any(other.units for other in quote.quantities))
        for quote in quotes
    )


def _dated(quantity: Quantity, quotes: Sequence[Reading]) -> bool:
    """Whether it is the year or the day of a date in the quotes."""
    value = quantity.value
    return any(
        (quantity.year and value == date.year) or (quantity.sort == "ordinal" and value == date.day)
        for quote in quotes
        for date in quote.dates
    )


def _century_of(century: Quantity, quotes: Sequence[Reading]) -> bool:
    decades = {
        other.value + 1 for quote in quotes for other in quote.quantities if other.sort == "decade"
    }
    years = decades.union(*(quote.years for quote in quotes))
    return any(-(-year // 100) == century.value for year in years)


def _decade_of(decade: Quantity, quotes: Sequence[Reading]) -> bool:
    years = {year // 10 * 10 for quote in quotes for year in quote.years}
    return any(decade.value in (year, year % 100) for year in years)


def _resolved(year: int, quotes: Sequence[Reading], context: Reading) -> bool:
    """Whether quotes that leave their year open stand in a context that gives it."""
    if year not in context.years or any(quote.years for quote in quotes):
        return False
    return any(
        quote.dates or any(phrase in quote.text.lower() for phrase in _SAME_TIME)
        for quote in quotes
    )


def _stands(
    date: Date,
    given: Sequence[Date],
    days: set[float],
    quotes: Sequence[Reading],
    context: Reading,
) -> bool:
    """Whether the quotes give the date, its year or month perhaps by what stands around them."""
    years = {year for quote in quotes for year in quote.years}
    unsaid = date.year is not None and date.year not in years
    if unsaid and (years or date.year not in context.years):
        return False
    alike = [other for other in given if agree(date, other)]
    if any(date.day is None or other.day is not None for other in alike):
        return True
    if date.month is None or date.day is None or date.day not in days:
        return False
    return bool(alike) or any(other.month == date.month for other in context.dates)


def _other_date(date: Date, given: Sequence[Date]) -> str:
    rivals = {other.text for other in given if other.parts == date.parts}
    if len(rivals) == 1:
        return f"The quotes say {rivals.pop()}, not {date.text}"
    return f"{date.text} is not in the quotes"


def _elsewhere(
    quantity: Quantity, bearing: Sequence[Quantity], given: Sequence[Quantity]
) -> Quantity | None:
    """The other number that the quotes give what is counted here, where they give this number to
    something else."""
    if not quantity.nouns or quantity.sort not in ("plain", "percent"):
        return None
    nouns = set(quantity.nouns)
    if any(not (other.nouns or other.label) or nouns & set(other.nouns) for other in bearing):
        return None
    if quantity.units and any(other.units for other in bearing):  # twelve months, a year
        return None
    rivals = [
        other
        for other in given
        if not other.implied and other.sort == quantity.sort and nouns & set(other.nouns)
    ]
    return rivals[0] if len({rival.value for rival in rivals}) == 1 else None


def _instead(quantity: Quantity, given: Sequence[Quantity]) -> str:
    nouns = set(quantity.nouns)
    rivals = [
        other
        for other in given
        if not other.implied
        and other.year == quantity.year
        and other.sort == quantity.sort
        and (nouns & set(other.nouns) or other.year)
    ]
    if len({rival.value for rival in rivals}) == 1:
        ours = quantity.bounded if _bounds_differ(quantity, given) else quantity.measured
        return f"The quotes say {rivals[0].bounded}, not {ours}"
    return f"{quantity.text} is not in the quotes"


def _bounds_differ(quantity: Quantity, given: Sequence[Quantity]) -> bool:
    return quantity.bound != "exact" and any(other.value == quantity.value for other in given)
