"""Figures of made-up outcomes, held against counting by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import CaseSet
from eval.figures import figures
from eval.result import SetRun, read, result, why_wrong, write
from eval.runner import Outcome, Retrieved
from rag.errors import InputError
from tests.eval.made import TEXTS, answer, case, case_set, fact, outcome, quote

OPENED = fact("1932")
LONG = fact("1,149", excerpt="1,149 metres long")
GOLD = ("bridge.txt", 11, 25)
LONG_GOLD = ("bridge.txt", 33, 50)
ELSEWHERE = ("ferry.txt", 0, 23)


def retrieved(*spans: tuple[str, int, int]) -> Retrieved:
    return Retrieved(chunks=spans, sentences=spans)


def outcomes() -> list[Outcome]:
    """Of every sort one; of right answers two."""
    both = case("two", OPENED, LONG, kind="multi")
    return [
        outcome(case("right", OPENED), answer(quote("opened in 1932")), retrieved=retrieved(GOLD)),
        outcome(
            both,
            answer(quote("opened in 1932"), quote("1,149 metres long", id_=2)),
            retrieved=retrieved(ELSEWHERE, LONG_GOLD, GOLD),
        ),
        outcome(
            case("half", OPENED, LONG, kind="multi"),
            answer(quote("opened in 1932"), quote("The ferry", "ferry.txt", 2)),
            missing=[1],
            retrieved=retrieved(GOLD),
        ),
        outcome(case("unfound", OPENED), answer(), missing=[0], retrieved=retrieved(ELSEWHERE)),
        outcome(case("none", expect="refuse", kind="near_miss"), answer(), retrieved=retrieved()),
        outcome(
            case("made up", expect="refuse", kind="near_miss"),
            answer(quote("at dawn", "ferry.txt")),
            retrieved=retrieved(),
        ),
        outcome(case("both", OPENED, expect="either", kind="premise"), answer(), missing=[0]),
    ]


def values(found: list[Outcome]) -> dict[str, tuple[Any, int]]:
    measured = figures(found)
    return {name: (figure.value, figure.n) for name, figure in measured.items()}


def test_every_figure_is_what_counting_gives() -> None:
    found = values(outcomes())
    assert found["outcome_accuracy"] == (pytest.approx(4 / 7), 7)
    assert found["answer_accuracy"] == (pytest.approx(2 / 4), 4)
    assert found["citation_precision"] == (pytest.approx(4 / 5), 3)
    assert found["citation_recall"] == (pytest.approx(4 / 6), 4)
    assert found["quote_exactness"] == (1.0, 4)
    assert found["refusal_precision"] == (pytest.approx(2 / 3), 3)
    assert found["refusal_recall"] == (pytest.approx(2 / 3), 3)
    assert found["errors"] == (0.0, 7)
    assert found["hit@1"] == (pytest.approx(2 / 6), 4)
    assert found["mrr@10"] == (pytest.approx((1 + 1 / 3 + 1 / 2 + 1) / 6), 4)
    assert found["evidence_recall@500"] == (pytest.approx(4 / 6), 4)
    assert found["latency_p50_ms"] == (10.0, 7)
    assert found["retrieve_p95_ms"] == (2.0, 7)
    assert found["input_tokens"] == (0.0, 7)


def test_a_budget_cuts_what_is_read() -> None:
    far = retrieved(("ferry.txt", 0, 490), GOLD)
    found = values([outcome(case("a", OPENED), answer(), missing=[0], retrieved=far)])
    assert found["evidence_recall@500"] == (0.0, 1)
    assert found["evidence_recall@1000"] == (1.0, 1)
    assert found["hit@1"] == (0.0, 1)
    assert found["hit@5"] == (1.0, 1)


def test_confidence_is_held_against_the_outcomes() -> None:
    sure = outcome(case("a", OPENED), answer(quote("opened in 1932"), confidence=0.9))
    unsure = outcome(case("b", expect="refuse"), answer(confidence=0.7))
    found = values([sure, unsure])
    assert found["confidence_auroc"] == (1.0, 2)
    assert found["aurc"] == (0.0, 2)
    assert found["ece"] == (pytest.approx((0.1 + 0.3) / 2), 2)
    swapped = outcome(case("b", expect="refuse"), answer(quote("Trams"), confidence=0.95))
    assert values([sure, swapped])["confidence_auroc"] == (0.0, 2)


def test_an_error_stays_in_every_denominator_as_wrong() -> None:
    good = [
        outcome(case("a", OPENED), answer(quote("opened in 1932")), retrieved=retrieved(GOLD)),
        outcome(case("b", expect="refuse"), answer()),
    ]
    before = values(good)
    failed = [
        outcome(case("c", OPENED), None, error="gone", missing=[0]),
        outcome(case("d", expect="refuse"), None, error="gone"),
        outcome(case("e", OPENED, expect="either"), None, error="gone", missing=[0]),
    ]
    after = values(good + failed)
    assert after["errors"] == (3.0, 5)
    for metric, before_n, after_n, value in [
        ("outcome_accuracy", 2, 5, 2 / 5),
        ("answer_accuracy", 1, 2, 1 / 2),
        ("citation_recall", 1, 2, 1 / 2),
        ("refusal_precision", 1, 2, 1 / 2),
        ("refusal_recall", 1, 3, 1 / 3),
        ("hit@1", 1, 2, 1 / 2),
        ("evidence_recall@4000", 1, 2, 1 / 2),
        ("confidence_auroc", 2, 4, 1 / 4),
    ]:
        assert before[metric] == (1.0, before_n), metric
        assert after[metric] == (pytest.approx(value), after_n), metric
    assert after["latency_p50_ms"] == (10.0, 5)


def test_quotes_that_moved_cost_exactness() -> None:
    given = answer(quote("opened in 1932"), quote("Trams", id_=2))
    assert values([outcome(case("a", OPENED), given, exact=1)])["quote_exactness"] == (0.5, 1)


def test_splits_and_kinds_are_measured_apart_and_add_up() -> None:
    found = values(outcomes())
    for metric in ("outcome_accuracy", "answer_accuracy", "citation_recall"):
        assert found[f"{metric}/tune"][1] + found[f"{metric}/test"][1] == found[metric][1]
    assert found["answer_accuracy/kind=multi"] == (0.5, 2)
    assert found["refusal_recall/kind=near_miss"] == (0.5, 2)
    assert "answer_accuracy/kind=near_miss" not in found
    kinds = [n for name, (_, n) in found.items() if name.startswith("outcome_accuracy/kind=")]
    assert sum(kinds) == 7


def test_without_a_view_of_retrieval_there_are_no_figures_of_it() -> None:
    found = values([outcome(case("a", OPENED), answer(quote("opened in 1932")))])
    assert not any(name.startswith(("hit@", "mrr@", "evidence_recall@")) for name in found)


def test_a_split_without_cases_has_no_figures() -> None:
    found = values([outcome(case("a", OPENED), answer(), missing=[0], retrieved=retrieved(GOLD))])
    halves = {name.partition("/")[2] for name in found if "/kind=" not in name}
    assert halves in ({"", "tune"}, {"", "test"})


def test_nothing_measured_is_no_value_and_no_nan() -> None:
    only_refused = [outcome(case("b", expect="refuse"), answer())]
    assert values(only_refused)["answer_accuracy"] == (None, 0)
    assert values(only_refused)["confidence_auroc"] == (None, 0)
    assert values([]) == {}


def run_of(name: str, found: list[Outcome]) -> SetRun:
    made = case_set(*(one.case for one in found))
    cases = CaseSet(name, made.cases, TEXTS, made.says)
    return SetRun(cases, found, [], figures(found))


def test_a_result_is_json_with_every_case_and_names_further_sets(tmp_path: Path) -> None:
    failed = outcome(case("c", OPENED), None, error="gone", missing=[0])
    runs = [run_of("first", outcomes()), run_of("second", [failed])]
    path = tmp_path / "result.json"
    write(result(runs, {"seed": 3}), path)
    found = read(path)
    assert found["metrics"]["answer_accuracy"]["value"] == 0.5
    assert set(found["metrics"]["answer_accuracy"]) == {"value", "n", "low", "high"}
    assert found["metrics"]["second:answer_accuracy"]["value"] == 0.0
    assert found["settings"] == {
        "seed": 3,
        "answered_by": ["extractive"],
        "sets": {"first": 7, "second": 1},
    }
    assert [one["id"] for one in found["cases"]] == [
        one.case.id for run in runs for one in run.outcomes
    ]
    half = found["cases"][2]
    assert [known["said"] for known in half["facts"]] == [True, False]
    assert half["answer"]["citations"][0]["quote"] == "opened in 1932"
    assert half["why_wrong"] == "facts missing: 1 of 2"
    assert found["cases"][-1]["answer"] is None
    assert found["cases"][-1]["error"] == "gone"
    json.dumps(found, allow_nan=False)


def test_what_is_wrong_is_said() -> None:
    assert [why_wrong(one) for one in outcomes()] == [
        None,
        None,
        "facts missing: 1 of 2",
        "refused, and the articles have the answer",
        None,
        "answered, and the articles do not have the answer",
        None,
    ]
    assert why_wrong(outcome(case("a"), None, error="gone")) == "failed: gone"


def test_what_is_no_result_or_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"metrics": {}}')
    for name in ("other.json", "missing.json"):
        with pytest.raises(InputError, match=f"{name} is no result"):
            read(tmp_path / name)
    with pytest.raises(InputError, match="cannot be written"):
        write({}, tmp_path / "no folder" / "result.json")
