"""A judge's opinion: a real chat model over a real server that says what it is told to."""

import pytest

from eval.judge import Judgement, judge, judged_figures, open_judge
from eval.runner import Outcome
from rag.errors import SettingsError
from tests.eval.made import answer, case, fact, outcome, quote
from tests.openai_server import OpenAIServer

OPENED = case("a", fact("1932"))


def untold(_what: str, _done: int, _total: int) -> None: ...


def answered() -> Outcome:
    return outcome(OPENED, answer(quote("opened in 1932")))


def test_the_judge_reads_question_excerpts_and_answer_and_says_one_word(
    openai_server: OpenAIServer,
) -> None:
    openai_server.answers("RIGHT", "<think>Is it WRONG?</think>\n WRONG.\n")
    given = judge([answered(), answered()], open_judge("openai:judge"), untold)
    assert given == [Judgement(True), Judgement(False)]
    prompt = openai_server.requests[0].prompt
    for said in ("When did the bridge open?", "opened in 1932", "opened in 1932 [1]"):
        assert said in prompt
    assert openai_server.requests[0].body["model"] == "judge"


def test_only_answers_to_questions_that_have_one_are_judged(openai_server: OpenAIServer) -> None:
    openai_server.answers("RIGHT")
    outcomes = [
        outcome(case("b", expect="refuse"), answer(quote("Trams"))),
        outcome(OPENED, answer(), missing=[0]),
        outcome(OPENED, None, error="gone", missing=[0]),
        answered(),
    ]
    given = judge(outcomes, open_judge("openai:judge"), untold)
    assert given == [None, Judgement(False), Judgement(False), Judgement(True)]
    assert len(openai_server.requests) == 1
    figures = judged_figures(given)
    assert (figures["judged_accuracy"].value, figures["judged_accuracy"].n) == (1 / 3, 3)
    assert figures["judge_errors"].value == 0


@pytest.mark.parametrize("said", ["right", "RIGHT, because it says so", "RIGHT WRONG", "Yes"])
def test_any_other_reply_is_an_error_of_the_judge(openai_server: OpenAIServer, said: str) -> None:
    openai_server.answers(said)
    (given,) = judge([answered()], open_judge("openai:judge"), untold)
    assert given is not None
    assert not given.right
    assert "neither RIGHT nor WRONG" in (given.error or "")


def test_a_judge_out_of_reach_fails_its_case_alone_and_is_counted(
    openai_server: OpenAIServer,
) -> None:
    openai_server.misbehaves("forbidden").answers("RIGHT")
    given = judge([answered(), answered()], open_judge("openai:judge"), untold)
    assert [one.right for one in given if one] == [False, True]
    figures = judged_figures(given)
    assert (figures["judged_accuracy"].value, figures["judged_accuracy"].n) == (0.5, 2)
    assert (figures["judge_errors"].value, figures["judge_errors"].n) == (1, 2)


@pytest.mark.parametrize("name", ["no-such-model", "nobody:model", "extractive", "openai:judge"])
def test_what_cannot_be_a_judge_is_named_at_once(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SettingsError, match=name):
        open_judge(name)
