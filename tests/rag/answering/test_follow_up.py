"""Follow-ups by the plain rule, about matters that no article of ours is about."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.cases import load
from rag.answering.follow_up import TURNS, rewritten
from rag.records import Turn
from rag.service import Service

BRIDGE = (
    Turn("user", "Who designed the bridge in Porto?"),
    Turn("assistant", "It was designed by Théophile Seyrig, a Belgian engineer. [1]"),
)
PAIR = (
    Turn("user", "Did Marie Curie and Lise Meitner meet in Berlin?"),
    Turn("assistant", "Yes, they met twice. [1][2]"),
)
PRIZE = (
    Turn("user", "How many French poets won the 12th Grand Prize of Lyon?"),
    Turn("assistant", "Three of them won it. [1]"),
)


@pytest.mark.parametrize(
    ("conversation", "question", "alone"),
    [
        (BRIDGE, "When was he born?", "When was Théophile Seyrig born?"),
        (BRIDGE, "Is his brother known?", "Is Théophile Seyrig's brother known?"),
        (BRIDGE, "What did he build there?", "What did Théophile Seyrig build in Porto?"),
        (PAIR, "How long did they talk?", "How long did Marie Curie and Lise Meitner talk?"),
        (PAIR, "And why?", "Why: Did Marie Curie and Lise Meitner meet in Berlin?"),
        (PAIR, "What about Otto Hahn?", "Did Otto Hahn and Lise Meitner meet in Berlin?"),
        (PRIZE, "And from Spain?", "How many poets won the 12th Grand Prize of Lyon from Spain?"),
        (PRIZE, "Who won the 13th?", "Who won the 13th Grand Prize of Lyon?"),
    ],
)
def test_what_is_left_out_is_named(
    conversation: tuple[Turn, ...], question: str, alone: str
) -> None:
    assert rewritten(question, conversation) == alone


@pytest.mark.parametrize(
    "question",
    [
        "When did Seyrig say that he would build it?",
        "Which engineer lost his job in Paris?",
        "Is there a bridge in Lisbon?",
        "What did the city do after its flood?",
        "who built the eiffel tower and when was it opened",
        "What was decided this year in Porto?",
        "Which of the missiles that were shown reach Berlin?",
    ],
)
def test_what_stands_alone_is_left_as_it_is(question: str) -> None:
    assert rewritten(question, BRIDGE) == question


def test_nothing_changes_where_nothing_was_said() -> None:
    assert rewritten("And when was he born?", ()) == "And when was he born?"
    assert rewritten("Why?", [Turn("assistant", "Hello. [1]")]) == "Why?"


def test_a_follow_up_of_a_follow_up_is_understood() -> None:
    asked = (*BRIDGE, Turn("user", "When was he born?"), Turn("assistant", "In 1843. [1]"))
    assert rewritten("Where did he die?", asked) == "Where did Théophile Seyrig die?"


def test_only_the_last_turns_are_read() -> None:
    filler = [Turn("user", "Which rivers are long?"), Turn("assistant", "Several are.")] * TURNS
    assert "Seyrig" not in rewritten("When was he born?", [*BRIDGE, *filler])


@given(st.text(max_size=60), st.lists(st.text(max_size=80), max_size=5))
def test_any_text_gives_one_line_of_bounded_length(question: str, said: list[str]) -> None:
    question = " ".join(question.split())
    turns = [Turn("user" if n % 2 == 0 else "assistant", text) for n, text in enumerate(said)]
    alone = rewritten(question, turns)
    assert "\n" not in alone
    assert len(alone) < 2000


def test_hardly_any_question_of_the_seeds_that_stands_alone_is_changed(
    seeds_service: Service,
) -> None:
    texts = {one.source: seeds_service.article(one.source).text for one in seeds_service.sources()}
    cases = load(Path(__file__).parents[3] / "eval/cases/seeds.jsonl", texts).cases
    alone = [case.question for case in cases if not case.conversation]
    changed = [question for question in alone if rewritten(question, BRIDGE) != question]
    assert len(changed) <= 0.02 * len(alone), changed
