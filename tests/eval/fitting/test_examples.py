"""Examples to fit on: what a question asked otherwise is held against."""

from pathlib import Path
from random import Random

from eval.fitting.examples import (
    Question,
    Remark,
    Span,
    from_other_questions,
    from_questions,
    from_remarks,
    from_sentences,
)
from eval.squad import Squad, SquadQuestion
from eval.subject import temporary_library
from rag.encoders import Encoders
from rag.settings import Settings

TEXT = (
    "Anna Berg was elected mayor of Lindau in 1921. Karl Weber kept the lighthouse of Bregenz for "
    "forty years.\n\n"
)


def test_every_sentence_that_answers_holds_and_of_the_others_the_nearest_come_first(
    tmp_path: Path,
) -> None:
    texts = {
        "one.txt": "The ferry sank on Monday. The ferry carried 212 people. It was built in Oslo.",
        "two.txt": "On board the ferry were 221 people. The ferry had passed a test in May.",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def place(source: str, sentence: str) -> tuple[str, int, int]:
        start = texts[source].index(sentence)
        return source, start, start + len(sentence)

    asked = Question(
        "How many people were on the ferry?",
        answers=(
            place("one.txt", "The ferry carried 212 people."),
            place("two.txt", "On board the ferry were 221 people."),
        ),
    )
    unanswered = Question(
        "When was the ferry tested again?",
        answers=(),
        nearest=(place("two.txt", "The ferry had passed a test in May."),),
    )
    with temporary_library(tmp_path, Settings(), lambda *_: None, Encoders.bundled()) as service:
        made = list(from_questions([asked, unanswered], service, Random(0), wrong=2))
    first = [example for example in made if example.text == asked.text]
    right = sorted(example.sentence.split(". ")[-1] for example in first if example.holds)
    assert right == ["On board the ferry were 221 people.", "The ferry carried 212 people."]
    assert {example.group for example in first if example.holds} == {asked.text}
    assert len([example for example in first if not example.holds]) == 2
    second = [example for example in made if example.text == unanswered.text]
    assert second[0].sentence.endswith("The ferry had passed a test in May.")
    assert not any(example.holds or example.group for example in second)


def test_a_statement_is_read_as_when_it_is_checked(tmp_path: Path) -> None:
    text = (
        "Anna Berg was elected mayor of Lindau in 1921. She closed the harbour for two years. "
        "Karl Weber kept the lighthouse of Bregenz. He lost it in the storm of 1930."
    )
    (tmp_path / "one.txt").write_text(text, encoding="utf-8")

    def span(*sentences: str) -> Span:
        last = text.index(sentences[-1]) + len(sentences[-1])
        return "one.txt", text.index(sentences[0]), last

    harbour = "She closed the harbour for two years."
    kept = "Karl Weber kept the lighthouse of Bregenz."
    lost = "He lost it in the storm of 1930."
    remarks = [
        Remark("Anna Berg closed the harbour for 24 months.", True, span(harbour)),
        Remark("Weber, who kept the lighthouse, lost it in 1930.", True, span(kept, lost)),
        Remark("Karl Weber closed the harbour for two years.", False, span(harbour)),
    ]
    with temporary_library(tmp_path, Settings(), lambda *_: None, Encoders.bundled()) as service:
        made = list(from_remarks(remarks, service))
    by_text = {one.text: one for one in made if one.holds}
    closed = by_text["Anna Berg closed the harbour for two years."]
    assert closed.sentence.endswith(f"Anna Berg was elected mayor of Lindau in 1921. {harbour}")
    assert by_text[remarks[1].text].sentence.endswith(f"{kept} {lost}")
    false = [one for one in made if not one.holds]
    assert {one.text for one in false} == {remarks[2].text}
    assert len(false) in (1, 2)


def test_a_question_about_another_name_or_number_is_not_answered_by_the_sentence() -> None:
    asked = "In which year was Anna Berg elected mayor of Lindau?"
    questions = (
        SquadQuestion("a", asked, "Lindau.txt", (("1921", TEXT.index("1921")),)),
        SquadQuestion("b", "Who was elected in Bregenz?", "Lindau.txt", ()),
    )
    squad = Squad({"Lindau.txt": TEXT}, questions)
    made = [one for seed in range(20) for one in from_other_questions(squad, Random(seed))]
    assert made
    for example in made:
        assert example.sentence == "Lindau. Anna Berg was elected mayor of Lindau in 1921."
        assert not example.holds
        assert example.text != asked
    assert any("Karl Weber" in example.text for example in made)


def test_a_sentence_beside_the_one_before_it_is_said_with_the_name_that_stands_there() -> None:
    before = "Anna Berg won the vote of the whole town."
    after = "She kept the office for the rest of her life."
    squad = Squad(
        {"Lindau.txt": f"{before} {after} Karl Weber lost it for good in the autumn of 1921.\n\n"},
        (),
    )
    made = [one for seed in range(20) for one in from_sentences(squad, Random(seed), varied=True)]
    said = {one.text: one for one in made}
    true = said["Anna Berg kept the office for the rest of her life."]
    false = said["Karl Weber kept the office for the rest of her life."]
    assert (true.holds, false.holds) == (True, False)
    assert true.sentence.endswith(f"{before} {after}")
    assert false.sentence.endswith(f"{before} {after}")
    beside = [one for one in made if before in one.sentence and after in one.sentence]
    assert {one.holds for one in beside} == {True, False}


def test_varied_sentences_are_read_under_a_title_an_opening_or_nothing() -> None:
    squad = Squad({"Lindau.txt": TEXT}, ())
    kept = "Karl Weber kept the lighthouse of Bregenz for forty years."
    for varied in (False, True):
        made = [one for seed in range(20) for one in from_sentences(squad, Random(seed), varied)]
        under = {one.sentence.removesuffix(kept).strip() for one in made if kept in one.sentence}
        opening = any(one.startswith("Anna Berg was elected mayor of Lindau in…") for one in under)
        assert ("" in under, "Lindau." in under, opening) == (varied, True, varied)
