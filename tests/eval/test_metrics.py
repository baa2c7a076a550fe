"""Retrieval, citations and refusal, on spans small enough to see."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.bootstrap import Figure, ratio
from eval.metrics import (
    Span,
    citation_precision,
    citation_recall,
    evidence_recall,
    hit_at_k,
    reciprocal_rank,
    refusal_f1,
    refusal_precision,
    refusal_recall,
)

NOTHING = Figure(value=None, n=0, low=None, high=None)

spans: st.SearchStrategy[Span] = st.tuples(
    st.sampled_from(["a", "b"]), st.integers(0, 60), st.integers(1, 40)
).map(lambda span: (span[0], span[1], span[1] + span[2]))
span_lists = st.lists(spans, max_size=8)
gold_lists = st.lists(spans, min_size=1, max_size=3)
refusals = st.lists(st.tuples(st.sampled_from([True, False, None]), st.booleans()), max_size=20)


# The first passage is 100 characters long, so the second is read from the 101st on.
RETRIEVED: list[Span] = [("a", 0, 100), ("b", 500, 600)]


@pytest.mark.parametrize(
    ("gold", "budget", "found"),
    [
        (("a", 20, 40), 40, True),
        (("a", 20, 40), 39, False),
        (("b", 510, 530), 130, True),
        (("b", 510, 530), 129, False),
        (("b", 510, 530), 10_000, True),
        (("b", 590, 601), 10_000, False),
        (("c", 20, 40), 10_000, False),
    ],
)
def test_evidence_is_recalled_when_it_lies_within_the_budget(
    gold: Span, budget: int, found: bool
) -> None:
    assert evidence_recall(RETRIEVED, [gold], budget) is found


def test_any_one_gold_span_will_do() -> None:
    assert evidence_recall(RETRIEVED, [("c", 0, 9), ("b", 500, 510)], 200)


def test_a_passage_retrieved_twice_uses_up_the_budget_twice() -> None:
    gold: list[Span] = [("b", 500, 510)]
    assert evidence_recall(RETRIEVED, gold, 110)
    assert not evidence_recall([RETRIEVED[0], *RETRIEVED], gold, 110)


def test_evidence_in_two_halves_is_not_recalled() -> None:
    assert not evidence_recall([("a", 0, 50), ("a", 50, 100)], [("a", 40, 60)], 100)


def test_nothing_retrieved_is_a_miss_and_not_an_error() -> None:
    assert evidence_recall([], [("a", 0, 1)], 100) is False
    assert hit_at_k([], [("a", 0, 1)], 1) is False
    assert reciprocal_rank([], [("a", 0, 1)]) == 0.0


@given(span_lists, gold_lists, st.integers(1, 200), st.integers(0, 100))
def test_a_larger_budget_never_loses_evidence(
    passages: list[Span], gold: list[Span], budget: int, more: int
) -> None:
    found = evidence_recall(passages, gold, budget)
    assert not found or evidence_recall(passages, gold, budget + more)


@given(span_lists, gold_lists)
def test_with_budget_to_spare_recall_is_whether_any_passage_holds_the_evidence(
    passages: list[Span], gold: list[Span]
) -> None:
    held = any(
        source == where and start <= first and last <= end
        for source, start, end in passages
        for where, first, last in gold
    )
    assert evidence_recall(passages, gold, 100_000) is held


def test_the_rank_is_that_of_the_first_chunk_with_a_whole_gold_span() -> None:
    ranking: list[Span] = [("b", 0, 50), ("a", 0, 50), ("a", 50, 100)]
    assert reciprocal_rank(ranking, [("a", 60, 70)]) == 1 / 3
    assert reciprocal_rank(ranking, [("a", 60, 70), ("a", 0, 50)]) == 1 / 2
    assert not hit_at_k(ranking, [("a", 60, 70)], 2)
    assert hit_at_k(ranking, [("a", 60, 70)], 3)


def test_beyond_the_cutoff_the_reciprocal_rank_is_zero() -> None:
    ranking: list[Span] = [*[("b", 0, 9)] * 10, ("a", 0, 9)]
    assert reciprocal_rank(ranking, [("a", 0, 9)]) == 0.0
    assert reciprocal_rank(ranking, [("a", 0, 9)], cutoff=11) == 1 / 11


def test_for_evidence_cut_by_chunking_the_chunk_where_it_starts_is_relevant() -> None:
    second_half: Span = ("a", 50, 100)
    first_half: Span = ("a", 0, 50)
    assert reciprocal_rank([second_half, first_half], [("a", 40, 60)]) == 1 / 2


def test_where_a_chunk_holds_the_evidence_one_where_it_only_starts_is_not_relevant() -> None:
    starts_it: Span = ("a", 0, 50)
    holds_it: Span = ("a", 30, 80)
    assert reciprocal_rank([starts_it, holds_it], [("a", 40, 60)]) == 1 / 2
    assert not hit_at_k([starts_it, holds_it], [("a", 40, 60)], 1)


@given(span_lists, gold_lists, st.integers(1, 8))
def test_a_hit_at_k_is_a_rank_of_at_most_k_and_stays_one_for_larger_k(
    chunks: list[Span], gold: list[Span], k: int
) -> None:
    rank = reciprocal_rank(chunks, gold, cutoff=100)
    assert 0 <= rank <= 1
    assert hit_at_k(chunks, gold, k) is (rank >= 1 / k)
    assert not hit_at_k(chunks, gold, k) or hit_at_k(chunks, gold, k + 1)


@pytest.mark.parametrize("gold", [[], [("a", 5, 5)], [("a", 9, 5)], [("a", -1, 5)]])
def test_gold_that_is_missing_or_no_span_is_refused(gold: list[Span]) -> None:
    with pytest.raises(ValueError, match="span"):
        evidence_recall(RETRIEVED, gold, 100)
    with pytest.raises(ValueError, match="span"):
        reciprocal_rank(RETRIEVED, gold)
    with pytest.raises(ValueError, match="span"):
        citation_recall([RETRIEVED], [gold])


def test_a_budget_cutoff_or_k_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="budget"):
        evidence_recall(RETRIEVED, [("a", 0, 1)], 0)
    with pytest.raises(ValueError, match="cutoff"):
        reciprocal_rank(RETRIEVED, [("a", 0, 1)], cutoff=0)
    with pytest.raises(ValueError, match="k must"):
        hit_at_k(RETRIEVED, [("a", 0, 1)], 0)


def test_citations_from_acceptable_sources_are_precise_wherever_they_point() -> None:
    claims: list[list[Span]] = [[("a", 0, 10)], [("a", 900, 950), ("b", 0, 10)]]
    assert citation_precision(claims, {"a"}) == (2, 3)
    assert citation_precision(claims, {"a", "b"}) == (3, 3)


def test_a_claim_without_a_citation_counts_as_a_wrong_one() -> None:
    assert citation_precision([[], [("a", 0, 10)]], {"a"}) == (1, 2)


def test_an_answer_without_claims_has_no_citations_and_backs_no_fact() -> None:
    assert citation_precision([], {"a"}) == (0, 0)
    assert citation_recall([], [[("a", 0, 10)], [("b", 0, 10)]]) == (0, 2)


@pytest.mark.parametrize(
    ("quote", "backed"),
    [
        (("a", 100, 120), 1),
        (("a", 0, 500), 1),
        (("a", 110, 500), 1),
        (("a", 111, 500), 0),
        (("a", 0, 110), 1),
        (("a", 0, 109), 0),
        (("a", 120, 140), 0),
        (("b", 100, 120), 0),
    ],
)
def test_a_quote_backs_a_fact_when_it_covers_half_its_excerpt(quote: Span, backed: int) -> None:
    assert citation_recall([[quote]], [[("a", 100, 120)]]) == (backed, 1)


def test_two_quotes_that_each_cover_less_than_half_do_not_add_up() -> None:
    assert citation_recall([[("a", 100, 108), ("a", 112, 120)]], [[("a", 100, 120)]]) == (0, 1)


def test_any_excerpt_of_a_fact_will_do_and_every_fact_is_asked_for() -> None:
    facts: list[list[Span]] = [[("a", 0, 10), ("b", 0, 10)], [("a", 50, 60)]]
    assert citation_recall([[("b", 0, 10)]], facts) == (1, 2)
    assert citation_recall([[("b", 0, 10)], [("a", 40, 60)]], facts) == (2, 2)


def test_citation_measures_need_something_to_measure_against() -> None:
    with pytest.raises(ValueError, match="source"):
        citation_precision([], set())
    with pytest.raises(ValueError, match="fact"):
        citation_recall([], [])


@given(st.lists(span_lists, max_size=5), st.lists(gold_lists, min_size=1, max_size=4))
def test_citation_shares_lie_in_bounds_and_a_further_quote_never_lowers_recall(
    claims: list[list[Span]], facts: list[list[Span]]
) -> None:
    right, cited = citation_precision(claims, {"a"})
    backed, known = citation_recall(claims, facts)
    assert 0 <= right <= cited
    assert 0 <= backed <= known == len(facts)
    assert citation_recall([*claims, facts[0]], facts)[0] >= max(1, backed)


def test_citations_of_many_cases_are_pooled() -> None:
    cases: list[list[list[Span]]] = [[[("a", 0, 9)]], [[("b", 0, 9), ("a", 0, 9), ("b", 0, 9)]], []]
    figure = ratio([citation_precision(claims, {"a"}) for claims in cases])
    assert (figure.value, figure.n) == (0.5, 2)


def over(
    measure: Callable[[bool | None, bool], tuple[float, float]],
    should_refuse: Sequence[bool | None],
    refused: Sequence[bool],
) -> Figure:
    """The figure of a measure over cases."""
    pairs = zip(should_refuse, refused, strict=True)
    return ratio([measure(due, done) for due, done in pairs], resamples=20)


def test_refusals_are_scored_by_hand() -> None:
    should_refuse = [True, True, True, False, False]
    refused = [True, True, False, True, False]
    precision = over(refusal_precision, should_refuse, refused)
    recall = over(refusal_recall, should_refuse, refused)
    f1 = over(refusal_f1, should_refuse, refused)
    assert (precision.value, precision.n) == (2 / 3, 3)
    assert (recall.value, recall.n) == (2 / 3, 3)
    assert (f1.value, f1.n) == (2 / 3, 4)


def test_where_either_is_right_a_refusal_is_right_and_so_is_an_answer() -> None:
    for measure in (refusal_precision, refusal_recall, refusal_f1):
        assert over(measure, [None], [True]).value == 1.0
        assert over(measure, [None], [False]) == NOTHING


def test_without_a_refusal_made_or_due_there_is_nothing_to_score() -> None:
    assert over(refusal_precision, [True], [False]) == NOTHING
    assert over(refusal_recall, [False], [True]) == NOTHING
    assert over(refusal_f1, [False], [False]) == NOTHING
    assert over(refusal_f1, [True, False], [False, True]).value == 0.0


@given(refusals)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(
    cases: list[tuple[bool | None, bool]],
) -> None:
    columns = [due for due, _ in cases], [done for _, done in cases]
    precision = over(refusal_precision, *columns).value
    recall = over(refusal_recall, *columns).value
    f1 = over(refusal_f1, *columns)
    if precision and recall:
        assert f1.value == pytest.approx(2 * precision * recall / (precision + recall))
    elif f1.value is not None:
        assert f1 == Figure(0.0, f1.n, 0.0, 0.0)
