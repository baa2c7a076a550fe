"""A text -> the dates in it, in any of the usual forms, without the years that stand alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MONTHS = (
    "january february march april may june july august september october november december"
).split()
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_MONTH = (
    r"(?P<month>(?:May|June|July)\b\.(?=\s?\d)|January|February|March|April|May|June|July|August|September|October|November"
    r"|December|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
)
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])"
_YEAR = r"(?P<year>1\d{3}|20\d{2})"
_FORMS = [
    re.compile(form)
    for form in (
        rf"\b{_DAY}(?:st|nd|rd|th)?(?:\s+day)?(?:\s+of)?[\s-]+{_MONTH}(?:,?[\s-]*(?:of\s+)?{_YEAR})?(?!\w)",
        rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}(?:st|nd|rd|th)?(?![\w%]|[.,]\d)(?:,?\s+{_YEAR}\b)?",
        rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}(?!\w)",
        rf"\b{_YEAR}[-/.](?P<m>0[1-9]|1[0-2])[-/.](?P<day>[12]\d|3[01]|0[1-9])(?!\d)",
    )
]
_RANGE = re.compile(
    rf"\b(?P<first>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*-\s*|\s+(?:to|and)\s+)(?:\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}(?!\w)"
)
_SLASHED = re.compile(r"(?<![\d/.])(\d{1,2})([/.])(\d{1,2})\2(1\d{3}|20\d{2})(?!\d)")
_ALONE = re.compile(rf"\b{_MONTH}(?!\w)")
_LED_IN = re.compile(
    r"(?:\b(?:in|of|since|until|till|by|from|before|after|during|late|early|mid|last|next|this"
    r"|every|each|and|to|through|between|on|or)[\s-]+)$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"\b(" + "|".join(day.title() for day in WEEKDAYS) + r")s?\b")


@dataclass(frozen=True, slots=True)
class Date:
    """A date as far as a text gives it, as numbers (a weekday counts from Monday, 1), and where."""

    year: int | None
    month: int | None
    day: int | None
    weekday: int | None
    text: str
    start: int
    end: int

    @property
    def parts(self) -> tuple[bool, ...]:
        """Which of month, day and weekday it gives."""
        return self.month is not None, self.day is not None, self.weekday is not None


def dates(text: str) -> tuple[Date, ...]:
    """The dates of a plain text that name more than a year, in order."""
    found: list[Date] = []
    free = text
    for form in _FORMS:
        for match in form.finditer(free):
            given = match.groupdict()
            month = int(given["m"]) if given.get("m") else _month(given["month"])
            day = int(given["day"]) if given.get("day") else None
            year = int(given["year"]) if given.get("year") else None
            found.append(Date(year, month, day, None, match.group(), match.start(), match.end()))
        free = _without(free, found)
    for match in _RANGE.finditer(text):
        month = _month(match["month"])
        found.append(Date(None, month, int(match["first"]), None, match.group(), *match.span()))
    for match in _SLASHED.finditer(free):
        one, other, year = int(match[1]), int(match[3]), int(match[4])
        for day, month in ((one, other), (other, one)):  # 3/9/2025 has two readings
            if 1 <= month <= 12 and 1 <= day <= 31:
                found.append(Date(year, month, day, None, match.group(), *match.span()))
    for match in _ALONE.finditer(free):
        name = match["month"].rstrip(".")
        if name in ("May", "March", "Mar", "Jan", "Dec", "Sep") and not _LED_IN.search(
            free[: match.start()]
        ):
            continue
        found.append(Date(None, _month(name), None, None, match.group(), *match.span()))
    for match in _WEEKDAY.finditer(free):
        day = WEEKDAYS.index(match[1].lower()) + 1
        found.append(Date(None, None, None, day, match[1], *match.span()))
    return tuple(sorted(found, key=lambda date: date.start))


def agree(said: Date, given: Date) -> bool:
    """Whether what both give of a date is the same, and some of it is."""
    pairs = [
        (said.year, given.year),
        (said.month, given.month),
        (said.day, given.day),
        (said.weekday, given.weekday),
    ]
    shared = [(ours, theirs) for ours, theirs in pairs if ours is not None and theirs is not None]
    return bool(shared) and all(ours == theirs for ours, theirs in shared)


def _month(name: str) -> int:
    start = name[:3].lower()
    return next(at for at, month in enumerate(MONTHS, start=1) if month.startswith(start))


def _without(text: str, found: Sequence[Date]) -> str:
    """`text` with blanks where dates have been found."""
    for date in found:
        text = text[: date.start] + " " * (date.end - date.start) + text[date.end :]
    return text
