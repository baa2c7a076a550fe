"""Wording: what a question's names and words lean to, beside those of a passage."""

import pytest

from rag.evidence.wording import MOST_REWORDED, REWORDED, UNNAMED, leaning
from tests.rag.answering.passages import passage

TEXT = "The harbour of Lindau was opened in 1856 by Alexey Feld. Ships from Austria call daily."


@pytest.mark.parametrize(
    "question",
    [
        "Was the harbour opened by Alexey Feld?",
        "Was Alexey Feld's harbour opened?",
        "Was the harbour opened by Alexei Feld?",  # another spelling
        "Was the harbour opened by President Feld?",
        "was the harbour opened?",
    ],
)
def test_a_question_in_the_words_and_names_of_a_passage_leans_nowhere(question: str) -> None:
    assert leaning(question, passage(TEXT)) == 0.0


def test_a_passage_that_lacks_whom_the_question_names_leans_from_it() -> None:
    asked = "Was the harbour of Bregenz opened?"
    assert leaning(asked, passage(TEXT)) == -UNNAMED
    assert leaning("Was the harbour opened by Anton Feld?", passage(TEXT)) == -UNNAMED
    assert leaning(asked, passage(TEXT, context="Lake Constance – Bregenz")) == 0.0


def test_a_country_may_go_by_other_names_and_takes_nothing() -> None:
    assert leaning("Was the Norwegian harbour opened?", passage(TEXT)) == 0.0


def test_in_capitals_alone_no_name_is_told() -> None:
    assert leaning("WAS THE HARBOUR OF BREGENZ OPENED?", passage(TEXT)) > -UNNAMED


def test_each_word_that_a_passage_puts_otherwise_counts_up_to_a_few() -> None:
    assert leaning("Was the port opened?", passage(TEXT)) == REWORDED
    assert leaning("Was the port inaugurated?", passage(TEXT)) == 2 * REWORDED
    foreign = "Which enormous telescope photographed distant galaxies through interstellar dust?"
    assert leaning(foreign, passage(TEXT)) == MOST_REWORDED * REWORDED
