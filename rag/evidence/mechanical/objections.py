"""A statement + its quotes -> what the quotes do not say."""

from collections.abc import Iterator, Sequence

from rag.evidence.mechanical.ages import age_objections
from rag.evidence.mechanical.amounts import date_objections, number_objections, time_objections
from rag.evidence.mechanical.direction import direction_objections
from rag.evidence.mechanical.frames import frame_objections
from rag.evidence.mechanical.naming import name_objections
from rag.evidence.mechanical.polarity import negation_objections, opposite_objections
from rag.evidence.mechanical.reading import Reading, read, states, tells, united
from rag.evidence.mechanical.speakers import speaker_objections
from rag.evidence.mechanical.strength import strong_objections
from rag.evidence.mechanical.titles import title_objections
from rag.evidence.mechanical.verbatim import address_objections, phrase_objections


def objections(
    statement: str,
    quotes: Sequence[str],
    context: str = "",
    titled: str = "",
    beside: Sequence[str] = (),
) -> list[str]:
    """What `quotes` do not say of `statement`, each in a short sentence; empty where nothing.

    A name, and the year of a date, may also stand in `context`, the sentences around the quotes,
    or be `titled`: in their article's title or headings. There alone "the 80th anniversary" is not
    enough: its number is seen in no quote. Numbers, dates and times may stand in the sentences
    `beside` the quotes, where a statement joins both.
    """
    return list(dict.fromkeys(_objections(statement, quotes, context, titled, beside)))


def contradictions(statement: str, quote: str, context: str = "", titled: str = "") -> list[str]:
    """What a quote says against `statement`, rather than leaves unsaid."""
    return list(_contradictions(read(statement), [read(quote)], _around(context, titled)))


def coverage(statement: str, quotes: Sequence[str]) -> float:
    """The share (0 to 1) of the statement's words that the quotes have; of none it is 1."""
    quoted = united([read(quote) for quote in quotes], "stems")
    held = [word in quoted for _, word in read(statement).content]
    return sum(held) / len(held) if held else 1.0


def _objections(
    statement: str, quotes: Sequence[str], context: str, titled: str, beside: Sequence[str]
) -> Iterator[str]:
    said = read(statement)
    given = [read(quote) for quote in quotes]
    if any(said.text.lower() == quote.text.lower() for quote in given):
        return
    if not states(said):
        yield "It names something and says nothing of it"
    elif not tells(said):
        yield "It says too little by itself"
    around = _around(context, titled)
    counted = [*given, *(read(sentence) for sentence in beside)]
    yield from number_objections(said, counted, context, around)
    yield from date_objections(said, counted, around)
    yield from time_objections(said, counted)
    yield from age_objections(said, counted)
    yield from name_objections(said, given, around)
    yield from title_objections(said, given, around)
    yield from phrase_objections(said, given, counted)
    yield from address_objections(said, counted)
    yield from _contradictions(said, given, around)
    yield from strong_objections(said, given)
    yield from frame_objections(said, given)
    yield from speaker_objections(said, given)


def _around(context: str, titled: str) -> Reading:
    return read(f"{titled}. {context}")


def _contradictions(said: Reading, quotes: Sequence[Reading], context: Reading) -> Iterator[str]:
    yield from negation_objections(said, quotes)
    yield from opposite_objections(said, quotes, context)
    yield from direction_objections(said, quotes)
