"""A text -> the days, weeks, months and years that it tells from when it was written."""

import re
from dataclasses import dataclass

_STEPS = {"last": -1, "this": 0, "next": 1}
_DAYS = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
_PARTS = ("morning", "afternoon", "evening", "night")
_LENGTHS = ("day", "week", "month", "year")
_SEASONS = ("spring", "summer", "autumn", "winter")
_FORM = re.compile(
    r"(?<!\bthe )\b(?P<step>last|this|next) "
    rf"(?P<unit>{'|'.join((*_PARTS, *_LENGTHS[1:], *_SEASONS))})\b|\b(?P<day>{'|'.join(_DAYS)})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, week, month, season or year: how many after the present one, 0 for itself."""

    step: int
    unit: str
    text: str


def moments(text: str) -> tuple[Moment, ...]:
    """The moments that a plain text tells from its own: `last week`, `tomorrow`."""
    return tuple(_moment(match) for match in _FORM.finditer(text))


def may_be(said: Moment, given: Moment) -> bool:
    """Whether what happened at one may be said to have been at the other: tomorrow it is this
    week still, last week need not have been last month."""
    if said.unit == given.unit:
        return said.step == given.step
    if said.unit in _SEASONS or given.unit in _SEASONS:
        return said.unit not in _SEASONS or given.unit not in _SEASONS
    return said.step == 0 and _LENGTHS.index(given.unit) < _LENGTHS.index(said.unit)


def _moment(match: re.Match[str]) -> Moment:
    if day := match["day"]:
        return Moment(_DAYS[day.lower()], "day", match.group())
    unit = match["unit"].lower()
    return Moment(_STEPS[match["step"].lower()], "day" if unit in _PARTS else unit, match.group())
