"""Confidence measures, held against hand-worked values and brute force."""

import math
from itertools import permutations, product
from statistics import fmean, quantiles

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.bootstrap import bootstrap
from eval.confidence import (
    ReliabilityBin,
    aurc,
    auroc,
    expected_calibration_error,
    percentile,
    reliability,
    risk_coverage,
)

# Few distinct confidences, so that ties are common.
judged = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 0.75, 1.0]), st.booleans()), max_size=25
)
Judged = list[tuple[float, bool]]


def split(cases: Judged) -> tuple[list[float], list[bool]]:
    return [confidence for confidence, _ in cases], [right for _, right in cases]


def test_auroc_is_one_for_a_perfect_order_and_half_for_none() -> None:
    assert auroc([0.1, 0.2, 0.8, 0.9], [False, False, True, True]) == 1.0
    assert auroc([0.5, 0.5, 0.5], [True, False, True]) == 0.5


def test_auroc_of_one_kind_only_is_none() -> None:
    assert auroc([0.1, 0.9], [True, True]) is None
    assert auroc([0.1, 0.9], [False, False]) is None
    assert auroc([], []) is None


@given(judged)
def test_auroc_is_the_share_of_pairs_in_order_with_ties_as_half(cases: Judged) -> None:
    right = [score for score, label in cases if label]
    wrong = [score for score, label in cases if not label]
    wins = [(a > b) + (a == b) / 2 for a, b in product(right, wrong)]
    value = auroc(*split(cases))
    assert value == (pytest.approx(fmean(wins)) if wins else None)


@given(judged)
def test_auroc_of_reversed_scores_or_labels_is_one_less_it(cases: Judged) -> None:
    scores, labels = split(cases)
    value = auroc(scores, labels)
    if value is not None:
        assert 0 <= value <= 1
        assert auroc([-score for score in scores], labels) == pytest.approx(1 - value)
        assert auroc(scores, [not label for label in labels]) == pytest.approx(1 - value)


def test_risk_coverage_follows_the_answers_from_the_surest_down() -> None:
    coverage, risk = risk_coverage([0.2, 0.9, 0.6, 0.4], [False, True, False, True])
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])


def test_aurc_is_the_mean_risk() -> None:
    assert aurc([0.2, 0.9, 0.6, 0.4], [False, True, False, True]) == pytest.approx(1 / 3)


def test_aurc_of_a_confidence_that_says_nothing_is_the_error_rate() -> None:
    assert aurc([0.5] * 8, [True] * 6 + [False] * 2) == pytest.approx(0.25)


def test_no_cases_have_an_empty_curve_and_no_area() -> None:
    coverage, risk = risk_coverage([], [])
    assert len(coverage) == len(risk) == 0
    assert aurc([], []) is None


@given(st.lists(st.tuples(st.sampled_from([0.2, 0.8]), st.booleans()), min_size=1, max_size=5))
def test_ties_count_as_the_mean_over_every_order_of_the_tied(cases: Judged) -> None:
    """Each order of the cases, sorted by confidence alone, is one way to break the ties."""
    areas = []
    for order in permutations(cases):
        rights = [right for _, right in sorted(order, key=lambda case: -case[0])]
        areas.append(fmean(rights[:kept].count(False) / kept for kept in range(1, len(rights) + 1)))
    assert aurc(*split(cases)) == pytest.approx(fmean(areas))


@given(judged)
def test_the_curve_stays_in_bounds_and_ends_at_the_error_rate(cases: Judged) -> None:
    coverage, risk = risk_coverage(*split(cases))
    assert len(coverage) == len(risk) == len(cases)
    assert ((risk >= 0) & (risk <= 1)).all()
    if cases:
        assert coverage[-1] == 1
        assert risk[-1] == pytest.approx(fmean(not right for _, right in cases))


@given(judged)
def test_no_order_has_a_smaller_area_than_the_perfect_one(cases: Judged) -> None:
    confidences, correct = split(cases)
    value, best = aurc(confidences, correct), aurc(correct, correct)
    worst = aurc([not right for right in correct], correct)
    if value is not None and best is not None and worst is not None:
        assert 0 <= best <= value + 1e-12
        assert value <= worst + 1e-12 <= 1 + 1e-12


def test_reliability_shows_every_bin_with_borders_in_the_bin_below() -> None:
    rows = reliability([0.0, 0.5, 0.6, 1.0], [False, True, True, False], bins=2)
    assert rows == [
        ReliabilityBin(low=0.0, high=0.5, n=2, confidence=0.25, accuracy=0.5),
        ReliabilityBin(low=0.5, high=1.0, n=2, confidence=0.8, accuracy=0.5),
    ]


def test_decimal_borders_fall_in_the_bin_below_in_spite_of_rounding() -> None:
    borders = [step / 10 for step in range(1, 11)]
    assert [row.n for row in reliability(borders, [True] * 10)] == [1] * 10


def test_an_empty_bin_has_no_means() -> None:
    assert reliability([], [], bins=1) == [ReliabilityBin(0.0, 1.0, 0, None, None)]


def test_calibration_error_is_the_gap_weighted_by_cases() -> None:
    confidences = [0.9, 0.9, 0.9, 0.3]
    correct = [True, True, False, False]
    expected = 3 / 4 * (0.9 - 2 / 3) + 1 / 4 * 0.3
    assert expected_calibration_error(confidences, correct) == pytest.approx(expected)


def test_calibration_error_is_zero_when_confidence_is_the_accuracy() -> None:
    value = expected_calibration_error([0.8] * 5, [True] * 4 + [False])
    assert value == pytest.approx(0)
    assert expected_calibration_error([], []) is None


@given(judged, st.integers(1, 20))
def test_calibration_error_is_in_bounds_and_every_case_is_in_one_bin(
    cases: Judged, bins: int
) -> None:
    confidences, correct = split(cases)
    rows = reliability(confidences, correct, bins)
    assert len(rows) == bins
    assert sum(row.n for row in rows) == len(cases)
    value = expected_calibration_error(confidences, correct, bins)
    assert value is None if not cases else value is not None and 0 <= value <= 1


@given(judged.flatmap(lambda cases: st.tuples(st.just(cases), st.permutations(cases))))
def test_the_order_of_cases_does_not_matter(pair: tuple[Judged, Judged]) -> None:
    first, second = (split(cases) for cases in pair)
    assert auroc(*first) == auroc(*second)
    assert aurc(*first) == aurc(*second)
    assert expected_calibration_error(*first) == pytest.approx(expected_calibration_error(*second))


@pytest.mark.parametrize("statistic", [auroc, aurc, expected_calibration_error])
@given(cases=judged)
def test_their_figures_are_never_nan_and_hold_their_value(statistic: object, cases: Judged) -> None:
    assert callable(statistic)
    figure = bootstrap(statistic, *split(cases), resamples=10)
    if figure.value is None:
        assert (figure.n, figure.low, figure.high) == (0, None, None)
    elif figure.low is not None and figure.high is not None:
        assert 0 <= figure.low <= figure.value <= figure.high <= 1


def test_percentiles_are_interpolated() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.5
    assert percentile([10.0], 95) == 10.0
    assert percentile([], 50) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_percentiles_are_those_of_the_standard_library(values: list[float]) -> None:
    expected = quantiles(values, n=20, method="inclusive")
    assert [percentile(values, q) for q in range(5, 100, 5)] == pytest.approx(expected, abs=1e-6)
    assert percentile(values, 0) == min(values)
    assert percentile(values, 100) == max(values)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: auroc([0.1], [True, False]), "differ in length"),
        (lambda: auroc([math.nan], [True]), "finite"),
        (lambda: auroc([0.1], [0.5]), "neither true nor false"),
        (lambda: risk_coverage([0.1], []), "differ in length"),
        (lambda: aurc([0.1], [2]), "neither true nor false"),
        (lambda: reliability([1.1], [True]), r"outside 0\.\.1"),
        (lambda: reliability([-0.1], [True]), r"outside 0\.\.1"),
        (lambda: expected_calibration_error([0.1], [True], bins=0), "bins"),
        (lambda: percentile([1.0], 101), r"0\.\.100"),
        (lambda: percentile([math.inf], 50), "finite"),
    ],
)
def test_bad_input_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()


def test_columns_may_be_arrays() -> None:
    assert auroc(np.array([0.1, 0.9]), np.array([0.0, 1.0])) == 1.0
