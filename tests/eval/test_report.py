"""The report as a reader's browser sees it."""

import re
from collections.abc import Sequence
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.bootstrap import Figure
from eval.cases import split
from eval.confidence import reliability
from eval.markup import element, html
from eval.plots import interval_bar, reliability_plot, risk_coverage_plot
from eval.report import write
from rag.errors import InputError
from tests.eval.made import statement, verdict
from tests.eval.results import (
    failed,
    over_refused,
    refused,
    result_of,
    right,
    under_refused,
    wrong,
)

EARNED = {
    "set": "made",
    "stage": "dense",
    "metric": "answer_accuracy",
    "whole": 0.9,
    "without": 0.7,
    "n": 40,
    "p": 0.01,
    "earns": True,
}
HOSTILE = "</title></style><script>alert(1)</script><img src=x onerror='alert(2)'>\"><a href=//x>"


class Page(HTMLParser):
    """What a browser makes of a page: its tags with their attributes, and its text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    @property
    def text(self) -> str:
        return " ".join("\n".join(self.pieces).split())

    def with_class(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.tags if attributes.get("class") == name]


def written(result: dict[str, Any], folder: Path) -> Page:
    write(result, folder / "report.html")
    return Page((folder / "report.html").read_text(encoding="utf-8"))


@cache
def ids(half: str) -> Sequence[str]:
    return [id_ for id_ in (f"case-{number}" for number in range(60)) if split(id_) == half]


def test_a_wrong_case_is_told_whole(tmp_path: Path) -> None:
    page = written(result_of([right("fine"), wrong("opening", confidence=0.61)]), tmp_path)
    for piece in (
        "When did the bridge open?",
        "facts missing: 1 of 1",
        "An answer that says:",
        "opened in 1932 bridge.txt",
        "matching 1932",
        "An answer with a confidence of 0.61:",
        "The ferry sails at dawn. ferry.txt, line 1",
        f"{split('opening')} · opening",
    ):
        assert piece in page.text
    assert "· fine" not in page.text
    assert len(page.with_class("case")) == 1


def test_a_refusal_and_an_error_are_told_as_what_they_are(tmp_path: Path) -> None:
    page = written(result_of([over_refused("a"), failed(refused("b"), "no route")]), tmp_path)
    assert "A refusal with a confidence of 0.80: Not said." in page.text
    assert "A refusal: the articles do not say." in page.text
    assert "An error: no route" in page.text
    assert "1 case failed with an error." in page.text


def test_errors_come_before_what_else_went_wrong_of_their_kind(tmp_path: Path) -> None:
    cases = [wrong("first"), wrong("second"), failed(wrong("third"))]
    text = written(result_of(cases), tmp_path).text
    assert text.index("· third") < text.index("· first") < text.index("· second")


def test_facts_are_marked_said_or_not(tmp_path: Path) -> None:
    result = result_of([wrong()])
    known = result["cases"][0]["facts"]
    known += [{**known[0], "said": True}]
    page = written(result, tmp_path)
    assert len(page.with_class("said")) == len(page.with_class("unsaid")) == 1


def test_a_model_s_own_words_and_what_was_dropped_are_shown_beside_the_quotes(
    tmp_path: Path,
) -> None:
    result = result_of([wrong()])
    given = result["cases"][0]["answer"]
    given["claims"][0]["text"] = "A ferry leaves early."
    given["dropped"] = [{"text": "It carries 300 people.", "reason": "300 is not in the quotes"}]
    given["degraded"] = "the judge timed out"
    page = written(result, tmp_path)
    assert "A ferry leaves early. The ferry sails at dawn." in page.text
    assert "It carries 300 people. 300 is not in the quotes" in page.text
    assert "degraded (the judge timed out)" in page.text


def test_a_wrong_verdict_is_told_whole(tmp_path: Path) -> None:
    false = statement("swapped", "Trams opened the bridge.", kind="role")
    true = statement("opened", "It dates from 1932.")
    given = [
        verdict(false, True, support=0.91),
        verdict(true, False, support=0.12),
        verdict(statement("fine"), True),
        verdict(statement("gone"), error="no route"),
    ]
    page = written(result_of([], verdicts=given), tmp_path)
    for piece in (
        "Of 1 false statements 1 were let through, and of 3 true ones 1.",
        "Trams opened the bridge. let through, and the articles do not bear it out",
        "To be held back: the articles say: opened in 1932 bridge.txt",
        "Let through with a support of 0.91, read against: opened in 1932 bridge.txt, line 1",
        "It dates from 1932. held back, and the articles bear it out",
        "An error: no route",
        "role 0.0 % 0 of 1",
    ):
        assert piece in page.text
    assert len(page.with_class("case")) == 3


def test_surer_answers_are_fewer_and_more_often_right(tmp_path: Path) -> None:
    a, b, c, d = ids("test")[:4]
    asked = [right(a, confidence=0.95), right(b, confidence=0.75), wrong(c, confidence=0.55)]
    page = written(result_of([*asked, under_refused(d)]), tmp_path)  # sure to 80 %
    assert "all, as they are 100.0 % 50.0 % 66.7 % 0.0 %" in page.text
    assert "sure to 40 %" not in page.text
    assert "sure to 60 % 75.0 % 66.7 % 66.7 % 0.0 %" in page.text
    assert "sure to 90 % 25.0 % 100.0 % 33.3 % 100.0 %" in page.text


def test_what_a_stage_earns_is_marked(tmp_path: Path) -> None:
    result = result_of([right("a")])
    result["ablation"] = [
        EARNED,
        EARNED | {"stage": "bm25", "without": 0.95, "earns": False},
        EARNED | {"stage": "ranking", "without": 0.85, "earns": None},
    ]
    page = written(result, tmp_path)
    assert "every stage 90.0 %" in page.text
    assert "without search by meaning 70.0 % ▼" in page.text
    assert "without search by words (BM25) 95.0 % ▲" in page.text
    assert "without reranking 85.0 %" in page.text


def test_what_each_layer_lets_through_is_shown_by_kind(tmp_path: Path) -> None:
    result = result_of([], verdicts=[verdict(statement("a", kind="role"), False)])
    role = EARNED | {"kind": "role", "metric": "false_released", "whole": 0.1}
    result["ablation"] = [
        EARNED,
        role | {"stage": "rules", "without": 0.3},
        role | {"stage": "learned", "without": 0.8},
    ]
    page = written(result, tmp_path)
    assert "kind both layers rules alone model alone role 10.0 % 80.0 % 30.0 %" in page.text


def test_where_all_is_right_the_page_says_so(tmp_path: Path) -> None:
    page = written(result_of([right("a"), refused("b")]), tmp_path)
    assert "2 of 2 questions went as they should" in page.text
    assert "Nothing: all went as it should." in page.text
    assert not page.with_class("case")
    assert not page.with_class("alarm")


def test_headlines_are_of_the_test_half_where_there_are_halves(tmp_path: Path) -> None:
    tuned = [wrong(id_) for id_ in ids("tune")[:6]]
    tested = [right(id_) for id_ in ids("test")[:4]]
    page = written(result_of(tuned + tested), tmp_path)
    assert "Answer accuracy 100.0 % 100.0–100.0 · n = 4" in page.text
    assert "10 questions. Headlines and plots are of its test half" in page.text
    assert "single 40.0 % 4 of 10 0/6 4/4 0 0" in page.text


def test_every_set_has_its_own_figures_and_failures(tmp_path: Path) -> None:
    id_ = ids("test")[0]
    page = written(result_of([right(id_)], [wrong(id_)]), tmp_path)
    first, second = page.text.split("second 1 question.")
    assert "Answer accuracy 100.0 %" in first
    assert "Answer accuracy 0.0 %" in second
    assert "· " + id_ not in first
    assert "· " + id_ in second


def test_the_page_needs_no_other_host_and_runs_no_script(tmp_path: Path) -> None:
    write(result_of([wrong()]), tmp_path / "report.html")
    content = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|url\(|@import|\bsrc=", content)
    assert "default-src 'none'" in content
    links = [attributes["href"] for tag, attributes in Page(content).tags if tag == "a"]
    anchors = {attributes.get("id") for _, attributes in Page(content).tags}
    assert links
    assert all(link and link[0] == "#" and link[1:] in anchors for link in links)


def hostile_everywhere(result: Any, hostile: str) -> Any:
    """The result with every text in it replaced that may hold any text."""
    fixed = {"expect", "split", "status", "error", "sha256", "metric"}
    if isinstance(result, dict):
        return {
            key: value if key in fixed else hostile_everywhere(value, hostile)
            for key, value in result.items()
        }
    if isinstance(result, list):
        return [hostile_everywhere(value, hostile) for value in result]
    return hostile if isinstance(result, str) else result


def test_text_of_articles_questions_and_settings_is_never_markup(tmp_path: Path) -> None:
    misjudged = [verdict(statement("d", kind="role"), True, True)]
    asked = [wrong("a"), over_refused("b"), failed(right("c"), HOSTILE)]
    result = result_of(asked, verdicts=misjudged)
    result["cases"][0]["judged"] = {"right": False, "error": HOSTILE}
    result["settings"] |= {"model": "m", "sets": {"made": 1}, "list": ["x"]}
    result["cases"][0]["conversation"] = [{"role": "user", "content": "x"}]
    result["cases"][0]["answer"]["dropped"] = [{"text": "x", "reason": "x"}]
    result["ablation"] = [EARNED, EARNED | {"metric": "refusal_f1", "earns": None}]
    usual = written(result, tmp_path)
    hostile = written(hostile_everywhere(result, HOSTILE), tmp_path)
    assert {tag for tag, _ in hostile.tags} == {tag for tag, _ in usual.tags}
    assert not {"script", "img"} & {tag for tag, _ in hostile.tags}
    assert not [name for _, found in hostile.tags for name in found if name.startswith("on")]
    assert sum(HOSTILE in piece for piece in hostile.pieces) >= 15


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.text())
def test_markup_gives_text_and_attributes_back_as_they_were(
    texts: list[str], attribute: str
) -> None:
    children = [element("b", text) for text in texts]
    page = Page(html(element("p", *children, title=attribute)))
    assert [tag for tag, _ in page.tags] == ["p", *("b" for _ in texts)]
    assert "".join(page.pieces) == "".join(texts)
    assert page.tags[0][1] == {"title": attribute}


def test_text_around_elements_keeps_its_place() -> None:
    made = element("p", "a", "b", element("i", "c"), "d", "e", data_mark=1.234, class_="x")
    assert html(made) == '<p data-mark="1.23" class="x">ab<i>c</i>de</p>'


def test_the_risk_curve_ends_at_the_share_of_wrong_outcomes() -> None:
    plot = Page(html(risk_coverage_plot([0.9, 0.8, 0.7, 0.6], [True, True, True, False])))
    (dot,) = plot.with_class("dot")
    (curve,) = plot.with_class("curve")
    assert "of all 4 outcomes 25.0% are wrong" in plot.text
    assert curve["d"] is not None
    x, y = curve["d"].split(" L")[-1].split()
    assert (float(x), float(y)) == pytest.approx(
        (float(dot["cx"] or 0), float(dot["cy"] or 0)), abs=0.06
    )


@given(
    st.lists(st.tuples(st.floats(0, 1, allow_nan=False), st.booleans()), min_size=1, max_size=30)
)
@settings(max_examples=60)
def test_plots_stay_inside_their_frame(cases: list[tuple[float, bool]]) -> None:
    confidences, flags = [at for at, _ in cases], [flag for _, flag in cases]
    for plot in (risk_coverage_plot(confidences, flags), reliability_plot(confidences, flags)):
        for _, found in Page(html(plot)).tags:
            numbers = [float(found[key] or 0) for key in ("cx", "cy", "x1", "y1") if key in found]
            numbers += [float(n) for n in re.findall(r"[\d.]+", found.get("d") or "")]
            assert all(0 <= number <= 360 for number in numbers)
    dots = Page(html(reliability_plot(confidences, flags))).with_class("dot")
    assert len(dots) == sum(row.n > 0 for row in reliability(confidences, flags))


def test_a_dot_says_how_many_outcomes_it_is_and_how_often_they_were_right() -> None:
    plot = Page(html(reliability_plot([0.85, 0.85, 0.83, 0.2], [True, True, False, False])))
    assert "3 outcomes with a confidence of 84% on average: 67% right" in plot.text
    assert "1 outcome with a confidence of 20% on average: 0% right" in plot.text


def test_a_bar_shows_value_and_interval_or_nothing() -> None:
    shown = Page(html(interval_bar(Figure(0.5, 9, 0.25, 0.75))))
    (band,) = shown.with_class("band")
    assert (band["x"], band["width"]) == ("25", "50")
    assert not Page(html(interval_bar(Figure(None, 0)))).with_class("band")


def test_what_is_no_result_is_refused_with_the_field(tmp_path: Path) -> None:
    result = result_of([right()])
    result["cases"][0]["right"] = "perhaps"
    with pytest.raises(InputError, match=r"cases\.0\.right"):
        write(result, tmp_path / "report.html")
    with pytest.raises(InputError, match="metrics"):
        write({"cases": []}, tmp_path / "report.html")
    with pytest.raises(InputError, match="no cases"):
        write({"metrics": {}, "settings": {}, "cases": []}, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_a_figure_that_is_no_number_is_refused(tmp_path: Path) -> None:
    result = result_of([right()])
    result["metrics"]["refusal_f1"]["value"] = float("nan")
    with pytest.raises(InputError, match=r"metrics\.refusal_f1"):
        write(result, tmp_path / "report.html")


def test_a_file_name_that_is_no_unicode_does_not_stop_the_page(tmp_path: Path) -> None:
    result = result_of([right()])
    result["settings"]["squad"] = "caf\udce9.json"
    assert "caf\N{REPLACEMENT CHARACTER}.json" in written(result, tmp_path).text


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write(result_of([right()]), tmp_path)
