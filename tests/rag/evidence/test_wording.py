"""Wording: what a question's names and words lean to, beside those of a passage."""

import pytest

from rag.evidence.wording import MOST_REWORDED, REWORDED, UNNAMED, leaning
from rag.records import Passage

TEXT = "The harbour of Lindau was opened in 1856 by Alexey Feld. Ships from Austria call daily."


def passage(context: str = "") -> Passage:
    return Passage(
        chunk_id=1,
        source="a.txt",
        title="Harbours",
        date=None,
        sha256="abc",
        text=TEXT,
        start=0,
        end=len(TEXT),
        line=1,
        context=context,
        score=1.0,
        sentences=(),
    )


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
    assert leaning(question, passage()) == 0.0


def test_a_passage_that_lacks_whom_the_question_names_leans_from_it() -> None:
    asked = "Was the harbour of Bregenz opened?"
    assert leaning(asked, passage()) == -UNNAMED
    assert leaning("Was the harbour opened by Anton Feld?", passage()) == -UNNAMED
    assert leaning(asked, passage(context="Lake Constance – Bregenz")) == 0.0


def test_a_country_may_go_by_other_names_and_takes_nothing() -> None:
    assert leaning("Was the Norwegian harbour opened?", passage()) == 0.0


def test_in_capitals_alone_no_name_is_told() -> None:
    assert leaning("WAS THE HARBOUR OF BREGENZ OPENED?", passage()) > -UNNAMED


def test_each_word_that_a_passage_puts_otherwise_counts_up_to_a_few() -> None:
    assert leaning("Was the port opened?", passage()) == REWORDED
    assert leaning("Was the port inaugurated?", passage()) == 2 * REWORDED
    foreign = "Which enormous telescope photographed distant galaxies through interstellar dust?"
    assert leaning(foreign, passage()) == MOST_REWORDED * REWORDED
