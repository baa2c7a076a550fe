"""Questions and answers as statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.fitting.statements import statement


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("Who led the expedition?", "Ribault", "Ribault led the expedition."),
        ("Who was the leader of the revolt?", "Li Tan", "The leader of the revolt was Li Tan."),
        ("Who was defeated by the Mongols?", "the Song", "The Song was defeated by the Mongols."),
        ("When did the war end?", "1763", "The war end in 1763."),
        ("When was the abbey founded?", "1066", "The abbey was founded in 1066."),
        ("Where is the abbey?", "Normandy", "The abbey is in Normandy."),
        ("How many ships sailed?", "Five", "Five ships sailed."),
        ("How many ships did they lose?", "five", "They lose five ships."),
        ("In what year was it signed?", "1689", "It was signed in 1689."),
        ("What country invaded it?", "France", "France invaded it."),
        ("After the war, who ruled it?", "Britain", "After the war, Britain ruled it."),
        ("The treaty was signed when?", "1689", "The treaty was signed 1689."),
    ],
)
def test_a_question_and_its_answer_become_a_statement(
    question: str, answer: str, said: str
) -> None:
    assert statement(question, answer) == said


@pytest.mark.parametrize("question", ["Is it so?", "Why didn't they come?", "Who?", ""])
def test_a_question_that_no_rule_fits_has_none(question: str) -> None:
    assert statement(question, "yes") is None


@given(st.text(max_size=60), st.text(max_size=20))
def test_a_statement_is_one_line_that_ends_in_a_full_stop(question: str, answer: str) -> None:
    said = statement(question, answer)
    assert said is None or (said.endswith(".") and "\n" not in said)
