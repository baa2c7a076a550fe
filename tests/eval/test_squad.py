"""SQuAD files as articles, questions and cases."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.cases import evidence_spans
from eval.squad import Squad, contains_answer, normalised, read_squad, squad_set
from rag.errors import InputError

SHARED = Path(__file__).parents[3] / "shared" / "data" / "squad" / "squad2-dev-part.json"
FIRST = "The bridge opened in 1932. It cost 4.2 million pounds."
SECOND = "Trams ran on it. They stopped in 1958."


def qa(id_: str, question: str, *answers: tuple[str, int]) -> dict[str, object]:
    return {
        "id": id_,
        "question": question,
        "is_impossible": not answers,
        "answers": [{"text": text, "answer_start": start} for text, start in answers],
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    paragraphs = [
        {
            "context": FIRST,
            "qas": [
                qa("opened", "When did it open?", ("1932", 21), ("in 1932", 18)),
                qa("designer", "Who designed it?"),
                qa("cost", "What did it cost?", ("4.2 million pounds", FIRST.index("4.2"))),
            ],
        },
        {
            "context": SECOND,
            "qas": [
                qa("trams", "Until when did trams run?", ("1958", SECOND.index("1958"))),
                qa("buses", "Until when did buses run?"),
            ],
        },
    ]
    path = tmp_path / "squad.json"
    articles = [{"title": "Old/Bridge", "paragraphs": paragraphs}]
    path.write_text(json.dumps({"version": "v2.0", "data": articles}))
    return path


def test_an_article_is_its_paragraphs_and_answers_stand_at_their_offsets(file: Path) -> None:
    squad = read_squad(file)
    assert squad.articles == {"Old_Bridge.txt": f"{FIRST}\n\n{SECOND}\n\n"}
    for asked in squad.questions:
        for text, start in asked.answers:
            assert squad.articles[asked.source][start : start + len(text)] == text


def test_a_question_becomes_a_case_with_the_sentence_of_its_answer(file: Path) -> None:
    cases = {case.id: case for case in squad_set(read_squad(file), 10, seed=0).cases}
    assert set(cases) == {"opened", "designer", "cost", "trams", "buses"}
    (fact,) = cases["opened"].facts
    assert fact.any == ("1932", "in 1932")
    assert [one.excerpt for one in fact.evidence] == ["The bridge opened in 1932."]
    (fact,) = cases["trams"].facts
    assert [one.excerpt for one in fact.evidence] == ["They stopped in 1958."]
    assert cases["designer"].expect == "refuse"
    assert cases["designer"].kind == "unanswerable"
    assert cases["designer"].facts == ()


def test_as_many_questions_of_each_sort_are_drawn_by_the_seed(file: Path) -> None:
    squad = read_squad(file)
    drawn = {tuple(case.id for case in squad_set(squad, 1, seed).cases) for seed in range(20)}
    assert all(len(ids) == 2 for ids in drawn)
    assert {ids[0] for ids in drawn} == {"opened", "cost", "trams"}
    assert {ids[1] for ids in drawn} == {"designer", "buses"}
    assert squad_set(squad, 1, seed=7) == squad_set(squad, 1, seed=7)


def test_answers_are_found_as_whole_words_whatever_their_dress() -> None:
    assert contains_answer("the Adriatic", ["naval bases of the Adriatic—fell again"])
    assert contains_answer("1314", ["Zhu Shijie (1249–1314) solved"])
    assert contains_answer("$4.2 million", ["It cost about 4.2 Million pounds."])
    assert not contains_answer("32", ["It opened in 1932."])
    assert not contains_answer("1932", ["It opened in", "1933"])
    assert not contains_answer("1932", [])


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once
    assert once == " ".join(once.split())


@pytest.mark.parametrize("content", ["[]", "{}", '{"data": [{"title": "x"}]}', "no json"])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(InputError, match="is not a SQuAD"):
        read_squad(path)


@pytest.fixture(scope="module")
def shared() -> Squad:
    if not SHARED.is_file():
        pytest.skip(f"there is no {SHARED.name} in the folder shared/data beside the project")
    return read_squad(SHARED)


def test_every_answerable_question_of_a_real_file_has_its_evidence(shared: Squad) -> None:
    cases = squad_set(shared, 10_000, seed=0)
    answerable = [case for case in cases.cases if case.expect == "answer"]
    assert len(cases.cases) == len(shared.questions)
    assert len(answerable) > 1000
    said = 0
    for case in answerable:
        for fact in case.facts:
            assert evidence_spans(fact, cases.texts)
            excerpts = [evidence.excerpt for evidence in fact.evidence]
            said += any(cases.says(alternative, excerpts) for alternative in fact.any)
    assert said > 0.99 * len(answerable)
