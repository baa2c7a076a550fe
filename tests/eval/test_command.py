"""`citewell eval` as its users meet it: sets of their own, exit codes, files written."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

from eval.ablation import STAGES
from eval.bootstrap import Figure
from eval.cases import CaseError
from eval.command import conclude
from eval.gates import gates
from eval.result import SetRun
from eval.sets import Choice, opened
from eval.subject import ServiceError
from rag.encoders import Encoders
from rag.errors import CitewellError, InputError, SettingsError
from rag.service import open_service
from rag.settings import Settings
from tests.eval.made import TEXTS, answer, case, case_set, fact, outcome, quote
from tests.eval.running import Run
from tests.openai_server import OpenAIServer, Request

OPENED = {
    "id": "opened",
    "kind": "single",
    "question": "When did the bridge open?",
    "expect": "answer",
    "facts": [
        {"any": ["1932"], "evidence": [{"source": "bridge.txt", "excerpt": "opened in 1932"}]}
    ],
}
MARS = {
    "id": "mars",
    "kind": "unanswerable",
    "question": "How do astronauts grow potatoes on Mars?",
    "expect": "refuse",
}


def untold(_what: str, _done: int, _total: int) -> None: ...


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for source, text in TEXTS.items():
        (folder / source).write_text(text)
    return folder


def test_a_set_of_ones_own_is_measured_over_a_folder_of_articles(
    run: Run, articles: Path, tmp_path: Path
) -> None:
    mine = written(tmp_path / "mine.jsonl", OPENED, MARS)
    found = run(mine, "--articles", articles, "--json", "out.json", "--html", "out.html")
    assert found.exit_code == 0, found.output
    assert "mine: 2 cases" in found.stdout
    assert "answer_accuracy" in found.stdout
    assert "gates" not in found.stdout
    result = json.loads((tmp_path / "out.json").read_text())
    assert result["metrics"]["answer_accuracy"] == {"value": 1.0, "n": 1, "low": 1.0, "high": 1.0}
    assert result["metrics"]["quote_exactness"]["value"] == 1.0
    assert result["settings"]["sets"] == {"mine": 2}
    assert [case["right"] for case in result["cases"]] == [True, True]
    assert "mine" in (tmp_path / "out.html").read_text()
    assert not (tmp_path / "library").exists()


def test_without_a_folder_a_set_is_about_the_library(
    run: Run, articles: Path, tmp_path: Path, encoders: Encoders
) -> None:
    mine = written(tmp_path / "mine.jsonl", OPENED)
    empty = run(mine)
    assert isinstance(empty.exception, InputError)
    assert "library is empty" in str(empty.exception)
    library = open_service(Settings(data=tmp_path / "library"), encoders)
    library.ingest([articles])
    library.close()
    assert run(mine).exit_code == 0


def test_bad_cases_stop_everything_before_a_question_is_asked(
    run: Run, articles: Path, tmp_path: Path
) -> None:
    bad = written(tmp_path / "bad.jsonl", OPENED, MARS | {"expect": "no"}, {"id": "x"})
    found = run(bad, "--articles", articles, "--json", "out.json")
    assert isinstance(found.exception, CaseError)
    assert {problem.split(":")[0] for problem in found.exception.problems} == {"line 2", "line 3"}
    assert not (tmp_path / "out.json").exists()


def test_a_case_that_fails_is_reported_and_exits_with_one(
    run: Run, articles: Path, tmp_path: Path
) -> None:
    mine = written(tmp_path / "mine.jsonl", OPENED, MARS | {"question": "?!"})
    found = run(mine, "--articles", articles, "--json", "out.json")
    assert found.exit_code == 1
    assert "mars failed: The question is empty" in found.stderr
    metrics = json.loads((tmp_path / "out.json").read_text())["metrics"]
    assert (metrics["errors"]["value"], metrics["errors"]["n"]) == (1.0, 2)
    assert metrics["outcome_accuracy"]["value"] == 0.5


def test_several_sets_and_squad_run_in_order_under_their_names(
    run: Run, articles: Path, tmp_path: Path
) -> None:
    context = TEXTS["bridge.txt"]
    answers = [{"text": "1932", "answer_start": context.index("1932")}]
    asked = {"id": "q", "question": OPENED["question"], "answers": answers}
    paragraphs = [{"context": context, "qas": [asked]}]
    squad = tmp_path / "squad.json"
    squad.write_text(json.dumps({"data": [{"title": "Bridge", "paragraphs": paragraphs}]}))
    sets = [written(tmp_path / f"{name}.jsonl", OPENED) for name in ("one", "two")]
    found = run(*sets, "--articles", articles, "--squad", squad, "--json", "out.json")
    assert found.exit_code == 0, found.output
    result = json.loads((tmp_path / "out.json").read_text())
    for name in ("answer_accuracy", "two:answer_accuracy", "squad:answer_accuracy"):
        assert result["metrics"][name]["value"] == 1.0
    assert result["settings"]["sets"] == {"one": 1, "two": 1, "squad": 1}
    alone = run("--squad", squad, "--json", "out.json")
    assert alone.exit_code == 0, alone.output
    metrics = json.loads((tmp_path / "out.json").read_text())["metrics"]
    assert metrics["evidence_recall@1000"]["value"] == 1.0
    assert metrics["answer_accuracy/kind=answerable"]["n"] == 1


def test_what_cannot_be_run_says_what_to_do(run: Run, articles: Path, tmp_path: Path) -> None:
    mine = written(tmp_path / "mine.jsonl", OPENED)
    (tmp_path / "other").mkdir()
    twin = written(tmp_path / "other" / "mine.jsonl", OPENED)
    for arguments, said in [
        ([], "There is no folder seeds/ here"),
        ([mine, "--articles", tmp_path / "nowhere"], "nowhere is no folder"),
        (["missing.jsonl", "--articles", articles], "missing.jsonl cannot be read"),
        ([mine, twin, "--articles", articles], "Two sets are called mine"),
        (["--squad", mine], "is not a SQuAD 2.0 file"),
        (["--squad", mine, "--url", "http://127.0.0.1:9"], "leave out --url"),
        ([mine, "--articles", articles, "--url", "http://127.0.0.1:9"], "leave out --articles"),
        ([mine, "--ablate", "--url", "http://127.0.0.1:9"], "leave out --url"),
        ([mine, "--without", "bm25", "--url", "http://127.0.0.1:9"], "leave out --url"),
        ([mine, "--judge", "extractive"], "is no judge"),
        ([mine, "--against", mine], "is no result"),
        ([mine, "--json", tmp_path / "no" / "out.json"], "make the folder"),
        (["--compare", mine, mine], "is no result"),
    ]:
        error = run(*arguments).exception
        assert isinstance(error, CitewellError), arguments
        assert said in str(error)


def test_a_folder_with_an_unusable_article_is_no_library(run: Run, articles: Path) -> None:
    (articles / "empty.txt").write_text(" ")
    error = run("seeds", "--articles", articles).exception
    assert isinstance(error, InputError)
    assert "empty.txt is empty" in str(error)


def test_a_service_out_of_reach_ends_the_run() -> None:
    with (
        pytest.raises(ServiceError),
        opened(Choice(url="http://127.0.0.1:9"), Settings(), untold),
    ):
        pass


def test_two_results_are_compared(run: Run, articles: Path, tmp_path: Path) -> None:
    mine = written(tmp_path / "mine.jsonl", OPENED, MARS)
    run(mine, "--articles", articles, "--json", "a.json")
    worse = json.loads((tmp_path / "a.json").read_text())
    worse["cases"][0] |= {"right": False, "why_wrong": "facts missing: 1 of 1"}
    (tmp_path / "b.json").write_text(json.dumps(worse))
    found = run("--compare", "a.json", "b.json")
    assert found.exit_code == 0, found.output
    assert "1 broke" in found.stdout


STATED = {
    "id": "stated",
    "kind": "true",
    "statement": "The bridge opened in 1932.",
    "supported": True,
    "evidence": [{"source": "bridge.txt", "excerpt": "opened in 1932"}],
}
UNSAID = {
    "id": "unsaid",
    "kind": "made_up",
    "statement": "Astronauts grow potatoes on Mars.",
    "supported": False,
    "evidence": [],
}


def test_statements_of_ones_own_are_checked_beside_questions_or_alone(
    run: Run, articles: Path, tmp_path: Path
) -> None:
    mixed = written(tmp_path / "mixed.jsonl", OPENED, STATED, UNSAID)
    found = run(mixed, "--articles", articles, "--json", "out.json", "--html", "out.html")
    assert found.exit_code == 0, found.output
    assert "mixed: 1 cases, 2 statements" in found.stdout
    result = json.loads((tmp_path / "out.json").read_text())
    metrics = result["metrics"]
    assert metrics["answer_accuracy"]["n"] == 1
    for name in ("false_released", "true_released", "false_released/kind=made_up"):
        assert metrics[name]["n"] == 1
    assert metrics["true_released"]["value"] == 1.0
    assert metrics["support_auroc"]["n"] == 2
    assert [one["released"] for one in result["statements"]] == [True, False]
    alone = run(
        written(tmp_path / "alone.jsonl", STATED), "--articles", articles, "--json", "a.json"
    )
    assert alone.exit_code == 0, alone.output
    metrics = json.loads((tmp_path / "a.json").read_text())["metrics"]
    assert not {"answer_accuracy", "errors"} & set(metrics)
    assert metrics["false_released"] == {"value": None, "n": 0, "low": None, "high": None}
    assert metrics["support_auroc"]["value"] is None


def test_bad_statements_are_listed_with_their_lines(
    run: Run, articles: Path, tmp_path: Path
) -> None:
    bad = written(
        tmp_path / "bad.jsonl",
        STATED | {"evidence": [{"source": "bridge.txt", "excerpt": "opened in 1931"}]},
        {"id": "x", "statement": "It opened."},
        STATED | {"id": "y", "evidence": []},
        STATED | {"id": "x", "evidence": [{"source": "sea.txt", "excerpt": "wet"}]},
    )
    error = run(bad, "--articles", articles).exception
    assert isinstance(error, CaseError)
    assert {problem.split(":")[0] for problem in error.problems} == {
        f"line {number}" for number in (1, 2, 3, 4)
    }
    assert "line 4: id 'x' is also on line 2" in error.problems


def test_a_stage_can_be_turned_off(run: Run, articles: Path, tmp_path: Path) -> None:
    mine = written(tmp_path / "mine.jsonl", OPENED)
    found = run(mine, "--articles", articles, "--without", "ranking", "--json", "out.json")
    assert found.exit_code == 0, found.output
    assert json.loads((tmp_path / "out.json").read_text())["settings"]["without"] == "ranking"
    assert run(mine, "--articles", articles, "--without", "luck").exit_code == 2


def test_every_stage_is_turned_off_in_turn(run: Run, articles: Path, tmp_path: Path) -> None:
    mine = written(tmp_path / "mine.jsonl", OPENED, MARS, STATED)
    found = run(
        mine, "--articles", articles, "--ablate", "--json", "out.json", "--html", "out.html"
    )
    assert found.exit_code == 0, found.output
    earned = json.loads((tmp_path / "out.json").read_text())["ablation"]
    assert {one["stage"] for one in earned} == {*STAGES}
    assert {"answer_accuracy", "evidence_recall@1000"} <= {one["metric"] for one in earned}
    assert "no ranking" in found.stdout
    assert "layer by layer" in found.stdout
    assert "without reranking" in (tmp_path / "out.html").read_text()


def test_a_run_is_compared_with_what_was_before(run: Run, articles: Path, tmp_path: Path) -> None:
    mine = written(tmp_path / "mine.jsonl", OPENED, MARS, STATED)
    run(mine, "--articles", articles, "--brief", "--json", "before.json")
    before = (tmp_path / "before.json").read_text()
    assert "answer_accuracy" in before
    assert "citations" not in before
    found = run(mine, "--articles", articles, "--against", "before.json")
    assert found.exit_code == 0, found.output
    assert "3 cases are in both" in found.stdout
    assert "0 broke" in found.stdout
    missing = run(mine, "--articles", articles, "--against", "nowhere.json")
    assert isinstance(missing.exception, InputError)


def test_another_model_answers_and_a_judge_is_asked(
    run: Run, articles: Path, tmp_path: Path, openai_server: OpenAIServer
) -> None:
    def said(request: Request) -> str:
        judging = "RIGHT or WRONG" in request.prompt
        return "RIGHT" if judging else "The bridge opened in 1932. [1]"

    openai_server.answers(said)
    mine = written(tmp_path / "mine.jsonl", OPENED, MARS)
    found = run(
        mine, "--articles", articles, "--model", "openai:writer", "--judge", "openai:judge",
        "--jobs", "2", "--json", "out.json", "--html", "out.html",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    result = json.loads((tmp_path / "out.json").read_text())
    assert result["settings"]["model"] == "openai:writer"
    assert result["settings"]["judge"] == "openai:judge"
    assert result["cases"][0]["answer"]["model"] == "openai:writer"
    assert result["metrics"]["judged_accuracy"]["value"] == 1.0
    assert result["metrics"]["judge_errors"] == {"value": 0.0, "n": 1, "low": None, "high": None}
    assert result["cases"][0]["judged"] == {"right": True, "error": None}
    assert "The judge calls it right." not in (tmp_path / "out.html").read_text()
    unknown = run(mine, "--articles", articles, "--model", "nobody:model").exception
    assert isinstance(unknown, SettingsError)


def test_a_judge_that_gives_no_verdict_exits_with_one(
    run: Run, articles: Path, tmp_path: Path, openai_server: OpenAIServer
) -> None:
    openai_server.answers("Hard to say.")
    mine = written(tmp_path / "mine.jsonl", OPENED)
    judge = ("--model", "extractive", "--judge", "openai:judge")
    found = run(mine, "--articles", articles, *judge)
    assert found.exit_code == 1
    assert "opened failed: The judge said neither RIGHT nor WRONG" in found.stderr


def built_in(**values: float) -> SetRun:
    """A run of the known facts that meets every shipped gate, but for these values."""
    figures = {gate.metric: Figure(_met(gate.minimum, gate.maximum), 9) for gate in gates("seeds")}
    found = outcome(case("a", fact("1932")), answer(quote("opened in 1932")))
    named = case_set(found.case)
    cases = type(named)("seeds", named.cases, named.texts, named.says)
    changed = {name.replace("__", "/"): Figure(value, 9) for name, value in values.items()}
    return SetRun(cases, [found], [], figures | changed, built_in=True)


def _met(minimum: float | None, maximum: float | None) -> float:
    return minimum if minimum is not None else maximum or 0.0


def judged(run: SetRun) -> tuple[int, str]:
    """The exit code, and what is shown."""
    shown = StringIO()
    try:
        conclude([run], Console(file=shown, width=200))
    except typer.Exit as left:
        return left.exit_code, shown.getvalue()
    return 0, shown.getvalue()


def test_gates_that_are_met_are_shown_and_let_pass() -> None:
    code, shown = judged(built_in())
    assert code == 0
    bounds = shown.split("aims")[0]
    assert bounds.count("met") - bounds.count("metric") == len(gates("seeds"))


def test_a_gate_that_is_short_exits_with_three_and_is_named() -> None:
    code, shown = judged(built_in(quote_exactness=0.99))
    assert code == 3
    (line,) = [line for line in shown.splitlines() if "short" in line]
    assert "quote_exactness" in line
    assert "0.990" in line
    assert "= 1" in line


def test_an_error_outranks_a_short_gate() -> None:
    short = built_in(quote_exactness=0.99)
    failed = outcome(short.cases.cases[0], None, error="gone", missing=[0])
    code, _ = judged(SetRun(short.cases, [failed], [], short.figures, built_in=True))
    assert code == 1


def test_sets_of_ones_own_have_no_gates() -> None:
    gated = built_in(quote_exactness=0.5)
    code, shown = judged(SetRun(gated.cases, gated.outcomes, [], gated.figures))
    assert code == 0
    assert shown == ""
