"""Fitting the map from scores to probability, and the threshold."""

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.calibrate import (
    AS_GOOD,
    RIDGE,
    THRESHOLDS,
    Observation,
    fit,
    fit_logistic,
    fit_support,
    observe,
    trade,
    write,
)
from eval.cases import CaseSet, Expect, load, says, split
from eval.subject import in_process
from eval.tables import of_trades
from rag.errors import InputError
from rag.evidence.answers import Evidence
from rag.evidence.calibration import Calibration, calibration
from rag.evidence.support import Support, Verdict
from rag.records import Passage, ScoredSentence
from rag.service import Service
from tests.eval.made import case, case_set, fact


def evidence(text: str, score: float) -> Evidence:
    """A sentence with that logit."""
    sentence = ScoredSentence(0, len(text), 0.0)
    passage = Passage(1, "bridge.txt", "", None, "", text, 0, len(text), 1, "", 0, (sentence,))
    return Evidence(passage, sentence, score, 0.5)


def observation(expect: Expect, score: float, text: str = "It opened in 1932.") -> Observation:
    asked = case(f"{expect} {score}", *([fact("1932")] * (expect != "refuse")), expect=expect)
    return Observation(asked, case_set(asked), (evidence(text, score),))


def test_the_weights_that_made_the_labels_are_found_again() -> None:
    generator = np.random.default_rng(5)
    scores = generator.normal(size=20_000) * 3
    labels = (generator.random(20_000) < 1 / (1 + np.exp(0.5 - 0.8 * scores))).astype(float)
    assert fit_logistic(scores, labels, np.ones(20_000)) == pytest.approx((0.8, -0.5), abs=0.05)


@given(
    st.lists(
        st.tuples(st.floats(-12, 12), st.booleans(), st.floats(0.1, 3)), min_size=2, max_size=30
    ).filter(lambda rows: len({label for _, label, _ in rows}) == 2)
)
def test_where_fitting_ends_the_penalised_loss_is_level(
    rows: list[tuple[float, bool, float]],
) -> None:
    scores, labels, weights = np.array(rows, dtype=float).T
    scale, bias = fit_logistic(scores, labels, weights)
    surplus = weights * (1 / (1 + np.exp(-(scale * scores + bias))) - labels)
    assert abs(surplus @ scores + RIDGE * scale) < 1e-3
    assert abs(surplus.sum()) < 1e-3


def test_an_observation_of_weight_two_counts_as_two() -> None:
    scores, labels = np.array([-2.0, 1.0, 3.0, 0.5]), np.array([0.0, 1.0, 1.0, 0.0])
    twice = np.array([1.0, 1.0, 1.0, 2.0])
    doubled = fit_logistic(np.append(scores, 0.5), np.append(labels, 0.0), np.ones(5))
    assert fit_logistic(scores, labels, twice) == pytest.approx(doubled)


def test_scores_that_say_the_opposite_are_not_fitted() -> None:
    with pytest.raises(InputError, match="do not tell answers"):
        fit(
            [[observation("answer", -3.0), observation("answer", -2.0), observation("refuse", 4.0)]]
        )


def test_probabilities_and_threshold_part_what_can_be_parted() -> None:
    seen = [
        *(observation("answer", score) for score in (4.0, 5.0, 6.0, 7.0)),
        *(observation("refuse", score) for score in (-6.0, -5.0, -4.0)),
        observation("refuse", 3.0),
    ]
    fitted = fit([seen])
    assert fitted.scale > 0
    found = trade(seen, fitted)
    assert found.answer_accuracy == 1.0
    assert found.refusal_recall == 1.0
    assert found.coverage == 0.5
    assert found.precision == 1.0
    assert fitted.threshold in THRESHOLDS


def test_a_best_sentence_without_a_fact_does_not_answer() -> None:
    assert observation("answer", 1.0).answered_by_best
    assert observation("either", 1.0).answered_by_best
    assert not observation("answer", 1.0, text="Trams ran.").answered_by_best
    assert not observation("refuse", 1.0).answered_by_best
    nothing_found = replace(observation("answer", 1.0), evidence=())
    assert not nothing_found.answered_by_best


def test_sets_weigh_the_same_whatever_their_size() -> None:
    low = [observation("answer", s) for s in (1, 2, 3)] + [
        observation("refuse", s) for s in (-1, 0)
    ]
    high = [observation("answer", s) for s in (7, 8)] + [
        observation("refuse", s) for s in (2, 4, 5)
    ]
    once, often = fit([low, high]), fit([low, high * 10])
    assert [often.scale, often.bias] == pytest.approx([once.scale, once.bias], abs=0.05)
    assert often.threshold == once.threshold
    pooled = fit([low + high * 10])
    assert pooled != often


def test_the_threshold_is_in_the_middle_of_those_as_worthy_as_any() -> None:
    sets = [
        [observation("answer", s) for s in (-2, 1, 2, 6)],
        [observation("refuse", s) for s in (-3, 0, 1.5, 3)] + [observation("answer", 4)],
    ]
    fitted = fit(sets)

    def worth(threshold: float) -> float:
        return sum(trade(one, replace(fitted, threshold=threshold)).worth for one in sets)

    best = max(worth(threshold) for threshold in THRESHOLDS)
    assert worth(fitted.threshold) >= best - AS_GOOD * len(sets)
    good = [one for one in THRESHOLDS if worth(one) >= best - AS_GOOD * len(sets)]
    below = sum(one < fitted.threshold for one in good)
    assert abs(below - (len(good) - 1 - below)) <= 1


def test_a_higher_threshold_never_answers_more() -> None:
    seen = [observation("answer", s) for s in range(-5, 6)]
    fitted = Calibration(scale=0.3, bias=0.1, threshold=0.5)
    covered = [trade(seen, replace(fitted, threshold=t)).coverage for t in THRESHOLDS]
    assert covered == sorted(covered, reverse=True)
    assert covered[0] > covered[-1]


def test_an_answer_to_a_question_to_be_refused_is_no_right_one() -> None:
    found = trade([observation("refuse", 9.0)], Calibration(1.0, 0.0, 0.5))
    assert found.coverage == 1.0
    assert found.precision == 0.0
    assert found.refusal_recall == 0.0
    assert found.answer_accuracy is None


def test_questions_of_one_kind_cannot_be_fitted() -> None:
    with pytest.raises(InputError, match="some that are not"):
        fit([[observation("answer", 1.0)]])


def test_what_is_written_is_what_the_engine_reads(tmp_path: Path) -> None:
    answers = Calibration(scale=0.31, bias=-1.5, threshold=0.46)
    path = tmp_path / "calibration.json"
    write(answers, Support({"logit": 0.5}, 0.2, 0.6), path)
    write(replace(answers, threshold=0.5), None, path)
    written = json.loads(path.read_text())
    assert Calibration(**written["answers"]) == replace(answers, threshold=0.5)
    assert Support(**written["support"]) == Support({"logit": 0.5}, 0.2, 0.6)
    shipped = json.loads((files("rag") / "calibration.json").read_text())
    assert set(shipped) == set(written)


def held(logit: float, supported: bool, objected: float = 0.0) -> tuple[Verdict, bool]:
    """A verdict on a statement with these signs, and whether it is supported."""
    return Verdict(0.5, (), None, {"logit": logit, "objected": objected}), supported


def test_statements_are_let_through_where_few_false_ones_are() -> None:
    true = [held(logit, True) for logit in (1.0, 2.0, 3.0, 4.0)]
    false = [held(logit, False) for logit in (-4.0, -3.0, -2.0, 0.0)]
    fitted = fit_support([[*true, *false]])
    assert fitted.weights["logit"] > 0
    low, high = ({"logit": logit, "objected": 0.0} for logit in (0.0, 1.0))
    assert fitted.probability(low) < fitted.threshold <= fitted.probability(high)


def test_what_the_rules_object_to_does_not_raise_the_threshold() -> None:
    true = [held(logit, True) for logit in (1.0, 2.0, 3.0, 4.0)]
    false = [held(-3.0, False), held(2.5, False, objected=1.0)]
    fitted = fit_support([[*true, *false]])
    assert fitted.threshold <= fitted.probability({"logit": 1.0, "objected": 0.0})


def test_what_articles_say_nothing_of_lowers_support_and_leaves_the_threshold_to_the_sets() -> None:
    true = [held(logit, True) for logit in (1.0, 2.0, 3.0, 4.0)]
    false = [held(logit, False) for logit in (3.5, 4.5, 5.5, 6.5)]
    foreign = [held(-9.0, False) for _ in range(8)]
    assert fit_support([[*true, *false]]).weights["logit"] < 0
    fitted = fit_support([[*true, *false]], [foreign])
    assert fitted.weights["logit"] > 0


def test_statements_of_one_kind_cannot_be_fitted() -> None:
    with pytest.raises(InputError, match="some that are not"):
        fit_support([[held(1.0, True)]])


def test_only_the_tune_half_is_seen_and_answers_are_those_of_the_engine(
    seeds_service: Service,
) -> None:
    subject = in_process(seeds_service)
    shipped = load(Path(str(files("eval") / "cases" / "seeds.jsonl")), subject.texts).cases
    cases = CaseSet("seeds", shipped[:12], subject.texts, says)
    told: list[tuple[str, int, int]] = []
    seen = observe(cases, seeds_service, lambda *progress: told.append(progress))
    tuned = [one for one in cases.cases if split(one.id) == "tune"]
    assert [one.case for one in seen] == tuned
    assert told[-1] == ("Asking seeds", len(tuned), len(tuned))
    for one in seen:
        asked = seeds_service.ask(one.case.question)
        assert one.claims(calibration()) == [claim.text for claim in asked.claims]


def test_the_trade_is_shown_with_the_threshold_chosen() -> None:
    seen = [observation("answer", 4.0), observation("refuse", -4.0), observation("refuse", 5.0)]
    table = of_trades([seen], Calibration(0.3, 0.0, 0.46))
    assert [*table.columns[0].cells].count("0.46 chosen") == 1
    assert len(table.columns) == 5
