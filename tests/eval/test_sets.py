"""Which sets there are, and the articles that each of them is about."""

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from eval.fitting import written
from eval.sets import INVENTED, Choice, opened
from rag.encoders import Encoders
from rag.settings import Settings
from tests.fakes import WordSentences, WordTokens


def test_the_invented_set_brings_its_articles(
    encoders: Encoders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = replace(encoders, sentences=WordSentences(), tokens=WordTokens())
    monkeypatch.setattr(Encoders, "bundled", lambda: quick)
    monkeypatch.chdir(tmp_path)
    choice = Choice(sets=[INVENTED])
    settings = Settings(data=tmp_path / "library")
    with opened(choice, settings, lambda *_: None) as found:
        (one,) = found
        assert one.cases.name == INVENTED
        assert len(one.subject.texts) == 24
        assert {case.expect for case in one.cases.cases} == {"answer", "refuse"}
        assert {known.supported for known in one.cases.statements} == {True, False}
        case = next(case for case in one.cases.cases if case.kind == "plain")
        assert one.subject.ask(case.question, ()).answer.claims
    assert not (tmp_path / "library").exists()


def test_nothing_that_is_fitted_on_is_in_the_invented_set() -> None:
    folder = files("eval") / "cases" / INVENTED
    texts = {file.read_text("utf-8") for file in folder.iterdir()}
    known = written.articles()
    assert not texts & set(known.values())
    lines = (files("eval") / "cases" / "invented.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    said = {case.get("question") or case["statement"] for case in cases}
    assert not said & {asked.text for asked in written.questions(known)}
    assert not said & {remark.text for remark in written.statements(known)}
