"""A statement or quote as the checks read it: its words, numbers, dates and names, found once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rag.evidence.mechanical.counting import quantities
from rag.evidence.mechanical.dates import Date, dates
from rag.evidence.mechanical.names import Name, names
from rag.evidence.mechanical.quantities import Quantity
from rag.evidence.mechanical.times import Time, times
from rag.evidence.mechanical.words import Token, is_content, lemma, listed, plain, stem, tokens


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read: `content` are the stems of the words that carry its meaning, in order, with
    their tokens; `parts` are those of its names; quantities inside dates and times are left out."""

    text: str
    tokens: tuple[Token, ...]
    quantities: tuple[Quantity, ...]
    dates: tuple[Date, ...]
    times: tuple[Time, ...]
    names: tuple[Name, ...]
    content: tuple[tuple[int, str], ...]
    keys: frozenset[str]
    lemmas: frozenset[str]
    stems: frozenset[str]
    parts: frozenset[str]

    @property
    def named(self) -> frozenset[int]:
        """Which of its tokens stand in names."""
        spans = (range(name.first, name.last + 1) for name in self.names)
        return frozenset(at for span in spans for at in span)

    @property
    def years(self) -> frozenset[int]:
        """The years it names, alone or in dates."""
        alone = {int(quantity.value) for quantity in self.quantities if quantity.year}
        return frozenset(alone | {date.year for date in self.dates if date.year})


@lru_cache(maxsize=1024)
def read(text: str) -> Reading:
    """Read a text."""
    flat = plain(text)
    words = tokens(flat)
    found_dates, found_times = dates(flat), times(flat)
    spans = [(date.start, date.end) for date in found_dates]
    spans += [(time.start, time.end) for time in found_times]
    numbers = tuple(
        quantity
        for quantity in quantities(words, flat)
        if not any(start <= words[quantity.first].start < end for start, end in spans)
    )
    found_names = names(words, flat)
    keys = frozenset(token.key for token in words)
    return Reading(
        text=flat,
        tokens=words,
        quantities=numbers,
        dates=found_dates,
        times=found_times,
        names=found_names,
        content=tuple((at, stem(t.key)) for at, t in enumerate(words) if is_content(t)),
        keys=keys,
        lemmas=frozenset(lemma(word) for word in keys),
        stems=frozenset(stem(word) for word in keys),
        parts=frozenset(part for name in found_names for part in name.parts),
    )


def states(reading: Reading) -> bool:
    """Whether a text has a verb, or a word that may be one: "The presidents of Russia and China."
    has none. Without small letters it cannot be told."""
    words = [token for token in reading.tokens if token.is_word]
    if reading.text.isupper() or _caseless(reading):
        return True
    return any(not word.capital and word.key not in _stating_nothing() for word in words)


def tells(reading: Reading) -> bool:
    """Whether a text says something that can be looked for: a name, number, date or time, or two
    words with a meaning. "It is unclear." stands anywhere."""
    marks = (reading.names, reading.quantities, reading.dates, reading.times)
    return any(marks) or len(reading.content) > 1 or _caseless(reading)


def _caseless(reading: Reading) -> bool:
    """Whether it is written in letters that are neither small nor capital."""
    first = (token.text[0] for token in reading.tokens if token.is_word)
    return any(letter.isupper() == letter.islower() for letter in first)


@cache
def _stating_nothing() -> frozenset[str]:
    """The words in small letters that may stand among names without stating anything."""
    among = listed("function") | listed("titles") | listed("vague_titles")
    return among - listed("verbs")


def united(readings: Sequence[Reading], attribute: str) -> frozenset[str]:
    """A set of words, over several readings."""
    found: Iterable[frozenset[str]] = (getattr(reading, attribute) for reading in readings)
    return frozenset().union(*found)
