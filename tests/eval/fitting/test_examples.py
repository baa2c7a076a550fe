"""Examples to fit on: what a question asked otherwise is held against."""

from random import Random

from eval.fitting.examples import from_other_questions
from eval.squad import Squad, SquadQuestion

TEXT = (
    "Anna Berg was elected mayor of Lindau in 1921. Karl Weber kept the lighthouse of Bregenz for "
    "forty years.\n\n"
)


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
