"""How far a stated confidence can be trusted, and percentiles of a measurement.

Functions of all cases' confidences and whether each was right. They answer None where they are
undefined, never NaN, and don't depend on the order of the cases. `eval.bootstrap.bootstrap` gives
them an interval: `bootstrap(auroc, confidences, correct)`. A case that failed is not correct.
"""

from dataclasses import dataclass

import numpy as np

from eval.bootstrap import Floats, Values, as_columns


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The cases with low < confidence <= high: how many, how sure, and how often right.

    `confidence` and `accuracy` are means in 0..1, None where the bin is empty.
    """

    low: float
    high: float
    n: int
    confidence: float | None
    accuracy: float | None


def auroc(scores: Values, labels: Values) -> float | None:
    """The chance that a case labelled true scores above one labelled false, ties counting half.

    The area under the ROC curve, 0..1, by the rank statistic (Fawcett 2006, "An introduction to ROC
    analysis"). None where all labels are alike.

    Raises ValueError for columns of different lengths, a score that is not finite, or a label that
    is not true or false.
    """
    values, flags = as_columns(scores, labels)
    _require_binary(flags)
    _, level, counts = np.unique(values, return_inverse=True, return_counts=True)
    mid_ranks = (np.cumsum(counts) - (counts - 1) / 2)[level]
    positives = float(flags.sum())
    negatives = len(flags) - positives
    if not positives or not negatives:
        return None
    wins = float(mid_ranks @ flags) - positives * (positives + 1) / 2
    return wins / (positives * negatives)


def risk_coverage(confidences: Values, correct: Values) -> tuple[Floats, Floats]:
    """The share of errors among the answers kept, as fewer and fewer of them are held back.

    Answers are let through from the surest down. Answers the system can't tell apart come in a
    random order, and the risk is the one expected over those orders. Two arrays, one entry a case:
    coverage (1/n, 2/n, … 1) and risk, both in 0..1; empty where there are no cases. After Geifman &
    El-Yaniv 2017 ("Selective Classification for Deep Neural Networks").

    Raises ValueError for columns of different lengths, a confidence that is not finite, or an entry
    of `correct` that is not true or false.
    """
    sureness, right = as_columns(confidences, correct)
    _require_binary(right)
    _, level, counts = np.unique(-sureness, return_inverse=True, return_counts=True)
    errors = np.bincount(level, weights=1 - right, minlength=len(counts))
    kept = np.arange(1, len(right) + 1)
    kept_above = np.repeat(np.cumsum(counts) - counts, counts)
    errors_above = np.repeat(np.cumsum(errors) - errors, counts)
    expected = (kept - kept_above) * np.repeat(errors, counts) / np.repeat(counts, counts)
    return kept / max(1, len(kept)), (errors_above + expected) / kept


def aurc(confidences: Values, correct: Values) -> float | None:
    """The area under the risk-coverage curve: the mean of its risks, 0..1, lower is better.

    It is the error rate where confidence says nothing, and least where every right answer is surer
    than every wrong one. None where there are no cases. As in Geifman, Uziel & El-Yaniv 2019
    ("Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers").

    Raises ValueError as `risk_coverage` does.
    """
    _, risk = risk_coverage(confidences, correct)
    return float(risk.mean()) if len(risk) else None


def reliability(confidences: Values, correct: Values, bins: int = 10) -> list[ReliabilityBin]:
    """The reliability diagram: `bins` rows of equal width from 0 to 1, empty ones included.

    A confidence on a border belongs to the bin below it, and 0 to the first. As in Guo et al. 2017
    ("On Calibration of Modern Neural Networks").

    Raises ValueError for columns of different lengths, a confidence outside 0..1, an entry of
    `correct` that is not true or false, or fewer than one bin.
    """
    sureness, right = as_columns(confidences, correct)
    _require_binary(right)
    if bins < 1:
        raise ValueError(f"bins must be at least 1, not {bins}")
    if ((sureness < 0) | (sureness > 1)).any():
        raise ValueError("a confidence is outside 0..1")
    edges = np.arange(bins + 1) / bins
    place = np.searchsorted(edges[1:-1], sureness)
    counts = np.bincount(place, minlength=bins)
    filled = np.maximum(counts, 1)
    confidence = np.bincount(place, weights=sureness, minlength=bins) / filled
    accuracy = np.bincount(place, weights=right, minlength=bins) / filled
    return [
        ReliabilityBin(
            low=float(edges[row]),
            high=float(edges[row + 1]),
            n=int(counts[row]),
            confidence=float(confidence[row]) if counts[row] else None,
            accuracy=float(accuracy[row]) if counts[row] else None,
        )
        for row in range(bins)
    ]


def expected_calibration_error(
    confidences: Values, correct: Values, bins: int = 10
) -> float | None:
    """How far confidence lies from accuracy: the gap in each bin, weighted by the bin's cases;
    0..1.

    The bins are those of `reliability`. None where there are no cases. Naeini, Cooper & Hauskrecht
    2015 ("Obtaining Well Calibrated Probabilities Using Bayesian Binning"), Guo et al. 2017.

    Raises ValueError as `reliability` does.
    """
    gaps = [
        row.n * abs(row.confidence - row.accuracy)
        for row in reliability(confidences, correct, bins)
        if row.confidence is not None and row.accuracy is not None
    ]
    return sum(gaps) / len(confidences) if gaps else None


def percentile(values: Values, q: float) -> float | None:
    """The value that q per cent of the values do not exceed, in their own unit.

    Between two values it is interpolated (Hyndman & Fan 1996, "Sample Quantiles in Statistical
    Packages", definition 7). None where there are no values.

    Raises ValueError for q outside 0..100 or a value that is not finite.
    """
    if not 0 <= q <= 100:
        raise ValueError(f"a percentile lies in 0..100, not {q}")
    (column,) = as_columns(values)
    return float(np.percentile(column, q)) if len(column) else None


def _require_binary(flags: Floats) -> None:
    if not np.isin(flags, (0, 1)).all():
        raise ValueError("an entry is neither true nor false")
