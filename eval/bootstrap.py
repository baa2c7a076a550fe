"""Figures with their intervals: means, ratios and any other statistic, resampled by case.

A figure is never NaN: where there is nothing to measure, its value is None and its n is 0. Cases
are put in a fixed order before they are resampled, so the same cases give the same figure in
whatever order they were run.

Every interval is the percentile bootstrap's at 95 % (Efron 1979, "Bootstrap Methods: Another Look
at the Jackknife"; Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13),
stretched where needed to hold the value itself. Cases that all agree give an interval of no width,
however few they are: read n beside it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Values = Sequence[float] | Floats

_DRAWS_AT_ONCE = 1_000_000  # bounds the memory of a resampling, whatever the number of cases


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with the number of cases it rests on and its 95 % interval.

    `value` is None where nothing could be measured, and then `n` is 0. `low` and `high` are None
    where there is no interval; otherwise `low <= value <= high`.

    Raises ValueError for a number that is not finite.
    """

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        _require_finite(self.value, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Difference:
    """How far run a is above run b on the same cases: mean of a less mean of b.

    `p` is how often chance alone would show a difference as large, either way. All but `n` are None
    where there are no cases.

    Raises ValueError for a number that is not finite.
    """

    value: float | None
    n: int
    low: float | None
    high: float | None
    p: float | None

    def __post_init__(self) -> None:
        _require_finite(self.value, self.low, self.high, self.p)


def mean(values: Values, *, seed: int = 0, resamples: int = 1000) -> Figure:
    """The mean of one value a case, in the values' own unit; of booleans, the share that is true.

    A case that failed belongs in `values` as the wrong it is (False, or 0), never left out.

    Raises ValueError for a value that is not finite.
    """
    return ratio([(value, 1.0) for value in values], seed=seed, resamples=resamples)


def ratio(parts: Sequence[tuple[float, float]], *, seed: int = 0, resamples: int = 1000) -> Figure:
    """The sum of the numerators over the sum of the denominators, one such pair a case.

    This is how precision, recall and F1 are bootstrapped: whole cases are drawn, and the ratio is
    taken anew over each draw. `n` counts the cases whose denominator is above 0. Draws without any
    such case say nothing about the ratio and have no part in its interval.

    Raises ValueError for a number that is not finite or a denominator below 0.
    """
    numerators, denominators = as_columns([top for top, _ in parts], [low for _, low in parts])
    if (denominators < 0).any():
        raise ValueError("a denominator is below 0")
    if not denominators.any():
        return Figure(value=None, n=0)
    cases = _in_fixed_order(numerators, denominators)
    top, bottom = cases.sum(axis=0)
    sums = np.concatenate([cases[rows].sum(axis=1) for rows in _draws(len(cases), seed, resamples)])
    sums = sums[sums[:, 1] > 0]
    value = float(top / bottom)
    low, high = _interval(value, sums[:, 0] / sums[:, 1])
    return Figure(value, int(np.count_nonzero(denominators)), low, high)


def quantile(values: Values, share: float, *, seed: int = 0, resamples: int = 1000) -> Figure:
    """The value that a share (0..1) of one value a case do not exceed, in the values' own unit,
    interpolated between two (Hyndman & Fan 1996, "Sample Quantiles in Statistical Packages",
    definition 7). As `bootstrap` would give it, but all draws at once.

    Raises ValueError for a value that is not finite.
    """
    (column,) = as_columns(values)
    if not len(column):
        return Figure(value=None, n=0)
    column = np.sort(column)
    replicates = [
        np.quantile(column[rows], share, axis=1) for rows in _draws(len(column), seed, resamples)
    ]
    value = float(np.quantile(column, share))
    low, high = _interval(value, np.concatenate(replicates))
    return Figure(value, len(column), low, high)


def bootstrap(
    statistic: Callable[..., float | None],
    *columns: Values,
    seed: int = 0,
    resamples: int = 1000,
) -> Figure:
    """Any statistic of per-case columns, as in `bootstrap(auroc, scores, labels)`.

    `statistic` is called with one float array a column, all of one length, and answers None where
    it is undefined. Undefined on the cases themselves, it gives a figure without value and n = 0;
    undefined on a draw (say, AUROC on cases all of one kind), that draw has no part in the
    interval. `n` is the number of cases.

    Raises ValueError for columns of different lengths or a value that is not finite.
    """
    cases = _in_fixed_order(*as_columns(*columns))
    value = statistic(*cases.T) if len(cases) else None
    if value is None:
        return Figure(value=None, n=0)
    drawn = (
        statistic(*cases[row].T) for rows in _draws(len(cases), seed, resamples) for row in rows
    )
    replicates = np.array([one for one in drawn if one is not None], dtype=np.float64)
    low, high = _interval(value, replicates)
    return Figure(float(value), len(cases), low, high)


def paired_bootstrap(a: Values, b: Values, *, seed: int = 0, resamples: int = 2000) -> Difference:
    """Is run a better than run b on the same cases by more than noise?

    Case by case `a[i]` is set against `b[i]`, and cases are drawn with both their values. As in
    Berg-Kirkpatrick, Burkett & Klein 2012 ("An Empirical Investigation of Statistical Significance
    in NLP"), draws are centred on the difference found, so `p` is the share of draws that stray
    from it by at least its own size; here in either direction, as either run may be the better one,
    and with one added to both counts (Davison & Hinkley 1997, "Bootstrap Methods and their
    Application", chapter 4), so it is never 0. Like any bootstrap it is over-confident about a
    handful of cases.

    Raises ValueError for runs of different lengths or a value that is not finite.
    """
    before, after = as_columns(b, a)
    gains = np.sort(after - before)
    if not len(gains):
        return Difference(value=None, n=0, low=None, high=None, p=None)
    total = gains.sum()
    totals = np.concatenate(
        [gains[rows].sum(axis=1) for rows in _draws(len(gains), seed, resamples)]
    )
    # Sums, not means: with gains of 0 and 1 they are exact, so ties are seen as ties.
    strays = int(np.count_nonzero(np.abs(totals - total) >= abs(total)))
    value = float(total / len(gains))
    low, high = _interval(value, totals / len(gains))
    return Difference(value, len(gains), low, high, p=(1 + strays) / (1 + resamples))


def paired_statistic(
    statistic: Callable[..., float | None],
    a: Sequence[Values],
    b: Sequence[Values],
    *,
    seed: int = 0,
    resamples: int = 1000,
) -> Difference:
    """As `paired_bootstrap`, for any statistic of per-case columns: that of run a less that of b.

    `a` and `b` hold the columns, a row a case, the same cases in both. Draws on which the statistic
    is undefined for either run have no part; where it is undefined on the cases themselves, or on
    every draw, there is no difference.

    Raises ValueError for columns of different lengths or a value that is not finite.
    """
    width = len(a)
    cases = _in_fixed_order(*as_columns(*a, *b))
    nothing = Difference(value=None, n=0, low=None, high=None, p=None)

    def difference(rows: Floats) -> float | None:
        first, second = statistic(*rows[:, :width].T), statistic(*rows[:, width:].T)
        return None if first is None or second is None else first - second

    value = difference(cases) if len(cases) else None
    if value is None:
        return nothing
    drawn = (difference(cases[row]) for rows in _draws(len(cases), seed, resamples) for row in rows)
    replicates = np.array([one for one in drawn if one is not None], dtype=np.float64)
    if not len(replicates):
        return nothing
    strays = int(np.count_nonzero(np.abs(replicates - value) >= abs(value)))
    low, high = _interval(value, replicates)
    return Difference(value, len(cases), low, high, p=(1 + strays) / (1 + len(replicates)))


def as_columns(*columns: Values) -> tuple[Floats, ...]:
    """The columns as float arrays of one length.

    Raises ValueError for columns of different lengths or a value that is not finite.
    """
    arrays = tuple(np.asarray(column, dtype=np.float64) for column in columns)
    if not arrays or any(array.ndim != 1 for array in arrays):
        raise ValueError("expected one or more columns with one number a case")
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ValueError(f"the columns differ in length: {lengths}")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError("a value is not a finite number")
    return arrays


def _in_fixed_order(*columns: Floats) -> Floats:
    """One row a case, sorted, so that neither sums nor draws depend on the order of the input."""
    return np.column_stack(columns)[np.lexsort(columns)]


def _draws(n: int, seed: int, resamples: int) -> Iterator[NDArray[np.int64]]:
    """`resamples` rows of n case numbers drawn with replacement, some rows at a time."""
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, not {resamples}")
    generator = np.random.default_rng(seed)
    rows_at_once = max(1, _DRAWS_AT_ONCE // n)
    for done in range(0, resamples, rows_at_once):
        yield generator.integers(n, size=(min(rows_at_once, resamples - done), n))


def _interval(value: float, replicates: Floats) -> tuple[float | None, float | None]:
    """The middle 95 % of the replicates, stretched to hold the value itself.

    A statistic that resampling pushes one way, as it pushes calibration error up, or a last digit
    lost to rounding would otherwise leave the value outside its own interval.
    """
    if not len(replicates):
        return None, None
    low, high = np.percentile(replicates, [2.5, 97.5])
    return min(float(low), float(value)), max(float(high), float(value))


def _require_finite(*numbers: float | None) -> None:
    if not all(number is None or math.isfinite(number) for number in numbers):
        raise ValueError(f"a figure must be finite: {numbers}")
