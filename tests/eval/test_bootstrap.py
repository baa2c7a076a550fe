"""Figures: values by hand, intervals by their properties."""

import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.bootstrap import (
    Difference,
    Figure,
    Floats,
    bootstrap,
    mean,
    paired_bootstrap,
    quantile,
    ratio,
)
from eval.confidence import percentile

NOTHING = Figure(value=None, n=0, low=None, high=None)

values = st.floats(-1e6, 1e6)
columns = st.lists(values, max_size=30)
parts = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=30)
runs = st.lists(st.tuples(values, values), max_size=30)


def in_order(figure: Figure) -> bool:
    """Every number is finite, and the interval holds the value."""
    if figure.value is None:
        return figure == NOTHING
    if figure.low is None or figure.high is None:
        return math.isfinite(figure.value) and figure.low is figure.high
    return -math.inf < figure.low <= figure.value <= figure.high < math.inf


def interval(found: Figure | Difference) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def test_a_figure_has_the_fields_of_the_report() -> None:
    assert asdict(mean([True])) == {"value": 1.0, "n": 1, "low": 1.0, "high": 1.0}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_figure_or_difference_that_is_not_finite_cannot_be_made(number: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Figure(value=number, n=1)
    with pytest.raises(ValueError, match="finite"):
        Difference(value=0, n=1, low=0, high=0, p=number)


def test_the_mean_of_booleans_is_the_share_that_is_true() -> None:
    figure = mean([True, True, True, False])
    assert (figure.value, figure.n) == (0.75, 4)
    low, high = interval(figure)
    assert low < 0.75
    assert high == 1.0


def test_nothing_to_measure_is_none_with_n_zero() -> None:
    assert mean([]) == NOTHING
    assert ratio([]) == NOTHING
    assert ratio([(0, 0), (0, 0)]) == NOTHING
    assert bootstrap(lambda column: float(column[0]), []) == NOTHING
    assert bootstrap(lambda column: None, [1.0, 2.0]) == NOTHING
    assert paired_bootstrap([], []) == Difference(None, 0, None, None, None)


def test_a_ratio_weighs_cases_by_their_denominators_and_counts_those_that_have_one() -> None:
    figure = ratio([(1, 1), (0, 3), (0, 0)])
    assert (figure.value, figure.n) == (0.25, 2)


def test_a_statistic_undefined_on_some_draws_still_has_an_interval() -> None:
    def mean_of_positives(column: Floats) -> float | None:
        positives = column[column > 0]
        return float(positives.mean()) if len(positives) else None

    figure = bootstrap(mean_of_positives, [0.0, 0.0, 2.0])
    assert figure == Figure(2.0, 3, 2.0, 2.0)


def test_a_statistic_defined_on_no_draw_has_a_value_without_an_interval() -> None:
    answers = iter([0.5, None, None])
    assert bootstrap(lambda column: next(answers), [1.0], resamples=2) == Figure(0.5, 1, None, None)


def test_a_statistic_that_answers_nan_is_an_error() -> None:
    with pytest.raises(ValueError, match="finite"):
        bootstrap(lambda column: math.nan, [1.0])


def test_the_interval_holds_the_true_rate_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(7)
    held = 0
    for trial in range(200):
        low, high = interval(mean((generator.random(80) < 0.7).tolist(), seed=trial))
        held += low <= 0.7 <= high
    assert 0.90 <= held / 200 <= 0.98


def test_more_cases_make_a_narrower_interval() -> None:
    few, many = interval(mean([True, False] * 10)), interval(mean([True, False] * 1000))
    assert many[1] - many[0] < (few[1] - few[0]) / 5


def test_another_seed_draws_other_cases() -> None:
    column = [float(value * value) for value in range(20)]
    assert mean(column, seed=1) != mean(column, seed=2)


def test_many_cases_are_drawn_in_pieces_without_losing_a_draw() -> None:
    drawn: list[int] = []

    def count(column: Floats) -> float:
        drawn.append(len(column))
        return 0.0

    bootstrap(count, [0.0] * 300_000, resamples=7)
    assert drawn == [300_000] * 8


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean([1.0, math.nan]), "finite"),
        (lambda: ratio([(1, -1)]), "below 0"),
        (lambda: bootstrap(lambda a, b: 0.0, [1.0], [1.0, 2.0]), "differ in length"),
        (lambda: bootstrap(lambda: 0.0), "one or more columns"),
        (lambda: bootstrap(lambda a: 0.0, np.ones((2, 2))), "one number a case"),
        (lambda: mean([1.0], resamples=0), "resamples"),
        (lambda: paired_bootstrap([1.0], []), "differ in length"),
        (lambda: paired_bootstrap([math.inf], [1.0]), "finite"),
    ],
)
def test_bad_input_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()


@given(columns)
def test_a_mean_is_finite_inside_its_interval_and_within_the_values(column: list[float]) -> None:
    figure = mean(column, resamples=50)
    assert in_order(figure)
    if figure.value is not None and figure.low is not None and figure.high is not None:
        slack = 1e-9 * max(map(abs, column))
        assert min(column) - slack <= figure.low
        assert figure.high <= max(column) + slack


@given(parts)
def test_a_ratio_is_the_sum_over_the_sum(pairs: list[tuple[int, int]]) -> None:
    figure = ratio(pairs, resamples=50)
    assert in_order(figure)
    assert figure.n == sum(bottom > 0 for _, bottom in pairs)
    if figure.value is not None:
        assert figure.value == sum(top for top, _ in pairs) / sum(bottom for _, bottom in pairs)


@given(parts, st.integers(0, 99))
def test_a_ratio_has_the_interval_of_the_general_bootstrap(
    pairs: list[tuple[int, int]], seed: int
) -> None:
    general = bootstrap(
        lambda top, bottom: top.sum() / bottom.sum() if bottom.any() else None,
        [top for top, _ in pairs],
        [bottom for _, bottom in pairs],
        seed=seed,
        resamples=50,
    )
    figure = ratio(pairs, seed=seed, resamples=50)
    assert (figure.value, figure.low, figure.high) == (general.value, general.low, general.high)


@settings(max_examples=20)
@given(columns, st.sampled_from([0, 50, 95, 100]), st.integers(0, 99))
def test_a_quantile_is_that_of_the_general_bootstrap(
    column: list[float], percent: int, seed: int
) -> None:
    found = quantile(column, percent / 100, seed=seed, resamples=50)
    general = bootstrap(lambda drawn: percentile(drawn, percent), column, seed=seed, resamples=50)
    assert asdict(found) == pytest.approx(asdict(general))


@given(columns.flatmap(lambda column: st.tuples(st.just(column), st.permutations(column))))
def test_the_order_of_cases_does_not_matter(pair: tuple[list[float], list[float]]) -> None:
    column, shuffled = pair
    assert mean(column, resamples=50) == mean(shuffled, resamples=50)


@given(runs, st.integers(0, 99))
def test_the_same_seed_gives_the_same_figures(run: list[tuple[float, float]], seed: int) -> None:
    a, b = [x for x, _ in run], [y for _, y in run]
    assert mean(a, seed=seed, resamples=20) == mean(a, seed=seed, resamples=20)
    first = paired_bootstrap(a, b, seed=seed, resamples=20)
    assert first == paired_bootstrap(a, b, seed=seed, resamples=20)


def test_a_run_that_is_better_on_most_cases_is_better_by_more_than_noise() -> None:
    difference = paired_bootstrap([True] * 45 + [False] * 5, [True] * 15 + [False] * 35)
    assert difference.value == pytest.approx(0.6)
    assert difference.n == 50
    assert interval(difference)[0] > 0.4
    assert difference.p == 1 / 2001


def test_a_single_case_won_among_many_is_noise() -> None:
    difference = paired_bootstrap([True] * 31 + [False] * 19, [True] * 30 + [False] * 20)
    assert difference.value == pytest.approx(0.02)
    assert difference.low == 0.0
    assert difference.p is not None
    assert difference.p > 0.3


def test_pairing_shows_a_small_gain_that_two_separate_intervals_would_hide() -> None:
    before = [float(value) for value in range(100)]
    after = [value + 0.5 + value % 2 for value in before]
    difference = paired_bootstrap(after, before)
    assert difference.value == pytest.approx(1.0)
    assert difference.p is not None
    assert difference.p < 0.001


def test_a_run_does_not_differ_from_itself() -> None:
    assert paired_bootstrap([0.2, 0.9], [0.2, 0.9]) == Difference(0.0, 2, 0.0, 0.0, 1.0)


@given(runs)
def test_a_difference_is_finite_and_turns_its_sign_with_the_runs(
    run: list[tuple[float, float]],
) -> None:
    a, b = [x for x, _ in run], [y for _, y in run]
    there = paired_bootstrap(a, b, resamples=50)
    back = paired_bootstrap(b, a, resamples=50)
    if there.value is None or there.low is None or there.high is None or there.p is None:
        assert not run
        return
    assert there.low <= there.value <= there.high
    assert 0 < there.p <= 1
    assert back.value == pytest.approx(-there.value)


@given(runs.flatmap(lambda run: st.tuples(st.just(run), st.permutations(run))))
@settings(max_examples=50)
def test_the_order_of_pairs_does_not_matter(
    pair: tuple[list[tuple[float, float]], list[tuple[float, float]]],
) -> None:
    first, second = (
        paired_bootstrap([x for x, _ in run], [y for _, y in run], resamples=50) for run in pair
    )
    assert first == second
