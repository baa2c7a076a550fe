"""A text -> the times of day in it, in figures or words."""

import re
from dataclasses import dataclass

from rag.evidence.mechanical.numerals import TENS, UNITS

_HOUR_WORDS = [word for word, value in UNITS.items() if 1 <= value <= 12]
_MINUTE_WORDS = {**UNITS, **TENS, "quarter": 15, "half": 30, "twenty-five": 25}
_HOUR = rf"(?P<hour>[01]?\d|2[0-4]|{'|'.join(_HOUR_WORDS)})"
_HALF = (
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?"
    r"|\s+(?P<lead>in the|at|this|on \w+)\s+(?P<part>morning|afternoon|evening|night)\b)"
)
_PAST = rf"(?P<minutes>\d{{1,2}}|{'|'.join(sorted(_MINUTE_WORDS, key=len, reverse=True))})"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b(?:an? )?{_PAST}(?: minutes)? (?P<side>past|to|before|after) {_HOUR}\b{_HALF}?",
        rf"\b{_HOUR}[.:](?P<minute>[0-5]\d)(?![.:]?\d){_HALF}",
        r"(?<![\d:])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?![:\d])",
        rf"(?<![\d.,:]){_HOUR}{_HALF}",
        rf"(?<![\d.,:]){_HOUR} o'clock\b{_HALF}?",
        r"(?<!\d)(?P<hour>[01]\d|2[0-4])(?P<minute>[0-5]\d)(?= (?:GMT|UTC|local time)\b)",
        r"\b(?P<name>noon|midday|midnight)\b",
    )
]
_NAMED = {"noon": 720, "midday": 720, "midnight": 0}
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day in minutes after midnight, whether it is `sure` which half of the day is
    meant, and where it stands."""

    minutes: int
    sure: bool
    text: str
    start: int
    end: int

    @property
    def figures(self) -> frozenset[float]:
        """How it is written in figures that do not say that they are a time: 9.4 and 21.4."""
        hours = (self.minutes // 60 % 12, self.minutes // 60 % 12 + 12)
        return frozenset(round(hour + self.minutes % 60 / 100, 2) for hour in hours)


def times(text: str) -> tuple[Time, ...]:
    """The times of day of a plain text, in order."""
    found: list[Time] = []
    for form in _FORMS:
        for match in form.finditer(text):
            free = all(match.end() <= one.start or one.end <= match.start() for one in found)
            if free and (time := _time(match)):
                found.append(time)
    return tuple(sorted(found, key=lambda time: time.start))


def same(said: Time, given: Time) -> bool:
    """Whether two may be the same time of day."""
    apart = (said.minutes - given.minutes) % (_DAY if said.sure and given.sure else _DAY // 2)
    return apart == 0


def _time(match: re.Match[str]) -> Time | None:
    """The time that a form matched, None where it only looks like one."""
    given = {name: word.lower() for name, word in match.groupdict().items() if word}
    if name := given.get("name"):
        return Time(_NAMED[name], True, match.group(), *match.span())
    hour, minute = _number(given["hour"]), _number(given.get("minute", "0"))
    if past := given.get("minutes"):
        side = given["side"]
        told = past in ("quarter", "half") or match.string[: match.start()].endswith("at ")
        told = told or "half" in given or given.get("lead") in ("in the", "at")
        if side != "past" and not told:
            return None  # ten to four people, five after two, lost five to four on Friday night
        minute = _number(past)
        minute = -minute if side in ("to", "before") else minute
    half, part = given.get("half"), given.get("part")
    sure = bool(half or part) or hour > 12 or (given.get("minute") and given["hour"][0] == "0")
    if hour <= 12 and (half or part):
        evening = part in ("afternoon", "evening") or (part == "night" and hour >= 6)
        hour = hour % 12 + (12 if half == "p" or evening else 0)
    return Time((60 * hour + minute) % _DAY, bool(sure), match.group(), *match.span())


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else _MINUTE_WORDS[word]
