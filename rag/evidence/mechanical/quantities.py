"""A number as a text gives it, and whether one number bears out another."""

import math
from dataclasses import dataclass
from typing import Literal

Bound = Literal["exact", "about", "over", "under"]
Sort = Literal["plain", "percent", "fraction", "ordinal", "decade", "century", "vague"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as a text gives it.

    `value` is the number as written (20 for `20 %`, 1930 for `the 1930s`), `also` what it says in
    other words (0.2), `nouns` the stems of what may be counted, `first` and `last` the tokens it
    spans. `implied` ones bear out a number, but are none that must be borne out. `unit` is how
    many hours that lasts which it counts, 0 where it counts no time.
    """

    value: float
    also: tuple[float, ...]
    sort: Sort
    bound: Bound
    currency: str
    nouns: tuple[str, ...]
    text: str
    first: int
    last: int
    implied: bool = False
    unit: float = 0.0

    @property
    def year(self) -> bool:
        """Whether it may be a year."""
        return (
            self.sort == "plain"
            and not self.unit
            and 1000 <= self.value <= 2100
            and len(self.text) == 4
            and self.text.isdecimal()
        )

    @property
    def share(self) -> float:
        """What part of a whole it is, 0 where it is none."""
        if self.sort == "percent":
            return self.value / 100
        return self.value if self.sort == "fraction" else 0.0

    @property
    def size(self) -> float:
        """What can be compared with another of the same kind: a share, or hours where it counts
        time."""
        return self.share or self.value * (self.unit or 1.0)


def bears_out(said: Quantity, given: Quantity) -> bool:
    """Whether a quote that gives one quantity says the other, whatever they count."""
    if said.currency and given.currency and said.currency != given.currency:
        return False
    if "vague" in (said.sort, given.sort):
        low, high = _reach(said)
        return low <= given.value <= high if said.sort == "vague" else said.value == given.value
    if said.sort == "decade" or given.sort == "decade":
        return _same_decade(said, given)
    if said.sort == "century" and given.year:
        return math.ceil(given.value / 100) == said.value
    if not _same_number(said, given):
        return False
    if "about" in (said.bound, given.bound) or said.bound == given.bound:
        return True
    if said.bound == "under" and given.bound == "exact":
        return given.size < said.size
    return "under" not in (said.bound, given.bound)


def _same_number(said: Quantity, given: Quantity) -> bool:
    if said.unit and given.unit and said.unit != given.unit:
        return _near(said, given, slack=0.02)
    slack = 0.02 if "fraction" in (said.sort, given.sort) else 1e-9
    ours = (said.value, *said.also)
    theirs = (given.value, *given.also)
    if said.sort in ("percent", "fraction") and given.sort in ("percent", "fraction"):
        pairs = [(a, b) for a in ours for b in theirs]
    else:
        pairs = [(said.value, b) for b in theirs[: 1 if given.sort == "percent" else None]]
        pairs += [(a, given.value) for a in ours[: 1 if said.sort == "percent" else None]]
    if any(math.isclose(a, b, rel_tol=slack, abs_tol=1e-12) for a, b in pairs):
        return True
    if said.sort == given.sort or (said.share and given.share):
        return _near(said, given, slack)
    return False


def _near(said: Quantity, given: Quantity, slack: float) -> bool:
    """Whether one is as large as the other, or lies as near it as its bound allows."""
    ours, theirs = said.size, given.size
    alike = said.unit or said.share or set(said.nouns) & set(given.nouns)
    if said.bound == "over" and given.bound != "under":
        return (1 - slack) * ours <= theirs <= (2 if alike else 1.25) * ours
    if said.bound == "under" and given.bound != "over" and alike:
        return ours / 2 <= theirs <= (1 + slack) * ours
    return abs(theirs - ours) <= max(slack, 0.05 if said.bound == "about" else 0.0) * ours


def _same_decade(said: Quantity, given: Quantity) -> bool:
    if said.sort != "decade":
        return False
    value = given.value if given.sort == "decade" else given.value // 10 * 10
    if given.sort != "decade" and not given.year:
        return False
    return value == said.value or min(value, said.value) == max(value, said.value) % 100


def _reach(vague: Quantity) -> tuple[float, float]:
    return (vague.value, vague.value * 100) if vague.sort == "vague" else (0.0, 0.0)
