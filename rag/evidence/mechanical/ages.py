"""Ages that a statement gives one person and its quotes another."""

from collections.abc import Iterator, Mapping, Sequence

from rag.evidence.mechanical.names import Name, among
from rag.evidence.mechanical.numerals import key_at
from rag.evidence.mechanical.quantities import Quantity
from rag.evidence.mechanical.reading import Reading

_OLDEST = 130
_LED_TO = frozenset((",", "(", "is", "was", ", aged", "is aged", "was aged"))
_LED_TO_OLD = frozenset(("is a", "was a", ", a"))
_ENDS = frozenset(("", ",", ".", ")", ";", "and"))


def age_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Ages that the quotes give to others alone."""
    ours = list(_ages(said))
    theirs = [aged for quote in quotes for aged in _ages(quote)] if ours else []
    for name, age in ours:
        given = sum(other.value == age.value for quote in quotes for other in quote.quantities)
        bearers = [bearer for bearer, other in theirs if other.value == age.value]
        if bearers and len(bearers) == given and not among(name, bearers):
            yield f"The quotes give {age.text} as the age of {bearers[0].text}, not of {name.text}"


def _ages(reading: Reading) -> Iterator[tuple[Name, Quantity]]:
    """The persons whose age a text gives, with it: `Anna Berg, 44,`, `Anna Berg was 44`, `the
    44-year-old Anna Berg`."""
    starts = {name.first: name for name in reading.names}
    ends = {name.last: name for name in reading.names}
    for quantity in reading.quantities:
        if quantity.sort != "plain" or not 0 < quantity.value < _OLDEST:
            continue
        after = [key_at(reading.tokens, quantity.last + step) for step in range(1, 5)]
        old = after == ["-", "year", "-", "old"]
        before = _led_by(quantity, ends, reading, _LED_TO_OLD if old else _LED_TO)
        following = starts.get(quantity.last + 5) if old else None
        if following and len(following.parts) > 1:  # no 44-year-old Londoner
            yield following, quantity
        elif before and (old or after[0] in _ENDS or after[:2] == ["years", "old"]):
            yield before, quantity


def _led_by(
    quantity: Quantity, ends: Mapping[int, Name], reading: Reading, words: frozenset[str]
) -> Name | None:
    """The person whose name stands before a number, one of these phrases between them."""
    for last in range(quantity.first - 3, quantity.first - 1):
        between = " ".join(token.key for token in reading.tokens[last + 1 : quantity.first])
        if last in ends and between in words and not ends[last].parts[-1].startswith("@"):
            return ends[last]
    return None
