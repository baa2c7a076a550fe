"""What eval/README.md promises to those who bring a set of their own."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command

from eval.cases import Case, Statement, load
from eval.figures import figures
from eval.judge import Judgement, judged_figures
from eval.runner import Retrieved
from rag.reading import article
from tests.eval.made import answer, case, fact, outcome, quote, statement, verdict
from tests.eval.running import Run, application

README = (Path(__file__).parents[2] / "eval" / "README.md").read_text(encoding="utf-8")
BRIDGE = "The bridge cost 4.5 million. It was opened in 1932 by the mayor."


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    (block,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "facts.jsonl"
    path.write_text(block, encoding="utf-8")
    return path


def test_the_set_shown_runs_over_a_folder_of_articles(
    run: Run, facts: Path, tmp_path: Path
) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "bridge.txt").write_text(BRIDGE)
    found = run(facts, "--articles", "articles")
    assert found.exit_code == 0, found.output
    assert "facts: 3 cases, 2 statements" in found.stdout


def test_every_field_of_the_set_shown_is_explained(facts: Path) -> None:
    known = load(facts, {"bridge.txt": article("bridge.txt", BRIDGE.encode()).text})
    assert {one.expect for one in known.cases} == {"answer", "refuse"}
    assert {one.supported for one in known.statements} == {True, False}
    table = README.split("| field |")[1].split("\n\n")[0]
    for kind in (Case, Statement):
        assert all(f"`{field.name}`" in table for field in fields(kind))


def test_every_option_shown_is_one_and_the_other_way_round() -> None:
    shown = set(re.findall(r"--[a-z]+", README.replace("--help", "")))
    options = {name for one in get_command(application()).params for name in one.opts}
    assert shown == {name for name in options if name.startswith("--")}


def test_every_figure_is_explained_under_its_name() -> None:
    found = outcome(
        case("a", fact("1932")), answer(quote("opened in 1932")), retrieved=Retrieved((), ())
    )
    measured = figures([found], [verdict(statement(), True)]) | judged_figures([Judgement(True)])
    explained = set(re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", README, flags=re.DOTALL)))
    unexplained = {
        name
        for name in measured
        if "/" not in name
        and name not in explained
        and not name.startswith(("evidence_recall@", "hit@"))
        and not name.endswith("_ms")
    }
    assert unexplained == set()
