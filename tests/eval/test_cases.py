"""Sets of cases: what is accepted, what is refused and how it is told."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.cases import (
    CaseError,
    Excerpt,
    Fact,
    evidence_spans,
    load,
    says,
    split,
)
from rag.errors import InputError
from tests.eval.made import TEXTS

SHIPPED = Path(__file__).parents[2] / "eval" / "cases"

EVIDENCE = {"source": "bridge.txt", "excerpt": "opened in 1932"}
CASE = {
    "id": "opening",
    "kind": "single",
    "question": "When did the bridge open?",
    "expect": "answer",
    "facts": [{"any": ["1932"], "evidence": [EVIDENCE]}],
}


@pytest.fixture
def seed_texts(seeds: Path) -> dict[str, str]:
    return {path.name: path.read_bytes().decode() for path in seeds.glob("*.txt")}


def written(folder: Path, *rows: dict[str, Any] | str) -> Path:
    path = folder / "set.jsonl"
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_shipped_cases_stand_in_the_seeds(seed_texts: dict[str, str]) -> None:
    cases = load(SHIPPED / "seeds.jsonl", seed_texts).cases
    kinds = Counter(case.kind for case in cases)
    assert len(cases) >= 140
    assert kinds["near_miss"] >= 20
    assert kinds["follow_up"] >= 8
    assert sum(case.expect == "refuse" for case in cases) >= 35
    assert all(case.conversation for case in cases if case.kind == "follow_up")


def test_the_evidence_of_every_shipped_fact_says_the_fact(seed_texts: dict[str, str]) -> None:
    unsaid = [
        (case.id, number)
        for case in load(SHIPPED / "seeds.jsonl", seed_texts).cases
        for number, fact in enumerate(case.facts)
        if not any(says(p, [e.excerpt]) for p in fact.any for e in fact.evidence)
    ]
    assert unsaid == []


def test_the_shipped_statements_stand_in_the_seeds(seed_texts: dict[str, str]) -> None:
    statements = load(SHIPPED / "statements.jsonl", seed_texts).statements
    assert len(statements) >= 160
    assert all(one.supported == (one.kind == "true") for one in statements)


def test_a_set_that_the_articles_have_left_behind_is_refused(seed_texts: dict[str, str]) -> None:
    source = next(iter(seed_texts))
    seed_texts[source] = seed_texts[source].upper()
    with pytest.raises(CaseError, match=f"not in the text of {source}"):
        load(SHIPPED / "seeds.jsonl", seed_texts)


def test_a_case_is_read_whole_with_what_it_leaves_out_empty(tmp_path: Path) -> None:
    (case,) = load(written(tmp_path, CASE, ""), TEXTS).cases
    assert (case.id, case.kind, case.expect) == ("opening", "single", "answer")
    assert case.facts == (Fact(("1932",), (Excerpt("bridge.txt", "opened in 1932"),)),)
    assert case.conversation == ()


def test_all_problems_of_a_set_are_listed_with_their_lines(tmp_path: Path) -> None:
    fact = {
        "any": ["(1932", ""],
        "evidence": [{"source": "bridge.txt", "excerpt": "opened in 1933"}, {"source": "sea.txt"}],
    }
    path = written(
        tmp_path,
        CASE,
        CASE | {"id": "b", "expect": "maybe", "facts": [fact], "colour": "red"},
        '{"id": "c", "kind": ',
        "",
        {"id": "opening", "kind": 7},
        CASE | {"id": "d", "facts": []},
        CASE | {"id": "e", "expect": "refuse"},
        CASE | {"id": "f", "facts": [{"any": [], "evidence": []}]},
        "[]",
        CASE
        | {"id": "g", "facts": [{"any": ["x"], "evidence": [EVIDENCE | {"source": "sea.txt"}]}]},
        CASE | {"id": "h", "conversation": [{"role": "system", "content": ""}]},
        CASE | {"id": "i", "expect": "either", "facts": []},
    )
    with pytest.raises(CaseError) as caught:
        load(path, TEXTS)
    expected = [
        "line 2: expect: Input should be 'answer', 'refuse' or 'either'",
        "line 2: facts.0.any.0: not a regular expression",
        "line 2: facts.0.any.1: String should have at least 1 character",
        "line 2: facts.0.evidence.0: not in the text of bridge.txt: 'opened in 1933'",
        "line 2: facts.0.evidence.1.excerpt is missing",
        "line 2: colour is not a field",
        "line 3: not JSON",
        "line 5: kind: Input should be a valid string",
        "line 5: question is missing",
        "line 5: expect is missing",
        "line 5: id 'opening' is also on line 1",
        "line 6: facts: a question that has an answer needs at least one",
        "line 7: facts: a question to be refused has none",
        "line 8: facts.0.any: at least one is needed",
        "line 8: facts.0.evidence: at least one is needed",
        "line 9: Input should be an object",
        "line 10: facts.0.evidence.0: no source 'sea.txt' among the articles",
        "line 11: conversation.0.role: Input should be 'user' or 'assistant'",
        "line 12: facts: a question that has an answer needs at least one",
    ]
    found = caught.value.problems
    assert len(found) == len(expected)
    assert all(said.startswith(due) for said, due in zip(found, expected, strict=True))
    assert all(problem in str(caught.value) for problem in found)
    assert f"{path} has 19 problems" in str(caught.value)


def test_statements_are_held_against_the_articles_too(tmp_path: Path) -> None:
    row = {"id": "a", "kind": "true", "statement": "It opened.", "supported": True}
    path = written(
        tmp_path,
        row | {"evidence": []},
        row | {"id": "b", "evidence": [EVIDENCE], "supported": "yes"},
        row | {"id": "c", "evidence": [EVIDENCE | {"excerpt": "burned down"}]},
    )
    with pytest.raises(CaseError) as caught:
        load(path, TEXTS)
    assert [problem.split(":")[:2] for problem in caught.value.problems] == [
        ["line 1", " evidence"],
        ["line 2", " supported"],
        ["line 3", " evidence.0"],
    ]


def test_a_file_may_hold_questions_and_statements(tmp_path: Path) -> None:
    opened = {
        "id": "opened",
        "kind": "true",
        "statement": "The bridge was opened in 1932.",
        "supported": True,
        "evidence": [EVIDENCE],
    }
    found = load(written(tmp_path, CASE, opened, CASE | {"id": "b"}), TEXTS)
    assert [case.id for case in found.cases] == ["opening", "b"]
    assert [one.statement for one in found.statements] == ["The bridge was opened in 1932."]
    with pytest.raises(CaseError, match="line 2: id 'opening' is also on line 1"):
        load(written(tmp_path, CASE, opened | {"id": "opening"}), TEXTS)


def test_a_file_that_cannot_be_a_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.jsonl cannot be read"):
        load(tmp_path / "missing.jsonl", TEXTS)
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "caf\xe9"}')
    with pytest.raises(InputError, match="not UTF-8"):
        load(tmp_path / "latin.jsonl", TEXTS)
    with pytest.raises(CaseError, match="the set is empty"):
        load(written(tmp_path, ""), TEXTS)


def test_a_separator_inside_a_question_ends_no_line(tmp_path: Path) -> None:
    asked = "When\u2028did it open?\x85"
    (case,) = load(written(tmp_path, CASE | {"question": asked}), TEXTS).cases
    assert case.question == asked


@settings(max_examples=20)
@given(st.lists(st.text(), unique=True, min_size=200, max_size=300), st.randoms())
def test_half_of_any_ids_are_tuned_on_and_stay_so_in_any_set(
    ids: list[str], random: Random
) -> None:
    splits = {id_: split(id_) for id_ in ids}
    assert 0.25 < sum(half == "tune" for half in splits.values()) / len(ids) < 0.75
    random.shuffle(ids)
    assert all(split(id_) == splits[id_] for id_ in ids[:50])


def test_splits_have_not_moved_since_thresholds_were_fitted() -> None:
    ids = ["moscow-troops-number", "putin-xi-documents-number", "london-weather", "then-seventieth"]
    assert [split(id_) for id_ in ids] == ["tune", "test", "tune", "tune"]


def test_claims_say_a_fact_across_lines_and_in_any_case() -> None:
    assert says("THE BRIDGE opened", ["the bridge\n  opened in 1932."])
    assert says("1932.*1958", ["It opened in 1932.", "It closed in 1958."])
    assert not says("1932", ["It opened in 1933."])
    assert not says("1932", [])


def test_evidence_is_everywhere_that_its_excerpts_stand() -> None:
    fact = Fact(("dawn",), (Excerpt("ferry.txt", "at dawn"), Excerpt("bridge.txt", "1932")))
    spans = evidence_spans(fact, TEXTS)
    assert [TEXTS[source][start:end] for source, start, end in spans] == [
        "at dawn",
        "at dawn",
        "1932",
    ]
    assert len(set(spans)) == 3
