"""Two results side by side."""

import json
from collections.abc import Sequence
from io import StringIO
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from eval.bootstrap import Difference
from eval.cases import split
from eval.compare import Change, Comparison, as_mean, compare, rendered
from eval.figures import figures
from eval.result import brief
from eval.runner import Outcome
from rag.errors import InputError
from tests.eval.made import statement, verdict
from tests.eval.results import (
    either,
    failed,
    over_refused,
    refused,
    result_of,
    right,
    under_refused,
    wrong,
)

IDS = [id_ for id_ in (f"case-{number}" for number in range(80)) if split(id_) == "test"]
RATIOS = {
    "outcome_accuracy",
    "answer_accuracy",
    "citation_precision",
    "citation_recall",
    "quote_exactness",
    "refusal_f1",
}

MIXED = [
    right(IDS[0]),
    right(IDS[1]),
    wrong(IDS[2]),
    over_refused(IDS[3]),
    failed(right(IDS[4])),
    refused(IDS[5]),
    under_refused(IDS[6]),
    failed(refused(IDS[7])),
    either(IDS[8], given_up=True),
    either(IDS[9], given_up=False),
    failed(either(IDS[10], given_up=True)),
]


def changes(comparison: Comparison, set_name: str = "made") -> dict[str, Change]:
    return {each.metric: each for each in comparison.changes if each.set == set_name}


def difference(comparison: Comparison, metric: str) -> Difference:
    return changes(comparison)[metric].difference


def printed(comparison: Comparison) -> str:
    console = Console(file=StringIO(), width=200, color_system=None)
    console.print(rendered(comparison))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def turned(pairs: Sequence[tuple[object, object]]) -> list[str]:
    return [getattr(new, "id", "") for _, new in pairs]


def test_cases_that_improved_and_broke_are_told_apart() -> None:
    before = [wrong("a"), right("b"), right("c"), over_refused("d"), right("e")]
    after = [right("a"), wrong("b"), right("c"), wrong("d"), failed(right("e"))]
    found = compare(result_of(before), result_of(after))
    assert found.shared == 5
    assert turned(found.improved) == ["a"]
    assert turned(found.broke) == ["b", "e"]
    assert (found.only_a, found.only_b) == (0, 0)


def test_a_result_beside_itself_shows_no_difference() -> None:
    result = result_of(MIXED)
    found = compare(result, result)
    assert (found.improved, found.broke) == ((), ())
    for change in found.changes:
        assert change.gain == 0
        assert not change.more_than_noise
        assert change.difference.value == 0


def test_over_all_cases_the_figures_are_those_of_the_results_themselves() -> None:
    before = result_of([wrong(IDS[0]), *MIXED[1:]], measured=figures)
    after = result_of(MIXED, measured=figures)
    found = changes(compare(before, after))
    assert set(found) == {*RATIOS, "confidence_auroc"}
    for name in found:
        assert found[name].a.value == pytest.approx(before["metrics"][name]["value"])
        assert found[name].b.value == pytest.approx(after["metrics"][name]["value"])
        assert found[name].a.n == before["metrics"][name]["n"]
        assert difference(compare(before, after), name).value == pytest.approx(found[name].gain)


def test_what_either_result_cannot_measure_is_not_compared() -> None:
    quoting, refusing = result_of([right("a")]), result_of([over_refused("a")])
    assert "quote_exactness" not in changes(compare(quoting, refusing))
    assert "confidence_auroc" not in changes(compare(quoting, quoting))


def test_statements_are_compared_and_less_is_better_for_false_ones() -> None:
    false = [statement(id_, kind="number") for id_ in IDS[:20]]
    true = [statement(id_) for id_ in IDS[20:30]]
    told = [verdict(one, True, support=0.6) for one in true]
    before = [verdict(one, True, support=0.9) for one in false] + told
    after = [verdict(one, False, support=0.1) for one in false] + told
    found = compare(result_of([], verdicts=before), result_of([], verdicts=after))
    assert turned(found.improved) == IDS[:20]
    released = changes(found)["false_released"]
    assert (released.a.value, released.b.value, released.gain) == (1.0, 0.0, -1.0)
    assert released.better
    assert released.more_than_noise
    support = changes(found)["support_auroc"]
    assert (support.a.value, support.b.value) == (0.0, 1.0)
    assert support.more_than_noise
    assert changes(found)["true_released"].gain == 0
    rows = printed(found).splitlines()
    assert any("False let through" in row and "-100.0" in row for row in rows)


def test_what_a_judge_said_is_compared_too() -> None:
    asked = [right(id_) for id_ in IDS[:3]]
    before, after = result_of(asked), result_of(asked)
    for result, verdicts in ((before, "000"), (after, "011")):
        for row, said in zip(result["cases"], verdicts, strict=True):
            row["ratios"]["judged_accuracy"] = [int(said), 1]
    assert changes(compare(before, after))["judged_accuracy"].gain == pytest.approx(2 / 3)


def test_a_brief_result_is_compared_like_a_whole_one() -> None:
    before = result_of([wrong(IDS[0]), *MIXED[1:]], verdicts=[verdict(statement(), True)])
    after = result_of(MIXED, verdicts=[verdict(statement(), False)])
    short = json.loads(json.dumps(brief(before)))
    assert not {"answer", "facts", "checks"} & {key for row in short["cases"] for key in row}
    one, other = compare(before, after), compare(short, after)
    assert one.changes == other.changes
    assert turned(one.improved) == turned(other.improved)
    assert turned(one.broke) == turned(other.broke)


def test_a_large_change_is_more_than_noise_and_a_small_one_is_not() -> None:
    before = result_of([wrong(id_) for id_ in IDS[:30]])
    much = result_of([right(id_) for id_ in IDS[:15]] + [wrong(id_) for id_ in IDS[15:30]])
    little = result_of([right(IDS[0])] + [wrong(id_) for id_ in IDS[1:30]])
    assert changes(compare(before, much))["answer_accuracy"].more_than_noise is True
    assert changes(compare(before, little))["answer_accuracy"].more_than_noise is False


def test_swapping_the_results_swaps_gains_and_losses() -> None:
    first = result_of([right("a"), wrong("b"), over_refused("c"), refused("d")])
    second = result_of([wrong("a"), right("b"), right("c"), under_refused("d")])
    there, back = compare(first, second), compare(second, first)
    assert turned(there.improved) == turned(back.broke)
    assert turned(there.broke) == turned(back.improved)
    for name in RATIOS - {"quote_exactness"}:
        one, other = difference(there, name), difference(back, name)
        assert one.value == pytest.approx(-(other.value or 0.0))


def test_only_shared_cases_count() -> None:
    before = result_of([right(IDS[0]), wrong(IDS[1]), wrong(IDS[2])])
    after = result_of([right(IDS[0]), right(IDS[1]), wrong(IDS[3]), wrong(IDS[4])])
    found = compare(before, after)
    assert (found.shared, found.only_a, found.only_b) == (2, 1, 2)
    assert changes(found)["answer_accuracy"].b.value == 1.0


def test_a_case_whose_question_has_changed_is_not_shared() -> None:
    before, after = result_of([right("a"), right("b")]), result_of([right("a"), wrong("b")])
    after["cases"][1]["question"] = "When was the bridge closed?"
    found = compare(before, after)
    assert (found.shared, found.only_a, found.only_b) == (1, 1, 1)
    assert found.broke == ()


def test_results_without_a_shared_case_are_refused_by_name() -> None:
    before = result_of([right("a")], names=("bridges",))
    after = result_of([right("a")], names=("ferries",))
    with pytest.raises(InputError, match="bridges against ferries"):
        compare(before, after)


def test_what_is_no_result_is_refused() -> None:
    with pytest.raises(InputError, match="no result"):
        compare({"metrics": {}}, result_of([right("a")]))


def test_each_set_is_compared_with_itself_whichever_came_first() -> None:
    id_ = IDS[0]
    before = result_of([right(id_)], [wrong(id_)], names=("x", "y"))
    after = result_of([wrong(id_)], [wrong(id_)], names=("y", "x"))
    found = compare(before, after)
    assert changes(found, "x")["answer_accuracy"].gain == -1
    assert changes(found, "y")["answer_accuracy"].gain == 0


def test_the_test_half_alone_makes_the_figures_and_every_case_the_lists() -> None:
    tuned = next(id_ for id_ in (f"case-{n}" for n in range(80)) if split(id_) == "tune")
    before = result_of([wrong(tuned), right(IDS[0])])
    after = result_of([right(tuned), right(IDS[0])])
    found = compare(before, after)
    assert changes(found)["answer_accuracy"].gain == 0
    assert changes(found)["answer_accuracy"].b.n == 1
    assert turned(found.improved) == [tuned]


parts = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20).filter(
    lambda pairs: any(bottom for _, bottom in pairs)
)


@given(parts)
def test_as_mean_keeps_the_ratio(pairs: list[tuple[int, int]]) -> None:
    ratio = sum(top for top, _ in pairs) / sum(bottom for _, bottom in pairs)
    assert fmean(as_mean(pairs)) == pytest.approx(ratio)


@given(st.lists(st.booleans(), min_size=1, max_size=50))
def test_as_mean_of_plain_shares_is_the_shares_exactly(flags: list[bool]) -> None:
    assert as_mean([(flag, 1) for flag in flags]) == flags


def test_the_terminal_is_told_what_turned_and_why() -> None:
    before = [wrong("gained"), right("lost"), right("kept")]
    after = [right("gained"), over_refused("lost"), right("kept")]
    shown = printed(compare(result_of(before), result_of(after)))
    assert "3 cases are in both, 0 in the first alone, 0 in the second alone." in shown
    improved, broke = shown.split("1 improved")[1].split("1 broke")
    assert f"gained, {split('gained')}: was facts missing: 1 of 1" in improved
    assert f"lost, {split('lost')}: refused, and the articles have the answer" in broke
    assert "kept" not in shown


@pytest.mark.parametrize(
    ("hostile", "inert"),
    [("\x1b[2J", "\ufffd[2J"), ("\u202e", "\ufffd"), ("[red]", "[red]"), ("[/]", "[/]")],
)
def test_a_question_cannot_steer_the_terminal(hostile: str, inert: str) -> None:
    before, after = result_of([wrong("a")]), result_of([right("a")])
    for result in (before, after):
        result["cases"][0]["question"] = f"Why {hostile}?"
    shown = printed(compare(before, after))
    assert f"Why {inert}?" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_verdicts_are_in_words() -> None:
    before = [wrong(id_) for id_ in IDS[:30]]
    after: list[Outcome] = [right(id_) for id_ in IDS[:20]] + before[20:]
    rows = printed(compare(result_of(before), result_of(after))).splitlines()
    told = {row[:20].strip(): row for row in rows}
    assert told["Answer accuracy"].endswith("more than noise ")
    assert "+66.7" in told["Answer accuracy"]
    assert "the same" in told["Quote exactness"]
