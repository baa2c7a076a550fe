"""A number as a text gives it, and whether one number bears out another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.evidence.mechanical.units import Unit, unit_stems
from rag.evidence.mechanical.words import stems

Bound = Literal["exact", "about", "over", "under"]
Sort = Literal["plain", "percent", "points", "fraction", "ordinal", "decade", "century", "vague"]

ROUNDED = 0.02
_MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as a text gives it.

    `value` is the number as written (20 for `20 %`, 1930 for `the 1930s`), `also` what it says in
    other words (0.2), `nouns` the stems of what may be counted, `first` and `last` the tokens it
    spans. `implied` ones bear out a number, but are none that must be borne out. `units` are those
    that it may be of, `reach` and `measured` its last token and its text with them. `label` is the
    stem of the word that it numbers: `Camp 3`.
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
    units: tuple[Unit, ...] = ()
    reach: int = 0
    measured: str = ""
    label: str = ""

    @property
    def year(self) -> bool:
        """Whether it may be a year."""
        return (
            self.sort == "plain"
            and not self.units
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
    def bounded(self) -> str:
        """Its text with its bound and its unit."""
        return self.measured if self.bound == "exact" else f"{self.bound} {self.measured}"

    def of(self, dimension: str) -> bool:
        """Whether it may measure this."""
        return any(unit.dimension == dimension for unit in self.units)


def bears_out(said: Quantity, given: Quantity) -> bool:
    """Whether a quote that gives one quantity says the other, whatever they count."""
    return any(_bears_out(said, given, scale) for scale in scales(said, given))


def equals(said: Quantity, given: Quantity) -> bool:
    """Whether both are the same number, whatever their bounds: 12 months and a year."""
    if said.share and given.share:
        return math.isclose(said.share, given.share, rel_tol=ROUNDED)
    if said.units and given.units:
        return any(
            math.isclose(said.value, given.value * scale, rel_tol=ROUNDED)
            for scale in scales(said, given)
        )
    return bool(scales(said, given)) and said.value in (given.value, *given.also)


def scales(said: Quantity, given: Quantity) -> Sequence[float]:
    """What a quote's number may have to be multiplied by to be in the unit of the number said;
    none where the two are no numbers of the same."""
    if said.currency and given.currency and said.currency != given.currency:
        return ()
    if not (said.units and given.units):
        return (1.0,) if _of_one_kind(said, given) else ()
    found = {
        theirs.size / ours.size
        for ours in said.units
        for theirs in given.units
        if ours.dimension == theirs.dimension
    }
    return (1.0,) if 1.0 in found else tuple(found)


def _of_one_kind(said: Quantity, given: Quantity) -> bool:
    """Whether a number may stand for another without units to tell: a share is no count, a length
    of time no count of things, the fourth of them not four, save of years."""
    sorts = {said.sort, given.sort}
    if sorts == {"plain"}:
        if bool(said.units) == bool(given.units):
            return True
        return _may_measure(given, said) if said.units else _may_measure(said, given)
    if "plain" not in sorts:
        return "points" not in sorts or sorts <= {"points", "fraction"}
    plain, other = (said, given) if said.sort == "plain" else (given, said)
    if other.sort == "ordinal":
        shared = plain is said and set(said.nouns) & set(given.nouns)  # his third win, three wins
        return not plain.nouns or plain.of("time") or bool(plain.label or shared)
    if other.sort == "points":
        return not plain.nouns or plain.nouns[0] == "point"
    return other.sort not in ("percent", "fraction") or not plain.nouns


def _may_measure(counting: Quantity, measuring: Quantity) -> bool:
    """Whether a number with no unit next to it may have one all the same: nothing follows it, or
    the unit does later, or it is of millions that leave their currency out."""
    if not counting.nouns:
        return not counting.label
    nouns = set(counting.nouns)
    return bool(
        nouns & {*measuring.nouns, *unit_stems(), *stems("times")}
        or (measuring.of("money") and counting.value >= _MILLION)
    )


def _bears_out(said: Quantity, given: Quantity, scale: float) -> bool:
    if "vague" in (said.sort, given.sort):
        low, high = _reach(said)
        return low <= given.value <= high if said.sort == "vague" else said.value == given.value
    if said.sort == "decade" or given.sort == "decade":
        return _same_decade(said, given)
    if said.sort == "century" and given.year:
        return math.ceil(given.value / 100) == said.value
    if not _same_number(said, given, scale):
        return False
    if "about" in (said.bound, given.bound) or said.bound == given.bound:
        return True
    if said.bound == "under" and given.bound == "exact":
        return _size(given, scale) < _size(said)
    return "under" not in (said.bound, given.bound)


def _same_number(said: Quantity, given: Quantity, scale: float) -> bool:
    if scale != 1.0:
        return _near(said, given, ROUNDED, scale)
    slack = ROUNDED if "fraction" in (said.sort, given.sort) else 1e-9
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
        return _near(said, given, slack, scale)
    return False


def _near(said: Quantity, given: Quantity, slack: float, scale: float) -> bool:
    """Whether one is as large as the other, or lies as near it as its bound allows."""
    ours, theirs = _size(said), _size(given, scale)
    alike = (said.units and given.units) or said.share or set(said.nouns) & set(given.nouns)
    if said.bound == "over" and given.bound != "under":
        return (1 - slack) * ours <= theirs <= (2 if alike else 1.25) * ours
    if said.bound == "under" and given.bound != "over" and alike:
        return ours / 2 <= theirs <= (1 + slack) * ours
    return abs(theirs - ours) <= max(slack, 0.05 if said.bound == "about" else 0.0) * ours


def _size(quantity: Quantity, scale: float = 1.0) -> float:
    """What can be compared with another of the same kind: a share, or the number."""
    return quantity.share or quantity.value * scale


def _same_decade(said: Quantity, given: Quantity) -> bool:
    if said.sort != "decade":
        return False
    value = given.value if given.sort == "decade" else given.value // 10 * 10
    if given.sort != "decade" and not given.year:
        return False
    return value == said.value or min(value, said.value) == max(value, said.value) % 100


def _reach(vague: Quantity) -> tuple[float, float]:
    return (vague.value, vague.value * 100) if vague.sort == "vague" else (0.0, 0.0)
